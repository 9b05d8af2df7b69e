"""A batch on a Ray cluster of this machine: the same files as without, and a killed worker costs nothing."""

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from demo.batch_render import Row, main, render_all, write_manifest
from demo.cluster import rendered
from sign_models.errors import SignError

TEXTS = ["Hello.", "My name is Ana.", "I eat.", "Good."]
ROWS = [Row(f"row{i}", text, "ase", suffix=".npz") for i, text in enumerate(TEXTS)]


def test_what_comes_back_is_what_is_written_here(tmp_path: Path) -> None:
    outcome, files = rendered(ROWS[0])
    (own,) = render_all(ROWS[:1], tmp_path, 1)
    assert (outcome.status, own.status) == ("done", "done")
    assert files["row0.npz"] == (tmp_path / "row0.npz").read_bytes()
    assert json.loads(files["row0.json"])["fingerprint"] == ROWS[0].fingerprint


def test_a_cluster_that_does_not_answer_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ray")
    (tmp_path / "in.txt").write_text("Hello.\n", encoding="utf-8")
    asked = [
        str(tmp_path / "in.txt"),
        "--language",
        "ase",
        "--out",
        str(tmp_path / "out"),
        "--ray",
        "ray://127.0.0.1:1",
    ]
    assert main(asked) == 2
    assert "No Ray cluster answers at" in capsys.readouterr().err


@pytest.mark.slow
def test_a_killed_worker_costs_nothing(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    killed = threading.Event()
    threading.Thread(target=_kill_one, args=(killed,), daemon=True).start()
    (tmp_path / "ray").mkdir()
    outcomes = list(render_all(ROWS, tmp_path / "ray", 1, "local"))
    assert killed.is_set()
    assert sorted(o.name for o in outcomes if o.status == "done") == [row.name for row in ROWS]
    (tmp_path / "here").mkdir()
    list(render_all(ROWS, tmp_path / "here", 1))
    for row in ROWS:
        assert (tmp_path / "ray" / f"{row.name}.npz").read_bytes() == (
            tmp_path / "here" / f"{row.name}.npz"
        ).read_bytes()
    write_manifest(ROWS, outcomes, tmp_path / "ray")
    again = list(render_all(ROWS, tmp_path / "ray", 1, "local"))
    assert {o.status for o in again} == {"skipped"}


def _kill_one(killed: threading.Event) -> None:
    """Kills the first worker that is seen at work on a row."""
    stop = time.monotonic() + 120
    while time.monotonic() < stop:
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                title = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if title.startswith(b"ray::rendered"):
                os.kill(int(folder.name), signal.SIGKILL)
                killed.set()
                return
        time.sleep(0.02)


def test_without_ray_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SignError, match=r"\[cluster\]"):
        list(render_all(ROWS[:1], tmp_path, 1, "local"))
