"""Rows of a batch on a Ray cluster: every node gets this checkout, no folder is shared, lost work is done again."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from demo.batch_render import Outcome, Row, render_row
from sign_models.errors import SignError
from sign_models.files import atomic

ROOT = Path(__file__).resolve().parents[1]
NOT_SENT = [".git", ".venv", ".tools", ".cache", ".scratch", "out", "tests"]
TRIES = 4
"""How often a row is begun before it counts as failed; each time but the first after its worker was lost."""

Files = dict[str, bytes]


def render_on_cluster(rows: list[Row], out: Path, address: str) -> Iterator[Outcome]:
    """Outcomes as they come, their files written to ``out``. address: as Ray has it; "local" starts a cluster here.

    SignError when Ray is not installed or the cluster cannot be reached.
    """
    ray = _connect(address)
    try:
        yield from _render(ray, rows, out)
    finally:
        ray.shutdown()


def _connect(address: str) -> Any:
    try:
        import ray
    except ImportError as error:
        raise SignError("Ray is not installed; `pip install -e '.[cluster]'` brings it.") from error
    environment = {"working_dir": str(ROOT), "excludes": NOT_SENT, "env_vars": {"OMP_NUM_THREADS": "1"}}
    try:
        ray.init(
            address,
            runtime_env=environment,
            log_to_driver=False,
            include_dashboard=False if address == "local" else None,
        )
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise SignError(f"No Ray cluster answers at {address!r} ({str(error).splitlines()[0]}).") from error
    return ray


def _render(ray: Any, rows: list[Row], out: Path) -> Iterator[Outcome]:
    work = ray.remote(num_cpus=1, max_retries=TRIES - 1)(rendered)
    jobs = {work.remote(row): row for row in rows}
    while jobs:
        (job,), _ = ray.wait(list(jobs), num_returns=1)
        row = jobs.pop(job)
        try:
            outcome, files = ray.get(job)
        except ray.exceptions.RayError as error:
            yield Outcome(
                row.name, row.text, "failed", 0.0, f"Its worker was lost {TRIES} times ({type(error).__name__})."
            )
            continue
        _keep(files, row, out)
        yield outcome


def rendered(row: Row) -> tuple[Outcome, Files]:
    """Renders a row where it runs and brings back the files' contents by name."""
    with tempfile.TemporaryDirectory(prefix="sign-models-") as folder:
        outcome = render_row(row, Path(folder))
        return outcome, {path.name: path.read_bytes() for path in Path(folder).iterdir()}


def _keep(files: Files, row: Row, out: Path) -> None:
    """The note comes last: with it the row is done."""
    note = f"{row.name}.json"
    for name in sorted(files, key=lambda name: name == note):
        with atomic(out / name) as part:
            part.write_bytes(files[name])
