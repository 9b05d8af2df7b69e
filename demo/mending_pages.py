"""The pieces of "This sign" that are plain HTML, with every word escaped."""

from html import escape
from urllib.parse import quote

from demo.mending import Chosen, symbols
from sign_models.dictionary.keeping import as_toml
from sign_models.types import Entry

SURE = {"high": "sure", "medium": "fairly sure", "low": "not sure"}


def facts(chosen: Chosen) -> str:
    """Which entry was used, why, and what is known of it."""
    used, hint = chosen.used, chosen.hint
    rows = [("Word", hint.word), ("Sign", chosen.cue.gloss), ("Why", hint.reason)]
    if used is not None:
        rows += [("Meant by", ", ".join(used.lemmas)), ("Made like this", used.about or "not described")]
        rows.append(("How sure the author is", SURE[used.sure]))
        rows += [("Only with", used.sense)] if used.sense else []
        rows += [("Face and head", used.nonmanual)] if used.nonmanual else []
    listed = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in rows)
    if used is None:
        told = "<p>The word is spelled by hand. You can write a sign for it below.</p>"
    elif used.clip:
        told = "<p>The sign is a recorded motion; it has no notation.</p>"
    else:
        told = _symbols(used.hamnosys)
    return f'<dl class="facts">{listed}</dl>{told}'


def _symbols(notation: str) -> str:
    items = "".join(f"<li><code>{escape(tag)}</code> {escape(meaning)}</li>" for tag, meaning in symbols(notation))
    return f'<details class="symbols"><summary>Its HamNoSys, symbol by symbol</summary><ol>{items}</ol></details>'


def kept(message: str, entry: Entry | None = None) -> str:
    """What was kept, and how to see it; with an entry, a link to it as a dictionary file."""
    link = ""
    if entry is not None:
        address = f"data:text/plain;charset=utf-8,{quote(as_toml(entry))}"  # so that nothing is left on the server
        link = f' <a href="{escape(address)}" download="my-signs.toml">Download my-signs.toml</a>'
    return f'<p class="status" role="status">{escape(message)} Press “Sign it” to see it in the text.{link}</p>'
