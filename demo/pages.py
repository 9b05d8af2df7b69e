"""The pieces of the page that are plain HTML, with every user's word escaped."""

from html import escape

from demo.private_paths import without_paths
from sign_models.types import Hint

STATUS = {"signed": "Signed", "spelled": "Finger-spelled", "left_out": "Left out"}
MARK = {"signed": "✓", "spelled": "✎", "left_out": "–"}

HONESTY = (
    "The signer is synthetic: it follows written rules, or a small network trained on them. No Deaf signer has checked "
    "it yet. It is for trying things out and does not replace an interpreter."
)


def words_table(hints: tuple[Hint, ...]) -> str:
    """One row a word: what became of it, the gloss, and why."""
    rows = "".join(
        f'<tr class="{hint.status}"><th scope="row">{escape(hint.word)}</th>'
        f'<td><span aria-hidden="true">{MARK[hint.status]}</span> {STATUS[hint.status]}</td>'
        f"<td>{escape(hint.gloss)}</td><td>{escape(hint.reason)}</td></tr>"
        for hint in hints
    )
    return (
        '<table class="words"><caption>What became of each word</caption><thead><tr><th scope="col">Word</th>'
        '<th scope="col">Result</th><th scope="col">Gloss</th><th scope="col">Why</th></tr></thead>'
        f"<tbody>{rows}</tbody></table>"
    )


def working(stage: str, share: float) -> str:
    """A progress bar with the stage in words; share in 0..1."""
    percent = round(100 * share)
    return (
        f'<div class="status" role="status"><label>{escape(stage)} <span>{percent} %</span>'
        f'<progress max="100" value="{percent}">{percent} %</progress></label></div>'
    )


def done(message: str) -> str:
    return f'<p class="status" role="status">{escape(message)}</p>'


def problem(message: str) -> str:
    return f'<p class="status problem" role="alert"><strong>Not possible:</strong> {escape(without_paths(message))}</p>'


def downloads(links: list[tuple[str, str, str]]) -> str:
    """links: (address, file name, what it is)."""
    items = "".join(
        f'<li><a href="{escape(address)}" download="{escape(name)}">{escape(name)}</a> <span>{escape(what)}</span></li>'
        for address, name, what in links
    )
    return f'<ul class="downloads" aria-label="Downloads">{items}</ul>'
