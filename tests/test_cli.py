import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny_lmt
import tiny_soke
from PIL import Image

from sign_models import cli
from sign_models.render import read_video

ROOT = Path(__file__).resolve().parents[1]


def test_generate_writes_what_the_suffix_asks_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a.glb", "a.npz", "a.bvh", "a.pose", "a.vtt", "a.srt", "a.json"):
        assert cli.main(["generate", "Hello.", "--language", "ASL", "--out", str(tmp_path / name)]) == 0
        assert (tmp_path / name).stat().st_size > 0
    assert "hello" in capsys.readouterr().err.lower()
    assert cli.main(["generate", "Hello.", "--out", str(tmp_path / "a.mp4"), "--size", "64", "--quiet"]) == 0
    assert read_video(tmp_path / "a.mp4").frames.shape[1:] == (64, 64, 3)
    captioned = ["generate", "Hello.", "--out", str(tmp_path / "b.mp4"), "--size", "64", "--quiet", "--captions"]
    assert cli.main(captioned) == 0
    assert read_video(tmp_path / "b.mp4").frames.shape[1] > 64
    assert capsys.readouterr().err == ""
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert file["poses"].shape[1] == 165


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["generate", "Hello.", "--out", "a.gif"], r"a.gif"),
        (["generate", "Hello.", "--out", "nowhere/a.glb"], "nowhere"),
        (["generate", "", "--out", "a.glb"], "type a sentence"),
        (["generate", "Hello.", "--language", "Klingon", "--out", "a.glb"], "Klingon"),
        (["generate", "Hello.", "--tempo", "9", "--out", "a.glb"], "9"),
        (["generate", "Hello.", "--skin", "plaid", "--out", "a.glb"], "plaid"),
        (["generate", "Hello.", "--camera", "top", "--out", "a.mp4"], "top"),
        (["generate", "Hello.", "--body", "nowhere.npz", "--out", "a.glb"], "nowhere.npz"),
        (["dictionary", "coverage", "nothing.txt", "--language", "ase"], "nothing.txt"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(arguments) == 2
    message = capsys.readouterr().err.strip()
    assert told in message
    assert "\n" not in message
    assert not list(tmp_path.iterdir())


def test_dictionary_find_and_coverage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["dictionary", "find", "Thank you, Zoë!", "--language", "ase"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[1] for row in rows] == ["signed", "spelled"]
    (tmp_path / "text.txt").write_text("Hello.\nThank you.\n", encoding="utf-8")
    assert cli.main(["dictionary", "coverage", str(tmp_path / "text.txt"), "--language", "ase"]) == 0
    assert "signed" in capsys.readouterr().out


def test_coverage_with_own_signs_and_for_a_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text, own = tmp_path / "text.txt", tmp_path / "own.csv"
    text.write_text("Hello, zyzzy!\n", encoding="utf-8")
    row = "ZYZZY,zyzzy,hamflathand hamextfingeru hampalmd hamchest"
    own.write_text(f"gloss,lemmas,hamnosys\n{row}\n", encoding="utf-8")
    ask = ["dictionary", "coverage", str(text), "--language", "ase"]
    assert cli.main(ask) == 0
    assert "zyzzy" in capsys.readouterr().out  # lacking
    assert cli.main([*ask, "--dictionary", str(own)]) == 0
    told = capsys.readouterr().out
    assert "zyzzy" not in told
    assert "100.0%" in told
    assert cli.main([*ask, "--soke", str(tiny_soke.write(tmp_path / "soke"))]) == 0
    assert "with codes                    2  100.0%" in capsys.readouterr().out  # the network has the letters too
    assert cli.main([*ask, "--soke", str(tmp_path / "nowhere")]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_doctor_finds_everything_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["doctor"]) == 0
    told = capsys.readouterr().out
    for what in ("python", "ase signs", "csl signs", "gsg signs", "body", "graphics", "video", "gpu"):
        assert what in told
    assert "FAIL" not in told


def plain(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "sign_models.cli", *arguments], cwd=ROOT, capture_output=True,
                          text=True, encoding="utf-8", env={**os.environ, **environment}, check=False)  # fmt: skip


def test_a_locale_without_utf8_is_enough(tmp_path: Path) -> None:
    out = tmp_path / "a.json"
    done = plain("generate", "你好", "--language", "csl", "--out", str(out), LC_ALL="C", PYTHONUTF8="0",
                 PYTHONCOERCECLOCALE="0")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(out.read_text(encoding="utf-8"))["text"] == "你好"


def test_no_gl_is_told_with_its_remedy(tmp_path: Path) -> None:
    done = plain("generate", "Hello.", "--out", str(tmp_path / "a.mp4"), PYOPENGL_PLATFORM="nonsense")
    assert done.returncode == 2
    assert "libegl1" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("damage", "told"),
    [("body/open_body.npz", "open_body.npz"), ("lexicon/ase.toml", "ase.toml")],
)
def test_a_missing_or_corrupted_asset_is_told(tmp_path: Path, damage: str, told: str) -> None:
    assets = tmp_path / "assets"
    (assets / "body").mkdir(parents=True)
    (assets / "lexicon").mkdir()
    for path in (ROOT / "assets").rglob("*"):
        if path.is_file() and path.parent.name in ("body", "lexicon"):
            (assets / path.parent.name / path.name).symlink_to(path)
    (assets / damage).unlink()
    for _ in range(2):  # first missing, then broken
        done = plain("generate", "Hello.", "--out", str(tmp_path / "a.glb"), SIGN_MODELS_ASSETS=str(assets))
        if done.returncode == 0:  # a lexicon file may be missing: then its signs are spelled
            assert damage.startswith("lexicon")
        else:
            assert done.returncode == 2, done.stderr
            assert "Traceback" not in done.stderr
        (assets / damage).write_text("[[sign]\nthis is damaged", encoding="utf-8")
    assert done.returncode == 2
    assert told in done.stderr


def test_a_generated_video_is_written_beside_the_result(
    tmp_path: Path, lmt_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--lmt", str(lmt_folder), "--size", "64"]
    text = ["generate", "Hello, Anna.", "--by", "dictionary", "--out"]
    assert cli.main([*text, str(tmp_path / "a.npz"), "--signer", "Ben", *given]) == 0
    told = capsys.readouterr().err
    assert "leaves out 1 of 2 signs" in told
    assert "Missing: A-N-N-A." in told
    made = read_video(tmp_path / "a-generated.mp4").frames
    assert made.shape[1:] == (64, 64, 3)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert len(made) == len(file["poses"])
    assert "not learned" in (tmp_path / "a-generated.vtt").read_text(encoding="utf-8")
    still = tmp_path / "still.png"
    Image.fromarray(tiny_lmt.make().stills["Ben"].numpy()).save(still)
    assert cli.main([*text, str(tmp_path / "b.npz"), "--still", str(still), *given]) == 0
    same = [(tmp_path / f"{name}-generated.mp4").read_bytes() for name in "ab"]
    assert same[0] == same[1]
    capsys.readouterr()
    for wrong, reason in (
        (["--signer", "Eve"], "choose one of Ada, Ben"),
        (["--signer", "Ada", "--still", str(still)], "both --signer and --still"),
        (["--still", str(tmp_path / "a-generated.vtt")], "cannot be read as a picture"),
        (["--beside"], "who is seen in it with --signer"),
    ):
        assert cli.main([*text, str(tmp_path / "c.npz"), *wrong, *given]) == 2
        assert reason in capsys.readouterr().err
    assert cli.main([*text, str(tmp_path / "d.mp4"), "--signer", "Ben", "--beside", "--captions", *given]) == 0
    both = read_video(tmp_path / "d.mp4").frames
    assert both.shape[2] == 2 * 64
    assert both.shape[1] > 64
    assert len(both) == len(made)
    unknown = ["generate", "Thank you.", "--by", "dictionary", "--out", str(tmp_path / "c.npz")]
    assert cli.main([*unknown, "--signer", "Ada", *given]) == 2
    assert "none of the text's signs" in capsys.readouterr().err
    assert not (tmp_path / "c.npz").exists()
