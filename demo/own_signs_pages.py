"""The pieces of "Your own signs" that are plain HTML, with every user's word escaped."""

from html import escape
from urllib.parse import quote

from demo.own_signs import FILE, listed
from sign_models.dictionary.importing import Import, Row
from sign_models.languages import LANGUAGES

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
    items = "".join(_item(row) for row in found.rows)
    return (
        f'<p class="status" role="status">{escape(summary)}</p>'
        f'<ul class="imported" tabindex="0" aria-label="Sign by sign">{items}</ul>'
    )


def _item(row: Row) -> str:
    mark, became = ("✓", "Taken") if row.usable else ("–", "Not taken")
    facts = [row.error] if row.error else _facts(row)
    told = f"{became}: {'; '.join(facts)}" if facts else became
    return (
        f'<li><span class="place">{escape(row.place)}</span><span aria-hidden="true">{mark}</span> '
        f"<strong>{escape(row.gloss)}</strong> {escape(told)}</li>"
    )


def _facts(row: Row) -> list[str]:
    """What measuring its motion gave."""
    made = row.made
    if made is None:
        return []
    asked, met = len(made.contacts), len(made.contacts) - len(made.missed)
    contacts = [f"{met} of {asked} contacts made"] if asked else []
    return [*(["within all limits"] if made.sound else []), *contacts, *made.faults()]


def _signs(count: int) -> str:
    return "sign" if count == 1 else "signs"


def _title(code: str) -> str:
    return LANGUAGES[code].name if code in LANGUAGES else code
