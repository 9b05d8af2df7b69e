"""Every command and every line of Python in the README runs."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


COMMANDS = [line for line in blocks("sh")[1].splitlines() if line.strip()]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that looks like the checkout, so that what the commands write lands elsewhere."""
    for name in ("assets", "demo", "sign_models"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def run(arguments: list[str] | str, folder: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    shell = isinstance(arguments, str)
    done = subprocess.run(
        arguments, cwd=folder, shell=shell, capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command: str, checkout: Path) -> None:
    run(command, checkout)
    written = re.search(r"--out (\S+)", command)
    if written:
        assert (checkout / written[1]).exists()


def test_the_ten_lines_of_python(checkout: Path) -> None:
    (program,) = blocks("python")
    assert len([line for line in program.splitlines() if line.strip()]) == 10
    run([sys.executable, "-c", program], checkout)
    assert (checkout / "thanks.glb").stat().st_size > 100_000
    assert (checkout / "thanks.mp4").stat().st_size > 10_000


def test_every_picture_and_file_named_is_there() -> None:
    for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / name).is_file(), name
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_it_is_one_page() -> None:
    assert len(README.splitlines()) <= 90
