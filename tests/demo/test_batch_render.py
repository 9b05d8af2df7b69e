"""The batch script as a user runs it: resumed after being killed, with a summary of what failed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sign_models.render import read_video

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = ["Hello.", "Thank you.", "Yes.", "No.", "Please.", "Help."]


def command(source: Path, out: Path, *more: str) -> list[str]:
    return [sys.executable, str(ROOT / "demo" / "batch_render.py"), str(source), "--language", "ASL", "--out", str(out),
            "--by", "dictionary", "--size", "64", "--captions", *more]  # fmt: skip


def run(source: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(source, out, *more), capture_output=True, text=True, check=False)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "sentences.txt"
    path.write_text("\n".join(SENTENCES), encoding="utf-8")
    return path


def test_killed_at_any_moment_it_leaves_no_broken_file_and_goes_on(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with subprocess.Popen(command(source, out, "--workers", "2"), start_new_session=True,
                          stdout=subprocess.DEVNULL) as first:  # fmt: skip
        deadline = time.monotonic() + 90
        while not list(out.glob("0*.mp4")) and time.monotonic() < deadline:
            time.sleep(0.02)
        os.killpg(first.pid, signal.SIGKILL)
    finished = sorted(path.name for path in out.glob("0*.mp4"))
    assert 0 < len(finished) < len(SENTENCES)
    for name in finished:
        assert len(read_video(out / name)) > 10
    noted = {path.stem for path in out.glob("0*.json")}
    done = run(source, out)
    assert done.returncode == 0, done.stderr
    assert f"{len(SENTENCES) - len(noted)} done, {len(noted)} skipped, 0 failed" in done.stdout
    assert not list(out.glob(".*part*"))
    for number, text in enumerate(SENTENCES, 1):
        note = json.loads((out / f"{number:06d}.json").read_text(encoding="utf-8"))
        assert note["row"]["text"] == text
        video = read_video(out / f"{number:06d}.mp4")
        assert len(video) == round(note["seconds"] * 25)
        assert video.frames.shape[1] > video.frames.shape[2] == 64  # captions below the picture
    again = run(source, out)
    assert f"0 done, {len(SENTENCES)} skipped, 0 failed" in again.stdout


def test_failures_are_summed_up_and_the_rest_is_done(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    rows = [{"id": "good", "text": "Hello."}, {"id": "emoji", "text": "😀"}, {"id": "fast", "text": "Yes.", "tempo": 9}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "out"
    done = run(source, out, "--format", ".glb")
    assert done.returncode == 1
    assert "1 done, 0 skipped, 2 failed" in done.stdout
    assert (out / "good.glb").read_bytes()[:4] == b"glTF"
    manifest = [json.loads(line) for line in (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["status"] for row in manifest] == ["done", "failed", "failed"]
    assert all(row["error"].endswith(".") for row in manifest[1:])


def test_changed_settings_are_done_again(tmp_path: Path) -> None:
    source, out = tmp_path / "a.txt", tmp_path / "out"
    source.write_text("Hello.", encoding="utf-8")
    assert "1 done" in run(source, out, "--format", ".npz").stdout
    source.write_text("Thank you.", encoding="utf-8")
    assert "1 done" in run(source, out, "--format", ".npz").stdout


def test_a_missing_file_is_one_line(tmp_path: Path) -> None:
    done = run(tmp_path / "nothing.txt", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("batch_render: There is no file")
    assert done.stderr.count("\n") == 1
