"""Sentences and what becomes of every word, per language."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_dictionaries import LEXICON, small_dictionaries, small_dictionary

from sign_models.dictionary import MAX_CHARACTERS, SignDictionary, coverage, doubt, load
from sign_models.errors import SignError
from sign_models.languages import language
from sign_models.types import Hint


@pytest.fixture
def dictionaries() -> dict[str, SignDictionary]:
    return small_dictionaries()


@pytest.fixture
def ase() -> SignDictionary:
    return small_dictionary("ase")


@pytest.fixture
def gsg() -> SignDictionary:
    return small_dictionary("gsg")


MARK = {"exact": "", "lemma": "~", "compound": "+", "near": "?", "number": "#", "spelled": "", "left out": ""}


def shown(hints: list[Hint]) -> str:
    """ "word=GLOSS", with a sign for the rule; words left out as "word=0"."""
    return " | ".join(f"{hint.word}={MARK[hint.how]}{hint.gloss or 0}" for hint in hints)


ENGLISH = [
    ("Hello, what is your name?", "Hello=HELLO | what=WHAT | is=0 | your=YOUR | name=NAME"),
    ("I don't like tea", "I=I | don't like=DONT-LIKE | tea=TEA"),
    ("He doesn't like it", "He=HE | doesn't like=~DONT-LIKE | it=HE"),
    ("I do not understand", "I=I | do=0 | not=NOT | understand=UNDERSTAND"),
    ("I do", "I=I | do=DO"),
    ("Do you want tea?", "Do=0 | you=YOU | want=WANT | tea=TEA"),
    ("I can\u2019t go", "I=I | can=CAN | \u2019t=NOT | go=GO"),
    ("I'm happy", "I=I | 'm=0 | happy=HAPPY"),
    ("It's good", "It=HE | 's=0 | good=GOOD"),
    ("I have eaten", "I=I | have=0 | eaten=~EAT"),
    ("We have a dog", "We=WE | have=HAVE | a=0 | dog=DOG"),
    ("He woke up", "He=HE | woke up=~WAKE-UP"),
    ("good morning", "good morning=GOOD-MORNING"),
    ("ice-cream, ice cream", "ice-cream=ICE-CREAM | ice cream=ICE-CREAM"),
    ("good, morning", "good=GOOD | morning=MORNING"),
    ("children bought books", "children=~CHILD | bought=~BUY | books=~BOOK"),
    ("happily sadness", "happily=?HAPPY | sadness=?SAD"),
    ("tomorow helo", "tomorow=?TOMORROW | helo=?HELLO"),
    ("23 dogs", "23=#2 3 | dogs=~DOG"),
    ("twenty-three, two hundred and five", "twenty-three=#2 3 | two hundred and five=#2 HUNDRED 5"),
    ("1,250 and 10", "1,250=#1 THOUSAND 2 HUNDRED 5 0 | and=A-N-D | 10=#10"),
    ("3.5", "3.5=#3 P O I N T 5"),
    ("007", "007=#0 0 7"),
    ("1st 5th", "1st=#FIRST | 5th=#5"),
    ("at 3:30", "at=0 | 3:30=#TIME 3 3 0"),
    ("at 3:00", "at=0 | 3:00=#TIME 3"),
    ("555-1234, 10-12", "555=#5 5 5 | 1234=#1 2 3 4 | 10=#10 | 12=#1 2"),
    ("50% $5", "50=#5 0 | %=PERCENT | $=DOLLAR | 5=#5"),
    ("Dr. Smith and Zoë", "Dr.=D-R | Smith=S-M-I-T-H | and=A-N-D | Zoë=Z-O-E"),
    ("e.g. mp4", "e.g.=FOR-EXAMPLE | mp4=M-P-4"),
    ("My name is Will", "My=MY | name=NAME | is=0 | Will=W-I-L-L"),
    ('He said "the"', "He=HE | said=S-A-I-D | the=T-H-E"),
    ("hello <b>you</b> 😀", "hello=HELLO | <b>=0 | you=YOU | </b>=0 | 😀=0"),
    ("hello мир 你好", "hello=HELLO | мир=0 | 你好=0"),
    ("go\x00to\x07www.example.com", "go=GO | \x00=0 | to=0 | \x07=0 | www.example.com=0"),
    ("The light in a dark room", "The=0 | light=LIGHT | in=0 | a=0 | dark=D-A-R-K | room=R-O-O-M"),
    ("A light bag", "A=0 | light=LIGHT-WEIGHT | bag=B-A-G"),
    ("There are dogs", "There=0 | are=0 | dogs=~DOG"),
    ("It's 25 degrees", "It=0 | 's=0 | 25=#2 5 | degrees=D-E-G-R-E-E-S"),
    ("Let's eat", "Let's=WE | eat=EAT"),
    ("I've got a dog", "I=I | 've=0 | got=HAVE | a=0 | dog=DOG"),
    ("call 911", "call=C-A-L-L | 911=#9 1 1"),
]
GERMAN = [
    ("Ich rufe dich an", "Ich=ICH | rufe=ANRUFEN | dich=DU | an=0"),
    ("Ich rufe dich", "Ich=ICH | rufe=~RUFEN | dich=DU"),
    ("Ich höre auf", "Ich=ICH | höre=A-U-F-H-Ö-R-E-N | auf=0"),
    ("Er will aufstehen", "Er=E-R | will=W-I-L-L | aufstehen=AUFSTEHEN"),
    ("Regenwolken", "Regenwolken=+REGEN WOLKE"),
    ("Hochzeit", "Hochzeit=H-O-C-H-Z-E-I-T"),
    ("Westwind", "Westwind=W-E-S-T-W-I-N-D"),
    ("Guten Tag, Herr Koch", "Guten Tag=GUTEN-TAG | Herr=H-E-R-R | Koch=K-O-C-H"),
    ("Der Koch", "Der=0 | Koch=KOCH"),
    ("Häuser haeuser", "Häuser=~HAUS | haeuser=H-A-E-U-S-E-R"),
    ("schön schoen", "schön=SCHÖN | schoen=SCHÖN"),
    ("heute Morgen", "heute=HEUTE | Morgen=MORGEN-FRÜH"),
    ("ich gehe morgen", "ich=ICH | gehe=~GEHEN | morgen=MORGEN"),
    ("Schule Straße", "Schule=SCHULE | Straße=S-T-R-A-ß-E"),
    ("Jürgen Schmidt", "Jürgen=J-Ü-R-G-E-N | Schmidt=SCH-M-I-D-T"),
    ("0 0,5", "0=#0 | 0,5=#0 K O M M A 5"),
    ("dreiundzwanzig und 1.250", "dreiundzwanzig=#3 20 | und=UND | 1.250=#TAUSEND 2 HUNDERT 5 0"),
    ("12 31 300", "12=#12 | 31=#1 30 | 300=#3 HUNDERT"),
    ("am 12.5. um 15.30 Uhr", "am=0 | 12.5.=#12 MAI | um=0 | 15.30 Uhr=#5 10 UHR 30"),
    ("Ich habe gegessen", "Ich=ICH | habe=0 | gegessen=~ESSEN"),
    ("Ich habe Zeit", "Ich=ICH | habe=~HABEN | Zeit=ZEIT"),
    ("Wir sind gefahren", "Wir=WIR | sind=0 | gefahren=G-E-F-A-H-R-E-N"),
    ("nach dem Essen", "nach=D-A-N-A-C-H | dem=0 | Essen=ESSEN"),
    ("-5 Grad z.B. 50%", "-=MINUS | 5=#5 | Grad=GRAD | z.B.=BEISPIEL | 50=#5 0 | %=P-R-O-Z-E-N-T"),
    ("Ich heiße Kaffee, heiße Suppe", "Ich=ICH | heiße=NAME | Kaffee=K-A-F-F-E-E | heiße=H-E-I-ß-E | Suppe=S-U-P-P-E"),
]
CHINESE = [
    ("你好，你叫什么名字？", "你好=你好 | 你=你 | 叫=0 | 什么=什么 | 名字=名字"),
    ("我叫王小明。", "我=我 | 叫=叫 | 王小明=W-A-NG-X-I-A-O-M-I-NG"),
    ("我不喜欢茶", "我=我 | 不=不 | 喜欢=喜欢 | 茶=茶"),
    ("不客气", "不客气=不客气"),
    ("一个人", "一=#1 | 个=0 | 人=人"),
    ("这本书", "这=这 | 本=0 | 书=书"),
    ("我买了三个苹果吗", "我=我 | 买=买 | 了=0 | 三=#3 | 个=0 | 苹果=苹果 | 吗=0"),
    ("下雨天", "下雨天=+下雨 天"),
    ("高高兴兴", "高高兴兴=~高兴"),
    ("二十三 105 两百零五", "二十三=#2 10 3 | 105=#1 百 0 5 | 两百零五=#2 百 0 5"),
    ("2024年5月12日", "2024=#2 0 2 4 | 年=年 | 5=#5 | 月=月 | 12=#10 2 | 日=日"),
    ("3点 3:30", "3点=#3 | 3:30=#3 3 10"),
    ("你去不去学校", "你=你 | 去=去 | 不=0 | 去=0 | 学校=学校"),
    ("有没有咖啡", "有=Y-O-U | 没=0 | 有=0 | 咖啡=咖啡"),
    ("我二十五岁", "我=我 | 二十五=#2 10 5 | 岁=S-U-I"),
    ("不错", "不错=B-U-C-U-O"),
    ("我和你", "我=我 | 和=0 | 你=你"),
    ("一杯茶", "一=#1 | 杯=0 | 茶=茶"),
    ("去三次", "去=去 | 三=#3 | 次=0"),
    ("上海 WiFi", "上海=SH-A-NG-H-A-I | WiFi=W-I-F-I"),
    ("绿", "绿=L-U"),
]
CASES = [(code, *case) for code, cases in (("ase", ENGLISH), ("gsg", GERMAN), ("csl", CHINESE)) for case in cases]


@pytest.mark.parametrize(("code", "text", "expected"), CASES, ids=[f"{code}-{text}" for code, text, _ in CASES])
def test_every_word_is_answered(dictionaries: dict[str, SignDictionary], code: str, text: str, expected: str) -> None:
    assert shown(dictionaries[code].find(text)) == expected


ORDERED = [
    ("ase", "What is your name?", "is=0 | your=YOUR | name=NAME | What=WHAT"),
    ("ase", "How old are you?", "are=0 | you=YOU | How=HOW | old=OLD"),
    ("ase", "I do not understand you", "I=I | do=0 | understand=UNDERSTAND | not=NOT | you=YOU"),
    ("ase", "I go to school tomorrow", "tomorrow=TOMORROW | I=I | go=GO | to=0 | school=SCHOOL"),
    ("ase", "I eat before I go", "I=I | eat=EAT | before=B-E-F-O-R-E | I=I | go=GO"),
    (
        "gsg",
        "Ich trinke Kaffee und ich esse",
        "Ich=ICH | Kaffee=KAFFEE | trinke=~TRINKEN | und=UND | ich=ICH | esse=~ESSEN",
    ),
    ("ase", "I drink tea, but we eat now", "I=I | drink=DRINK | tea=TEA | but=BUT | now=NOW | we=WE | eat=EAT"),
    ("ase", "It is $5", "It=HE | is=0 | 5=#5 | $=DOLLAR"),
    ("gsg", "Ich trinke keinen Kaffee", "Ich=ICH | Kaffee=KAFFEE | trinke=~TRINKEN | keinen=~NICHT"),
    ("gsg", "Wo kaufst du heute Kaffee?", "heute=HEUTE | du=DU | Kaffee=KAFFEE | kaufst=~KAUFEN | Wo=WO"),
    (
        "gsg",
        "Nach dem Essen trinke ich Kaffee",
        "dem=0 | Essen=ESSEN | Nach=D-A-N-A-C-H | ich=ICH | Kaffee=KAFFEE | trinke=~TRINKEN",
    ),
    ("csl", "我不喜欢茶", "我=我 | 喜欢=喜欢 | 不=不 | 茶=茶"),
    ("csl", "我明天去学校", "明天=明天 | 我=我 | 去=去 | 学校=学校"),
    ("csl", "你叫什么名字？", "你=你 | 叫=0 | 名字=名字 | 什么=什么"),
]


@pytest.mark.parametrize(("code", "text", "expected"), ORDERED)
def test_word_order_rules(dictionaries: dict[str, SignDictionary], code: str, text: str, expected: str) -> None:
    ordered = [hint for sentence in dictionaries[code].read(text) for hint in sentence.hints]
    assert shown(ordered) == expected
    plain = [hint for sentence in dictionaries[code].read(text, reorder=False) for hint in sentence.hints]
    assert plain == dictionaries[code].find(text)
    assert sorted(hint.span for hint in ordered) == [hint.span for hint in plain]


MOODS = [
    ("ase", "Where are you?", "wh_question", False),
    ("ase", "where are you", "wh_question", False),
    ("ase", "Hello, what is your name?", "wh_question", False),
    ("ase", "Do you like tea", "yes_no_question", False),
    ("ase", "You like tea?", "yes_no_question", False),
    ("ase", "So do I.", "statement", False),
    ("ase", "What a day!", "statement", False),
    ("ase", "When you are happy, we go.", "statement", False),
    ("ase", "I never eat", "statement", True),
    ("ase", "Don't you like tea?", "yes_no_question", True),
    ("gsg", "Hast du Zeit", "yes_no_question", False),
    ("gsg", "Wie heißt du", "wh_question", False),
    ("gsg", "Mit wem gehst du?", "wh_question", False),
    ("gsg", "Heute gehe ich nicht.", "statement", True),
    ("gsg", "Ich habe keinen Hund", "statement", True),
    ("csl", "你喜欢茶吗", "yes_no_question", False),
    ("csl", "你去不去学校", "yes_no_question", False),
    ("csl", "他是谁？", "wh_question", False),
    ("csl", "我不去", "statement", True),
    ("csl", "不客气", "statement", False),
]


@pytest.mark.parametrize(("code", "text", "mood", "negated"), MOODS)
def test_mood_and_negation(
    dictionaries: dict[str, SignDictionary], code: str, text: str, mood: str, negated: bool
) -> None:
    (sentence,) = dictionaries[code].read(text)
    assert (sentence.mood, sentence.negated) == (mood, negated)


SPLITS = [
    ("ase", "Hello. How are you? Good!", ["Hello.", "How are you?", "Good!"]),
    ("ase", "Dr. Smith has 3.5 books, e.g. this one. Good.", ["Dr. Smith has 3.5 books, e.g. this one.", "Good."]),
    ("ase", "We meet at 3 p.m. He knows.", ["We meet at 3 p.m.", "He knows."]),
    ("ase", "Well... maybe. J. Smith", ["Well... maybe.", "J. Smith"]),
    ("ase", 'He said "go." Now we go', ['He said "go."', "Now we go"]),
    ("ase", "hello\n\nyou", ["hello", "you"]),
    ("ase", "hello 😀! 😀", ["hello 😀! 😀"]),
    ("gsg", "Am 3. Mai gehe ich. Um 5 Uhr.", ["Am 3. Mai gehe ich.", "Um 5 Uhr."]),
    ("gsg", "Ich habe 3. Du hast 4.", ["Ich habe 3.", "Du hast 4."]),
    ("csl", "你好！你叫什么名字？我是聋人。", ["你好！", "你叫什么名字？", "我是聋人。"]),
]


@pytest.mark.parametrize(("code", "text", "expected"), SPLITS)
def test_sentences(dictionaries: dict[str, SignDictionary], code: str, text: str, expected: list[str]) -> None:
    sentences = dictionaries[code].read(text)
    assert [sentence.text for sentence in sentences] == expected
    assert [text[slice(*sentence.span)] for sentence in sentences] == expected


REFUSED = [
    ("ase", "", "type a sentence"),
    ("ase", " \n\t ", "type a sentence"),
    ("ase", "a" * (MAX_CHARACTERS + 1), f"{MAX_CHARACTERS:,}"),
    ("ase", "x" * 20_000, "20,000"),
    ("ase", "😀🎉", "no word"),
    ("ase", "?!…", "no word"),
    ("ase", "<br><br>", "no word"),
    ("ase", "你好", "CSL"),
    ("gsg", "你好，你叫什么名字？", "CSL"),
    ("csl", "Hello, how are you?", "ASL"),
    ("ase", "Привет мир", "П"),
    ("gsg", "a" * 41, "at most 40"),
]


@pytest.mark.parametrize(("code", "text", "part"), REFUSED)
@pytest.mark.parametrize("ask", ["read", "find"])
def test_bad_text_is_refused_in_one_sentence(
    dictionaries: dict[str, SignDictionary], code: str, text: str, part: str, ask: str
) -> None:
    with pytest.raises(SignError) as error:
        getattr(dictionaries[code], ask)(text)
    assert part in str(error.value)
    assert len(str(error.value)) < 200


def test_function_words_alone_are_spelled(ase: SignDictionary) -> None:
    assert [hint.status for hint in ase.find("the")] == ["spelled"]


def test_near_answers_tell_likeness_and_threshold(ase: SignDictionary) -> None:
    (hint,) = ase.find("tomorow")
    assert "tomorrow" in hint.reason
    assert "0.75 is asked" in hint.reason


@pytest.mark.parametrize("word", ["hello1x", "rainy", "schoolteacher", "likelihood", "eats4", "world", "unhappy", "yo"])
def test_no_near_answer_by_substring_or_for_other_words(ase: SignDictionary, word: str) -> None:
    (hint,) = ase.find(word)
    assert hint.how == "spelled"


def test_names_are_not_taken_for_mistyped_words(ase: SignDictionary, gsg: SignDictionary) -> None:
    assert ase.find("I meet Helo")[-1].status == "spelled"
    assert gsg.find("Hunt")[0].status == "spelled"


def test_same_word_in_another_language_is_not_found(gsg: SignDictionary) -> None:
    assert gsg.find("coffee school")[0].status == "spelled"


ALPHABET = st.one_of(
    st.characters(),
    st.sampled_from(list("aehloäß你我不去吗三个2 .,!?-'’%$€<>/&;:@\n\t\x00\u200d\u0301\ufe0f😀①½٣Яñﬁ")),
)
PIECES = """hello not do you n't don't 3:30 12.5. 1,000 1.000,5 $5 -5 e.g. Dr. p.m. what Regenwolken rufe an z.B. 你好
三百零五 去不去 第三 <b> &amp; a.b@c.de www.x.org ... 😀 23rd twenty three hundred million eine Million 万 亿 零 〇〇"""
WORDS = st.sampled_from(PIECES.split())
TEXTS = st.one_of(
    st.text(ALPHABET, max_size=60), st.lists(st.one_of(WORDS, st.text(ALPHABET, max_size=4))).map(" ".join)
)


@pytest.mark.parametrize("code", ["ase", "gsg", "csl"])
@settings(max_examples=150, deadline=None)
@given(text=TEXTS)
def test_any_text_gets_an_answer_for_each_word_or_one_sentence(code: str, text: str) -> None:
    dictionary = small_dictionary(code)
    try:
        sentences = dictionary.read(text)
    except SignError:
        return
    hints = sorted((hint for sentence in sentences for hint in sentence.hints), key=lambda hint: hint.span)
    covered: set[int] = set()
    for hint in hints:
        assert hint.word == text[slice(*hint.span)] != ""
        assert covered.isdisjoint(range(*hint.span))
        covered.update(range(*hint.span))
        assert (hint.status == "left_out") == (not hint.entries)
        assert hint.reason.strip()
    assert all(i in covered for i, character in enumerate(text) if character.isalnum())
    assert all(any(hint.entries for hint in sentence.hints) for sentence in sentences)
    assert all(text[slice(*sentence.span)] == sentence.text for sentence in sentences)


def test_iterable_with_letters(gsg: SignDictionary) -> None:
    assert len(gsg) == len(list(gsg)) > 90
    sch = gsg.letter("sch")
    assert sch is not None
    assert sch.letter == "SCH"
    assert gsg.letter("Я") is None


def test_doubt_about_the_language() -> None:
    assert "DGS" in doubt("Ich bin nicht müde und du bist es auch nicht", language("ASL"))
    assert "ASL" in doubt("What is the name of the dog", language("DGS"))
    assert doubt("What is the name of the dog", language("ASL")) == ""


def test_coverage_counts_and_names_what_is_missing(ase: SignDictionary) -> None:
    report = coverage("Hello you.\nMaybe the zebra, maybe a dog!\n\n😀\n", ase)
    assert (report.words, report.signed, report.spelled, report.left_out) == (9, 3, 3, 3)
    assert report.missing[0] == ("maybe", 2, "spelled")
    assert "maybe" in report.table()
    assert report.rules["exact"] == 3


def test_many_threads_get_the_answers_of_one(dictionaries: dict[str, SignDictionary]) -> None:
    work = [(code, text) for code, text, _ in CASES] * 4
    alone = [shown(dictionaries[code].find(text)) for code, text in work]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda job: shown(dictionaries[job[0]].find(job[1])), work))
    assert together == alone


def test_eight_words_are_read_in_under_20_ms(dictionaries: dict[str, SignDictionary]) -> None:
    texts = {
        "ase": "Hello, what do you want to eat today?",
        "gsg": "Ich rufe dich morgen nicht mehr an heute",
        "csl": "我们明天一起去学校喝咖啡好吗",
    }
    for code, text in texts.items():
        dictionaries[code].read(text)
        start = time.perf_counter()
        for _ in range(10):
            dictionaries[code].read(text)
        assert (time.perf_counter() - start) / 10 < 0.020


def test_own_dictionary_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGN_MODELS_ASSETS", str(assets(tmp_path)))
    own = tmp_path / "own.csv"
    own.write_text("gloss,hamnosys,lemmas\nMY-HELLO,hamflathand,hello; zebra\n", encoding="utf-8")
    dictionary = load("ASL", own)
    assert shown(dictionary.find("hello zebra you")) == "hello=MY-HELLO | zebra=MY-HELLO | you=YOU"
    assert shown(load("ASL").find("hello")) == "hello=HELLO"


def assets(folder: Path) -> Path:
    lexicon = folder / "assets" / "lexicon"
    lexicon.mkdir(parents=True)
    for file in LEXICON.glob("*.toml"):
        (lexicon / file.name).write_bytes(file.read_bytes())
    return folder / "assets"


def test_a_locale_without_utf8_changes_nothing(tmp_path: Path, dictionaries: dict[str, SignDictionary]) -> None:
    texts = {"ase": "Helo, went", "gsg": "Regenwolken für Jürgen", "csl": "我叫王小明"}
    program = (
        "from sign_models.dictionary import load\n"
        f"for code, text in {texts!a}.items():\n"
        "    print(ascii([hint.gloss for hint in load(code).find(text)]))"
    )
    environment = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environment["SIGN_MODELS_ASSETS"] = str(assets(tmp_path))
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program], env=environment, capture_output=True, check=True, text=True
    )
    expected = [ascii([hint.gloss for hint in dictionaries[code].find(text)]) for code, text in texts.items()]
    assert done.stdout.splitlines() == expected
    assert done.stderr == ""
