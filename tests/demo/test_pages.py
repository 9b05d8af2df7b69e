from demo import pages
from sign_models.types import Entry, Hint

NASTY = '<img src=x onerror="alert(1)">&'


def test_no_user_text_becomes_markup() -> None:
    entry = Entry(gloss=NASTY, language="ase", hamnosys="")
    hint = Hint(NASTY, (0, 4), "signed", "exact", NASTY, (entry,))
    for html in (pages.words_table((hint,)), pages.problem(NASTY), pages.done(NASTY), pages.working(NASTY, 0.5),
                 pages.downloads([(NASTY, NASTY, NASTY)])):  # fmt: skip
        assert "<img" not in html
        assert "&lt;img" in html


def test_every_word_has_a_row_with_its_status_in_words() -> None:
    hints = (
        Hint("hello", (0, 5), "signed", "exact", "found", (Entry("HELLO", "ase", ""),)),
        Hint("Anna", (6, 10), "spelled", "spelled", "a name", tuple(Entry(x, "ase", "", letter=x) for x in "ANNA")),
        Hint("the", (11, 14), "left_out", "left out", "an article"),
    )
    html = pages.words_table(hints)
    assert html.count("<tr class=") == 3
    for text in ("Signed", "Finger-spelled", "Left out", "A-N-N-A", "an article"):
        assert text in html
