"""Numbers: words read in three languages, and built as each signed language builds them."""

import pytest

from sign_models.dictionary.reading.chinese import number as zh
from sign_models.dictionary.reading.english import number as en
from sign_models.dictionary.reading.german import number as de
from sign_models.dictionary.reading.german import ordinal
from sign_models.dictionary.reading.numbers import UNITS, numeral

DIGITS = {str(digit) for digit in range(10)}
SIGNS = DIGITS | {"10"} | set(UNITS.values())


@pytest.mark.parametrize(
    ("words", "value", "took"),
    [
        ("twenty three", "23", 2),
        ("two hundred and five dogs", "205", 4),
        ("a hundred", "100", 2),
        ("hundred", "100", 1),
        ("one thousand two hundred thirty four", "1234", 6),
        ("three million and one", "3000001", 4),
        ("nineteen ninety eight", "19", 1),
        ("zero", "0", 1),
        ("two and three", "2", 1),
        ("a dog", "", 0),
        ("thousand island", "", 0),
        ("", "", 0),
    ],
)
def test_english_number_words(words: str, value: str, took: int) -> None:
    assert en(words.split()) == (value, took)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("dreiundzwanzig", "23"),
        ("einundzwanzig", "21"),
        ("hundert", "100"),
        ("zweihundertfünf", "205"),
        ("neunzehnhundertachtundneunzig", "1998"),
        ("zweitausendvierundzwanzig", "2024"),
        ("dreihunderttausendeinhunderteins", "300101"),
        ("eine million zweitausend", "1002000"),
        ("ein tausend", "1000"),
        ("dreissig", "30"),
        ("eins", "1"),
        ("verwandten", ""),
        ("hund", ""),
        ("undzwanzig", ""),
        ("jahrtausend", ""),
        ("hundertjährig", ""),
    ],
)
def test_german_number_words(words: str, value: str) -> None:
    assert de(words.split())[0] == value


def test_german_ordinals() -> None:
    assert [ordinal(word) for word in ("dritten", "erste", "zwanzigster", "achtes", "reiste")] == [
        "3",
        "1",
        "20",
        "8",
        "",
    ]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("十", "10"),
        ("二十三", "23"),
        ("两百零五", "205"),
        ("一百", "100"),
        ("一千零一", "1001"),
        ("三万五千", "35000"),
        ("二〇二四", "2024"),
        ("零", "0"),
        ("两", "2"),
        ("百", ""),
        ("万一", ""),
        ("一起", ""),
        ("十二十", ""),
        ("一" * 25, ""),
    ],
)
def test_chinese_number_words(word: str, value: str) -> None:
    assert zh([word])[0] == value


@pytest.mark.parametrize(
    ("typed", "ase", "gsg", "csl"),
    [
        ("7", "7", "7", "7"),
        ("13", "1 3", "3 10", "10 3"),
        ("40", "4 0", "4 0", "4 10"),
        ("100", "1 hundred", "hundred", "1 hundred"),
        ("205", "2 hundred 5", "2 hundred 5", "2 hundred 0 5"),
        ("110", "1 hundred 10", "hundred 10", "1 hundred 1 10"),
        ("1000", "1 thousand", "thousand", "1 thousand"),
        ("1001", "1 thousand 1", "thousand 1", "1 thousand 0 1"),
        ("12000", "1 2 thousand", "2 10 thousand", "1 myriad 2 thousand"),
        ("3.05", "3 point 0 5", "3 point 0 5", "3 point 0 5"),
        ("007", "0 0 7", "0 0 7", "0 0 7"),
        ("01761234567", "0 1 7 6 1 2 3 4 5 6 7", "0 1 7 6 1 2 3 4 5 6 7", "0 1 7 6 1 2 3 4 5 6 7"),
    ],
)
def test_numerals_by_language(typed: str, ase: str, gsg: str, csl: str) -> None:
    built = {code: " ".join(numeral(typed, code, SIGNS.__contains__)) for code in ("ase", "gsg", "csl")}
    assert built == {"ase": ase, "gsg": gsg, "csl": csl}


def test_own_signs_of_numbers_come_first() -> None:
    signs = SIGNS | {"11", "20", "23", "30", "19", "98"}
    assert numeral("11", "ase", signs.__contains__) == ["11"]
    assert numeral("123", "ase", signs.__contains__) == ["1", "hundred", "23"]
    assert numeral("31", "gsg", signs.__contains__) == ["1", "30"]
    assert numeral("20", "csl", signs.__contains__) == ["20"]
    assert numeral("27", "csl", signs.__contains__) == ["20", "7"]


@pytest.mark.parametrize(
    ("code", "typed", "expected"),
    [
        ("ase", "1998", "19 98"),
        ("ase", "1905", "19 0 5"),
        ("ase", "1900", "19 hundred"),
        ("ase", "2005", "2 thousand 5"),
        ("ase", "2024", "2 0 2 4"),
        ("gsg", "1998", "19 hundred 98"),
        ("gsg", "2024", "2 thousand 2 4"),
        ("csl", "2024", "2 0 2 4"),
    ],
)
def test_years(code: str, typed: str, expected: str) -> None:
    signs = SIGNS | {"19", "98"}
    assert " ".join(numeral(typed, code, signs.__contains__, year=True)) == expected


@pytest.mark.parametrize("code", ["ase", "gsg", "csl"])
def test_every_number_to_1000_has_signs_and_no_two_the_same(code: str) -> None:
    built = [tuple(numeral(str(n), code, SIGNS.__contains__)) for n in range(1001)]
    assert all(built)
    assert len(set(built)) == len(built)


def test_digits_when_a_unit_has_no_sign_and_nothing_when_a_digit_has_none() -> None:
    assert numeral("205", "ase", DIGITS.__contains__) == ["2", "0", "5"]
    assert numeral("205", "ase", (DIGITS - {"0"}).__contains__) == []
