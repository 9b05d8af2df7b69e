"""A gallery of signed examples with the player: one folder, no server, no network, opened by a double click."""

import base64
import json
from collections.abc import Callable
from html import escape
from pathlib import Path

from demo import pages
from sign_models.errors import SignError
from sign_models.export import timeline
from sign_models.languages import LANGUAGES
from sign_models.outputs import studio
from sign_models.paths import asset
from sign_models.registry import sign_text
from sign_models.types import SignResult

HERE = Path(__file__).resolve().parent
PLAYER = HERE.parent / "player"
MODULES = ("elements.js", "clock.js", "captions.js", "shots.js", "scene.js", "controls.js", "pane.js", "player.js")
FILES = (".glb", ".mp4", ".vtt")

Signer = Callable[[str, str], SignResult]
"""(text, language) to a result."""


def examples() -> list[dict[str, str]]:
    """The project's own: {"language", "text"}."""
    return [json.loads(line) for line in asset("examples.jsonl").read_text(encoding="utf-8").splitlines()]


def write_gallery(
    folder: Path, rows: list[dict[str, str]], signer: Signer = sign_text, told: Callable[[str], None] = print
) -> None:
    """Signs the rows into ``folder`` (which exists) and writes the page around them."""
    (folder / "examples").mkdir()
    listed: dict[str, list[dict[str, str]]] = {}
    for number, row in enumerate(rows, 1):
        told(f"{number}/{len(rows)}  {row['text']}")
        code, text = row["language"], row["text"]
        name = f"{code}-{number:02d}"
        _write_example(folder / "examples", name, signer(text, code))
        language = LANGUAGES[code]
        listed.setdefault(f"{language.name} · {language.spoken_title}", []).append(
            {"name": name, "text": text, "lang": language.spoken}
        )
    (folder / "index.html").write_text(_page(listed), encoding="utf-8")
    (folder / "three.LICENSE").write_bytes((PLAYER / "vendor" / "three.LICENSE").read_bytes())


def _write_example(folder: Path, name: str, result: SignResult) -> None:
    for suffix in FILES:
        studio().save(result, folder / f"{name}{suffix}")
    glb = base64.b64encode((folder / f"{name}.glb").read_bytes()).decode()
    spec = {"title": result.text, "glb": glb, **timeline(result)}
    (folder / f"{name}.js").write_text(f"window.signings[{_json(name)}] = {_json(spec)};\n", encoding="utf-8")


def _page(listed: dict[str, list[dict[str, str]]]) -> str:
    page = (HERE / "gallery.html").read_text(encoding="utf-8")
    parts = {"IMPORTS": _json({"imports": _modules()}), "EXAMPLES": _json(listed), "HONESTY": escape(pages.HONESTY)}
    for name, text in parts.items():
        page = page.replace(f"${name}", text)
    return page


def _modules() -> dict[str, str]:
    """The player's modules as addresses that hold their own text: a page without a server may import nothing else."""
    style = _address("text/css", (PLAYER / "player.css").read_text(encoding="utf-8"))
    modules = {"sign-player/three.js": _address("text/javascript", _read("vendor/three.min.js"))}
    for name in MODULES:
        text = _read(name).replace("'./vendor/three.min.js'", "'sign-player/three.js'")
        text = text.replace("new URL('./player.css', import.meta.url).href", f"'{style}'")
        for other in MODULES:
            text = text.replace(f"'./{other}'", f"'sign-player/{other}'")
        if "'./" in text:
            raise SignError(f"demo/player/{name} imports a module that demo/space/gallery.py does not know.")
        modules[f"sign-player/{name}"] = _address("text/javascript", text)
    return modules


def _read(name: str) -> str:
    return (PLAYER / name).read_text(encoding="utf-8")


def _address(kind: str, text: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(text.encode()).decode()}"


def _json(value: object) -> str:
    """JSON that may stand inside a script tag."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
