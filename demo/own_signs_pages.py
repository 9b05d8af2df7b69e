"""The pieces of "Your own signs" that are plain HTML, with every user's word escaped."""

from html import escape
from urllib.parse import quote

from demo.own_signs import FILE, listed
from sign_models.dictionary.importing import Import, Row
from sign_models.languages import LANGUAGES

HEADS = ("Where", "Sign", "Read", "Motion", "Within limits", "Contacts", "What is wrong")
NAMED = 12
"""Signs that are listed by name."""


def having(text: str) -> str:
    """What this browser keeps. text: of ``own_signs``."""
    signs = listed(text)
    if not signs:
        return '<p class="status">This browser keeps no signs of yours yet.</p>'
    names = [f"{_title(str(one.get('language', '')))} {one.get('gloss', '')}" for one in signs]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    address = f"data:text/plain;charset=utf-8,{quote(text)}"
    return (
        f'<p class="status">{len(signs)} of your own take part in what you sign: '
        f"{escape(', '.join(names[:NAMED]))}{more}. They are kept in this browser alone. "
        f'<a href="{escape(address)}" download="{FILE}">Download {FILE}</a></p>'
    )


def report(found: Import, name: str) -> str:
    """What became of each sign of a file."""
    taken = len(found.entries)
    summary = f"{name}: {len(found.rows)} {_signs(len(found.rows))}, {taken} taken, {len(found.rows) - taken} not."
    if found.unnamed:
        whose = "names no language, so it counts" if found.unnamed == 1 else "name no language, so they count"
        summary += f" {found.unnamed} of them {whose} as {found.language.name}, the language chosen on this page."
    rows = "".join(_row(row) for row in found.rows)
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    return (
        f'<p class="status" role="status">{escape(summary)}</p>'
        '<div class="wide imported" tabindex="0" role="region" aria-label="Report of the import">'
        f'<table class="compared"><caption>Sign by sign</caption><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(row: Row) -> str:
    made = row.made
    has = made is not None and made.measures is not None
    limits = _mark(made.sound) if made is not None and has else ""
    contacts = ""
    if made is not None and has:
        asked = len(made.contacts)
        contacts = f"{asked - len(made.missed)} of {asked}" if asked else "none asked"
    wrong = row.error or ("; ".join(made.faults()) if made is not None else "")
    cells = (row.gloss, _mark(row.entry is not None), _mark(row.usable), limits, contacts, wrong)
    listed = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(row.place)}</th>{listed}</tr>'


def _mark(good: bool) -> str:
    return "✓ yes" if good else "– no"


def _signs(count: int) -> str:
    return "sign" if count == 1 else "signs"


def _title(code: str) -> str:
    return LANGUAGES[code].name if code in LANGUAGES else code
