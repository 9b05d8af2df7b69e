"""Pictures put together: panes on one clock, captions below them, letters of every language or a clear refusal."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch
from PIL import Image

from sign_models.errors import SignError
from sign_models.render import Caption, Reel, captioned, side_by_side
from sign_models.render.lettering import MOST_LINES, Lettering, font_for
from sign_models.render.renderer import Picture
from sign_models.types import Video

SIZE = 72


def plain(color: int, length: int, size: int = SIZE, fps: float = 25.0) -> Reel:
    frames = torch.full((length, size, size, 3), color, dtype=torch.uint8)
    frames[..., 0] += torch.arange(length, dtype=torch.uint8)[:, None, None]
    return Reel.of(Video(frames, fps))


def taken(reel: Reel) -> np.ndarray:
    pictures = np.stack(list(reel.pictures))
    assert len(pictures) == reel.count
    return pictures


def test_panes_stand_side_by_side_and_the_shorter_waits_on_its_last_picture() -> None:
    both = taken(side_by_side([plain(40, 5), plain(200, 3)], SIZE))
    assert both.shape == (5, SIZE, 2 * SIZE, 3)
    assert both[:, 0, 0, 0].tolist() == [40, 41, 42, 43, 44]
    assert both[:, -1, -1, 0].tolist() == [200, 201, 202, 202, 202]


def test_panes_of_another_size_and_rate_are_brought_to_the_first_ones_clock() -> None:
    both = taken(side_by_side([plain(40, 4), plain(100, 2, 36, 12.5)], SIZE))
    assert both.shape == (4, SIZE, 2 * SIZE, 3)
    assert both[:, SIZE // 2, -SIZE // 2, 0].tolist() == [100, 100, 101, 101]


def test_titles_stand_above_their_panes() -> None:
    bare, named = (taken(side_by_side([plain(40, 2), plain(200, 2)], SIZE, titles)) for titles in ((), ("One", "Two")))
    bar = named.shape[1] - SIZE
    assert bar > 0
    assert np.array_equal(named[:, bar:], bare)
    assert all(half.max() > 200 for half in (named[0, :bar, :SIZE], named[0, :bar, SIZE:]))


def test_no_picture_to_put_together_is_refused() -> None:
    with pytest.raises(SignError, match="at least one frame"):
        side_by_side([plain(1, 2), Reel(iter(()), 0, 25.0)], SIZE)
    with pytest.raises(SignError, match="at least one frame"):
        side_by_side([], SIZE)


def test_a_caption_stands_below_the_picture_for_its_time_only() -> None:
    told = taken(captioned(plain(120, 10), [Caption(0.08, 0.2, "Hello", ("HELLO",))]))
    bar = told[:, SIZE:]
    assert told.shape[1] % 2 == 0
    assert (told[:, :SIZE, :, 1] == 120).all()  # no hand is covered
    assert [bool((part != bar[0, 0, 0]).any()) for part in bar] == [2 <= frame < 5 for frame in range(10)]


def test_without_text_the_pictures_stay_as_they_are() -> None:
    told = taken(captioned(plain(120, 3), [Caption(0, 1, "  ")]))
    assert np.array_equal(told, taken(plain(120, 3)))


def test_pictures_are_taken_one_by_one() -> None:
    alive: list[int] = []

    def pictures() -> Iterator[Picture]:
        for number in range(50):
            alive.append(number)
            yield np.zeros((SIZE, SIZE, 3), np.uint8)

    reel = captioned(side_by_side([Reel(pictures(), 50, 25.0)], SIZE), [Caption(0, 2, "Hello")])
    for number, _ in enumerate(reel.pictures):
        assert alive[-1] <= number + 1


def lines_of(text: str, width: int = 300) -> list[str]:
    lettering = Lettering([Caption(0, 1, text)], width, 400)
    return [text[start:end] for start, end in lettering._wrapped(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Guten Morgen! Ich möchte einen großen Kaffee, und dann gehe ich nach Hause.", None),
        ("你好，我的名字叫安娜。你想喝咖啡还是茶？今天天气很好，我们一起去公园吧！明天见，老师。", "，。！？"),
    ],
)
def test_lines_break_between_words_and_never_begin_with_a_stop(text: str, parts: Sequence[str] | None) -> None:
    lines = lines_of(text)
    assert "".join(lines) == text
    assert len(lines) > 2
    if parts is None:
        assert all(line.endswith(" ") for line in lines[:-1])
    else:
        assert not [line for line in lines if line[0] in parts]


def test_a_word_without_end_is_broken_rather_than_cut_off() -> None:
    assert "".join(lines_of("x" * 200)) == "x" * 200


def test_a_long_sentence_is_shown_piece_by_piece_with_its_word() -> None:
    text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    first, last = (Caption(0, 1, text, word=span) for span in ((0, 3), (len(text) - 7, len(text))))
    lettering = Lettering([first, last], 120, 200)
    assert len(lettering._wrapped(text)) > MOST_LINES
    assert lettering.height < 60
    assert not np.array_equal(lettering.draw(first), lettering.draw(last))


def test_the_current_word_is_underlined() -> None:
    bare, marked = (Caption(0, 1, "Hello Ana", word=word) for word in (None, (6, 9)))
    lettering = Lettering([bare], 400, 400)
    where = np.argwhere((lettering.draw(bare) != lettering.draw(marked)).any(-1))
    assert where[:, 1].min() > 200  # the second word, not the first
    assert np.ptp(where[:, 0]) < 5


def test_each_of_two_signs_stands_below_its_pane() -> None:
    one = Caption(0, 1, "", ("A-N-N-A", "MOTHER: not learned by the video network" * 3))
    bar = Lettering([one], 400, 200).draw(one)
    lit = [np.argwhere((half == (169, 205, 247)).all(-1)) for half in (bar[:, :200], bar[:, 200:])]
    assert all(len(places) > 50 and places[:, 1].min() > 4 and places[:, 1].max() < 196 for places in lit)


@pytest.mark.parametrize("text", ["Hello, Ann!", "Grüße aus Köln: ß", "你好，谢谢你。安娜龘"[:8], "A-N-N-A …"])
def test_the_shipped_font_writes_all_three_languages(text: str) -> None:
    assert font_for(text).endswith("captions.ttf")


def test_chinese_letters_are_no_boxes() -> None:
    one, other, box = (Lettering([Caption(0, 1, text)], 80, 400).draw(Caption(0, 1, text)) for text in "你好口")
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, box)


def test_letters_that_no_font_has_are_refused_with_the_remedy() -> None:
    with pytest.raises(SignError, match="apt install") as caught:
        captioned(plain(1, 2), [Caption(0, 1, "A \U0010fffd")])
    assert "\n" not in str(caught.value)


def test_what_has_no_shape_is_no_letter() -> None:
    font_for("a\u200b\u2028b\tc\u00a0d\u00ad")
    Image.fromarray(Lettering([Caption(0, 1, "a\nb")], 80, 100).draw(Caption(0, 1, "a\nb")))
