"""Numbers, dates, clock times and everyday sentences as the shipped dictionaries sign them."""

from functools import cache

import pytest

from sign_models.dictionary import SignDictionary, load
from sign_models.types import Hint


@cache
def shipped(code: str) -> SignDictionary:
    return load(code)


def sign(hint: Hint) -> str:
    if hint.status == "spelled":
        return f'"{hint.word}"'
    return "+".join(entry.gloss for entry in hint.entries)


def signed(code: str, text: str) -> str:
    """Glosses in signing order; spelled words in quotes, words that are left out not at all."""
    hints = [hint for sentence in shipped(code).read(text) for hint in sentence.hints]
    return " ".join(sign(hint) for hint in hints if hint.entries)


NUMBERS = {
    "ase": {
        "0": "0",
        "9": "9",
        "10": "10",
        "11": "11",
        "19": "19",
        "20": "20",
        "21": "2+1",
        "30": "30",
        "42": "4+2",
        "66": "6+6",
        "100": "1+HUNDRED",
        "101": "1+HUNDRED+1",
        "115": "1+HUNDRED+15",
        "365": "3+HUNDRED+6+5",
        "999": "9+HUNDRED+9+9",
        "1000": "1+THOUSAND",
        "1,234": "1+THOUSAND+2+HUNDRED+3+4",
        "3.14": "3+POINT+1+4",
        "forty-two": "4+2",
        "a hundred and five": "1+HUNDRED+5",
        "in 1998": "19+9+8",
        "the 1990s": "19+9+0",
        "50%": "5+0 PERCENT",
        "$5": "5 DOLLAR",
    },
    "gsg": {
        "0": "0",
        "10": "10",
        "11": "11",
        "12": "12",
        "16": "16",
        "20": "20",
        "21": "1+20",
        "42": "2+40",
        "33": "3+3",
        "99": "9+9",
        "100": "100",
        "101": "100+1",
        "123": "100+3+20",
        "365": "300+5+60",
        "999": "900+9+9",
        "1000": "1000",
        "1.234": "1000+200+4+30",
        "3,5": "3+KOMMA+5",
        "zweiundvierzig": "2+40",
        "hundertfünf": "100+5",
        "tausend": "1000",
        "im Jahr 1998": "JAHR 19+100+8+90",
        "20 °C": "20 GRAD",
    },
    "csl": {
        "0": "0",
        "10": "10",
        "11": "10+1",
        "20": "20",
        "42": "40+2",
        "70": "7+10",
        "100": "百",
        "101": "1+百+0+1",
        "110": "1+百+1+10",
        "365": "3+百+6+10+5",
        "1000": "千",
        "四十二": "40+2",
        "一百零五": "1+百+0+5",
        "两千零一": "2+千+0+1",
        "一万五千": "1+万+5+千",
        "3.14": "3+小数点+1+4",
        "二零二六年": "2+0+2+6 年",
        "2000年": "2+0+0+0 年",
        "三本书": "3 书",
    },
}

TIMES = {
    "ase": {
        "3:30 pm": "TIME+3+30+AFTERNOON",
        "at 9 p.m.": "TIME+9+NIGHT",
        "at 8am": "TIME+8+MORNING",
        "3 o'clock": "TIME+3",
        "half past three": "TIME+3+30",
        "a quarter to one": "TIME+12+4+5",
        "quarter past six": "TIME+6+15",
        "ten to eight": "TIME+7+5+0",
        "at 7:05": "TIME+7+0+5",
        "November 21": '"November" 2+1',
        "the 21st of November": '"November" 2+1',
        "11/21/2026": "N+O+V+2+1+20+2+6",
    },
    "gsg": {
        "halb drei": "TEIL+3",
        "um halb eins": "TEIL+1",
        "Viertel nach drei": "3+UHR+15",
        "Viertel vor eins": "12+UHR+5+40",
        "Dreiviertel vier": "3+UHR+5+40",
        "fünf nach halb drei": "2+UHR+5+30",
        "zehn vor acht": "7+UHR+50",
        "drei Uhr": "3+UHR",
        "acht Uhr dreißig": "8+UHR+30",
        "15.45 Uhr": "15+UHR+5+40",
        "21. November": '1+20 "November"',
        "am 1.5.": "1+M+A+I",
    },
    "csl": {
        "三点": "时间+3",
        "三点半": "时间+3+半",
        "三点一刻": "时间+3+10+5",
        "差五分八点": "时间+7+50+5",
        "八点二十分": "时间+8+20",
        "8点20分": "时间+8+20",
        "8点半": "时间+8+半",
        "下午三点": "下午 时间+3",
        "15:45": "时间+10+5+40+5",
        "11月21日": "10+1 月 20+1 天",
        "2026-11-21": "2+0+2+6+年+10+1+月+20+1+天",
    },
}

SENTENCES = {
    "ase": {
        "It's raining today.": "TODAY RAIN",
        "It was cold yesterday.": "YESTERDAY COLD",
        "What time is it?": "TIME WHAT",
        "Is it cold?": "COLD",
        "I read in the morning.": "MORNING I READ",
        "That's too expensive.": "THAT TOO-MUCH EXPENSIVE",
        "Me too.": "SIMILAR",
        "They were playing football.": "THEY PLAY FOOTBALL",
        "I would like a sandwich.": "I WANT SANDWICH",
        "She left her phone at home.": "HE-SHE-IT GO HIS-HER CALL HOME",
        "Turn left.": '"Turn" LEFT',
        "I go swimming every Saturday.": "EACH SATURDAY I GO SWIM",
        "I live in New York.": "I LIVE IN NEW-YORK",
        "He has homework.": "HE-SHE-IT HAVE HOME WORK",
    },
    "gsg": {
        "Wie geht es dir?": "DU GUT",
        "Wie heißt du?": "DU NAME",
        "Ich habe kein Auto.": "ICH AUTO KEIN",
        "Ich freue mich.": "ICH FREUEN",
        "Ich sehe dich.": "ICH DU SEHEN",
        "Können Sie mir helfen?": "DU ICH HELFEN KOENNEN",
        "Im Süden gibt es Gewitter.": "SUED BLITZ",
        "Wir fahren nach Berlin.": "WIR BERLIN AUTO",
        "Der Zug kommt um halb acht an.": 'TEIL+8 "Zug" KOMMEN',
        "Kommst du heute Abend?": "HEUTE ABEND DU KOMMEN",
        "Meine Nummer ist 030 1234.": 'MEIN "Nummer" 0+3+0 1+2+3+4',
    },
    "csl": {
        "你叫什么名字？": "你 名字 什么",
        "我姓李。": '我 名字 "李"',
        "她在看书。": "他 看+书",
        "我在北京。": "我 在 北京",
        "汤太热了。": "汤 很 热",
        "我给一点钱。": "我 给 少 钱",
        "现在几点？": "现在 多少",
        "千万别忘了。": "忘记 不",
        "我每个星期六去游泳。": "每 星期六 我 去 游泳",
    },
}


def cases(table: dict[str, dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(code, text, glosses) for code, rows in table.items() for text, glosses in rows.items()]


@pytest.mark.parametrize(("code", "text", "glosses"), cases(NUMBERS))
def test_numbers(code: str, text: str, glosses: str) -> None:
    assert signed(code, text) == glosses


@pytest.mark.parametrize(("code", "text", "glosses"), cases(TIMES))
def test_dates_and_clock_times(code: str, text: str, glosses: str) -> None:
    assert signed(code, text) == glosses


@pytest.mark.parametrize(("code", "text", "glosses"), cases(SENTENCES))
def test_everyday_sentences(code: str, text: str, glosses: str) -> None:
    assert signed(code, text) == glosses


@pytest.mark.parametrize("code", ["ase", "csl", "gsg"])
def test_every_number_to_a_thousand_has_signs(code: str) -> None:
    dictionary = shipped(code)
    for number in range(1001):
        (hint,) = dictionary.find_in_line(str(number))
        assert hint.how == "number", number
        assert len(hint.entries) <= 6, number


def test_what_a_time_leaves_out_says_why() -> None:
    hints = {hint.word: hint for hint in shipped("ase").find("It is cold in 1998.")}
    assert hints["It"].status == hints["in"].status == "left_out"
    assert "points at nothing" in hints["It"].reason
    assert "time" in hints["in"].reason
