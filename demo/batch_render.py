"""Renders a file of sentences, one result a row.

    python demo/batch_render.py INPUT(.txt|.csv|.jsonl) --language ase --out DIR --workers 2

.txt has a sentence a line; .csv and .jsonl have ``text`` and may have ``id``, ``language``, ``tempo``, ``by`` (soke or
dictionary), ``seed``, ``temperature``, ``top_k``, ``mode``, ``captions`` (yes or no), ``signer`` (of a generated video
beside the result) and ``beside`` (yes: an mp4 shows both itself), which count more than the flags of that name. Rows
already done with the same settings are skipped, so a run that was killed is taken up by the same command.
"""

import argparse
import csv
import hashlib
import io
import json
import multiprocessing
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that `python demo/batch_render.py` finds the package

from sign_models.errors import SignError
from sign_models.files import atomic, read_text
from sign_models.languages import language as language_row
from sign_models.manner import Manner, add_manner, add_video
from sign_models.outputs import SUFFIXES, generated_beside, save_generated
from sign_models.registry import (
    check_signer,
    generate_video,
    lmt_fingerprint,
    sign_text,
    soke_fingerprint,
    usual_maker,
)
from sign_models.types import SignResult

if TYPE_CHECKING:
    from sign_models.lmt.beside import GeneratedVideo

MANIFEST = "manifest.jsonl"
_lmt_weights = cache(lmt_fingerprint)


def _yes(given: str) -> bool:
    known = {"yes": True, "true": True, "no": False, "false": False}
    if given.strip().lower() not in known:
        raise ValueError(given)
    return known[given.strip().lower()]


COLUMNS: dict[str, Callable[[str], object]] = {
    "tempo": float, "by": str, "seed": int, "temperature": float, "top_k": int, "mode": str, "captions": _yes,
    "signer": str, "beside": _yes,
}  # fmt: skip
"""Settings that a row may have of its own, and how they are read."""
_SAFE = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class Row:
    """One sentence to render; ``name`` is the file name without suffix.

    by to retrieval: see ``Manner``. soke: the folder of weights, empty for the usual one. weights: their fingerprint.
    captions: below the picture of a video. signer, lmt: of the generated video and its network; see ``--signer``.
    beside: a video shows both.
    """

    name: str
    text: str
    language: str
    tempo: float = 1.0
    suffix: str = ".mp4"
    size: int = 512
    by: str = "dictionary"
    seed: int = 0
    temperature: float = 0.0
    top_k: int = 0
    mode: str = ""
    retrieval: bool = True
    soke: str = ""
    weights: str = ""
    captions: bool = False
    signer: str = ""
    beside: bool = False
    lmt: str = ""
    lmt_weights: str = ""

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Outcome:
    """What became of a row: status is done, skipped or failed; error is the sentence for people.

    by, seed: who signed it, and from which seed.
    """

    name: str
    text: str
    status: str
    seconds: float = 0.0
    error: str = ""
    by: str = ""
    seed: int = 0


def read_rows(
    path: Path, language: str | None, suffix: str, size: int, usual: Mapping[str, object] | None = None
) -> list[Row]:
    """The rows of an input file; SignError names file, line and field of what is wrong.

    usual: fields of ``Row`` for rows that do not name them themselves.
    """
    if not path.is_file():
        raise SignError(f"There is no file {path}; give a .txt, .csv or .jsonl file of sentences.")
    readers = {".txt": _text_lines, ".csv": _csv_lines, ".jsonl": _json_lines}
    if path.suffix not in readers:
        raise SignError(f"{path.name} ends in {path.suffix or 'nothing'}; {', '.join(readers)} can be read.")
    lines = list(readers[path.suffix](path))
    rows = [
        _row(path, number, values, language, {"suffix": suffix, "size": size, **(usual or {})})
        for number, values in lines
    ]
    names = [row.name for row in rows]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise SignError(f"{path} gives the id {twice[0]} to more than one row; ids must differ.")
    if not rows:
        raise SignError(f"{path} holds no sentence.")
    return rows


def _text_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip():
            yield number, {"text": line.strip()}


def _csv_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    if "text" not in (reader.fieldnames or ()):
        raise SignError(f"{path} has the columns {reader.fieldnames}; a column named text is needed.")
    for values in reader:
        yield reader.line_num, {key: value for key, value in values.items() if key and value}


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, object]]]:
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except ValueError as error:
            raise SignError(f"Line {number} of {path} is not JSON ({error}).") from error
        if not isinstance(values, dict):
            raise SignError(f"Line {number} of {path} is not a JSON object.")
        yield number, values


def _row(path: Path, number: int, values: dict[str, object], language: str | None, usual: Mapping[str, object]) -> Row:
    where = f"Line {number} of {path}"
    text = values.get("text")
    if not isinstance(text, str) or not text.strip():
        raise SignError(f"{where} has no text.")
    own = values.get("language", language)
    if own is None:
        raise SignError(f"{where} names no language; add a column or pass --language.")
    try:
        code = language_row(str(own)).code
    except SignError as error:
        raise SignError(f"{where}: {error}") from error
    name = _SAFE.sub("_", str(values.get("id", f"{number:06d}"))).strip(".")
    if not name:
        raise SignError(f"{where} has the id {values.get('id')!r}; letters, digits, '.', '_' and '-' make a file name.")
    asked = {field: _value(where, field, values[field]) for field in COLUMNS if field in values}
    row = replace(Row(name[:100], text, code), **{**usual, **asked})  # type: ignore[arg-type]
    return _settled(row)


def _value(where: str, field: str, given: object) -> object:
    try:
        return COLUMNS[field](str(given))
    except ValueError as error:
        wanted = "neither yes nor no" if COLUMNS[field] is _yes else "no number"
        raise SignError(f"{where} has the {field} {given!r}, which is {wanted}.") from error


def _settled(row: Row) -> Row:
    """Says who signs and by which weights: what the row's files were made from is told beside them."""
    by = row.by or usual_maker(row.soke or None)
    weights = soke_fingerprint(row.soke or None, row.mode) if by == "soke" else ""
    if not row.signer:
        return replace(row, by=by, weights=weights)
    check_signer(row.signer, row.lmt or None)
    return replace(row, by=by, weights=weights, lmt_weights=_lmt_weights(row.lmt or None))


def is_done(row: Row, out: Path) -> bool:
    """True when the row's file is there and its note tells of the same settings."""
    note = out / f"{row.name}.json"
    if not (out / f"{row.name}{row.suffix}").is_file() or not note.is_file():
        return False
    try:
        told = json.loads(note.read_text(encoding="utf-8"))
    except ValueError:
        return False
    lacks = told.get("generated") and not (out / told["generated"]["file"]).is_file()
    return bool(told.get("fingerprint") == row.fingerprint and not lacks)


def render_row(row: Row, out: Path) -> Outcome:
    """Renders one row in this process. The note is written last: with it the row is done."""
    from sign_models.outputs import studio
    from sign_models.render import Look

    start = time.perf_counter()
    try:
        manner = Manner(row.by, row.tempo, True, row.seed, row.temperature, row.top_k, row.mode, row.retrieval)  # type: ignore[arg-type]
        result = sign_text(row.text, row.language, manner, soke=row.soke or None)
        generated, told = _generated(row, result) if row.signer else (None, {})
        path, look = out / f"{row.name}{row.suffix}", Look(size=row.size)
        studio().save(result, path, look=look, captions=row.captions, beside=generated if row.beside else None)
        if generated is not None:
            save_generated(generated, generated_beside(path), row.size)
        note = {
            "fingerprint": row.fingerprint,
            "row": asdict(row),
            "seconds": result.motion.seconds,
            "timings": result.timings.stages,
            "words": [{"word": h.word, "status": h.status, "gloss": h.gloss, "reason": h.reason} for h in result.hints],
            "notes": result.notes,
            "glosses": [asdict(cue) for cue in result.cues],
            **told,
        }
        with atomic(out / f"{row.name}.json") as part:
            part.write_text(json.dumps(note, ensure_ascii=False, indent=1), encoding="utf-8")
    except SignError as error:
        return Outcome(row.name, row.text, "failed", time.perf_counter() - start, str(error), row.by, row.seed)
    return Outcome(row.name, row.text, "done", time.perf_counter() - start, "", row.by, row.seed)


def _generated(row: Row, result: SignResult) -> tuple["GeneratedVideo | None", dict[str, object]]:
    """The generated video and what the note tells of it; a sentence of which its network knows no sign has none."""
    try:
        made = generate_video(result, row.signer, row.seed, row.temperature, lmt=row.lmt or None)
    except SignError as error:
        return None, {"generated": None, "not_generated": str(error)}
    name = generated_beside(Path(f"{row.name}{row.suffix}")).name
    return made, {"generated": {"file": name, "signer": made.signer, "missing": made.missing}}


def render_all(rows: list[Row], out: Path, workers: int, ray: str | None = None) -> Iterator[Outcome]:
    """Outcomes as they come; the order of rows does not matter to any of them. ray: the address of a cluster."""
    waiting = [row for row in rows if not is_done(row, out)]
    yield from (Outcome(row.name, row.text, "skipped", by=row.by, seed=row.seed) for row in rows if row not in waiting)
    if not waiting:
        return
    if ray:
        from demo.cluster import render_on_cluster

        yield from render_on_cluster(waiting, out, ray)
        return
    yield from _render_here(waiting, out, workers)


def _render_here(waiting: list[Row], out: Path, workers: int) -> Iterator[Outcome]:
    # spawn: a GL context does not survive a fork
    with ProcessPoolExecutor(min(workers, len(waiting)), mp_context=multiprocessing.get_context("spawn")) as pool:
        jobs = {pool.submit(render_row, row, out): row for row in waiting}
        for job in as_completed(jobs):
            row = jobs[job]
            try:
                yield job.result()
            except BrokenProcessPool:
                yield Outcome(row.name, row.text, "failed", 0.0, "The worker was killed; run the same command again.")


def clean_parts(out: Path) -> None:
    """Removes what a killed run left half-written."""
    for part in out.glob(".*.part*"):
        part.unlink(missing_ok=True)


def write_manifest(rows: list[Row], outcomes: list[Outcome], out: Path) -> None:
    by_name = {outcome.name: outcome for outcome in outcomes}
    with atomic(out / MANIFEST) as part:
        lines = (json.dumps(asdict(by_name[row.name]), ensure_ascii=False) for row in rows if row.name in by_name)
        part.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _progress(count: int, total: int, start: float) -> str:
    elapsed = time.perf_counter() - start
    left = elapsed / count * (total - count)
    return f"{count}/{total}  {count / max(elapsed, 1e-9) * 60:.1f} a minute, {left:.0f} s left"


def run(rows: list[Row], out: Path, workers: int, ray: str | None = None) -> int:
    """Renders, prints progress and the summary; returns the number of failures."""
    out.mkdir(parents=True, exist_ok=True)
    clean_parts(out)
    start = time.perf_counter()
    outcomes: list[Outcome] = []
    for outcome in render_all(rows, out, workers, ray):
        outcomes.append(outcome)
        print(
            f"{_progress(len(outcomes), len(rows), start)}  {outcome.name}: {outcome.status} {outcome.error}".rstrip()
        )
    write_manifest(rows, outcomes, out)
    failed = [outcome for outcome in outcomes if outcome.status == "failed"]
    count = {status: sum(o.status == status for o in outcomes) for status in ("done", "skipped", "failed")}
    print(f"{count['done']} done, {count['skipped']} skipped, {count['failed']} failed -> {out}")
    for outcome in failed:
        print(f"  {outcome.name}: {outcome.error}  [{outcome.text[:60]}]")
    return len(failed)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input", type=Path, metavar="INPUT", help="a .txt, .csv or .jsonl file of sentences")
    parser.add_argument("--language", help="ASL, CSL or DGS, for rows that name none")
    parser.add_argument("--out", type=Path, required=True, help="folder for the results")
    parser.add_argument("--workers", type=int, default=1, help="processes (2 cores: 1 or 2)")
    parser.add_argument("--ray", metavar="ADDRESS", help="a Ray cluster: HOST:6379, auto, or local (extra [cluster])")
    parser.add_argument("--format", default=".mp4", choices=sorted(SUFFIXES), help="what to write (default: .mp4)")
    parser.add_argument("--size", type=int, default=512, help="pixels of the square video (default: 512)")
    parser.add_argument(
        "--captions", action="store_true", help="sentence and current sign below the picture of a video"
    )
    add_manner(parser)
    add_video(parser)
    options = parser.parse_args(arguments)
    try:
        if options.workers < 1:
            raise SignError(f"--workers is {options.workers}; 1 or more is needed.")
        usual = {"by": options.by or "", "seed": options.seed, "temperature": options.temperature,
                 "top_k": options.top_k, "mode": options.mode, "retrieval": not options.no_retrieval,
                 "soke": str(options.soke.resolve()) if options.soke else "", "captions": options.captions,
                 "signer": options.signer, "beside": options.beside,
                 "lmt": str(options.lmt.resolve()) if options.lmt else ""}  # fmt: skip
        rows = read_rows(options.input, options.language, options.format, options.size, usual)
        return 1 if run(rows, options.out, options.workers, options.ray) else 0
    except SignError as error:
        print(f"batch_render: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
