"""The installer of Debian packages: silent when all is there, one clear line when it may not install."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def ci(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    return tmp_path / ".ci"


def run(ci: Path, *groups: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    return subprocess.run([ci / "packages", *groups], capture_output=True, text=True, env=environment, check=False)


def test_silent_where_everything_is_installed(ci: Path) -> None:
    done = run(ci, "demo", "test")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_without_the_right_to_install_it_says_what_to_install(ci: Path, tmp_path: Path) -> None:
    (ci / "packages.txt").write_text(
        "demo libmissing1 lib:libmissing.so.9\ntest other command:bash\n", encoding="utf-8"
    )
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "id").write_text("#!/bin/sh\necho 1000\n", encoding="utf-8")  # anybody but root
    (tools / "id").chmod(0o755)
    (tools / "apt-get").write_text("#!/bin/sh\nexit 99\n", encoding="utf-8")
    (tools / "apt-get").chmod(0o755)
    done = run(ci, "demo", "test", path=f"{tools}:{os.environ['PATH']}")
    assert done.returncode == 1
    assert done.stderr == "Missing Debian packages: run  sudo apt-get install libmissing1  and then make again.\n"


def test_as_root_it_installs_what_is_missing_and_only_that(ci: Path, tmp_path: Path) -> None:
    (ci / "packages.txt").write_text("demo libmissing1 lib:libmissing.so.9\ndemo bash command:bash\n", encoding="utf-8")
    tools = tmp_path / "bin"
    tools.mkdir()
    asked = tmp_path / "asked"
    for name, text in (("id", "echo 0"), ("apt-get", f'echo "$@" >> {asked}')):
        (tools / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    assert run(ci, "demo", path=f"{tools}:{os.environ['PATH']}").returncode == 0
    assert asked.read_text(encoding="utf-8").splitlines() == [
        "update -qq",
        "install -y -qq --no-install-recommends libmissing1",
    ]
