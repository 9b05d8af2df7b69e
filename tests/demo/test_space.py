"""The folder for Hugging Face Spaces: what is in it, and that it runs by itself."""

import os
import pickle
import re
import runpy
import socket
import subprocess
import sys
import time
import types
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from gradio_client import Client
from packaging.requirements import Requirement

from demo.own_signs import written
from demo.service import Request
from demo.space import build
from sign_models.manner import Manner
from sign_models.types import Entry


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("made") / "space"
    assert build.main([str(out)]) == 0
    return out


def front_matter(card: Path) -> dict[str, str]:
    found = re.match(r"---\n(.*?)\n---\n", card.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return dict(yaml.safe_load(found[1]))


def test_the_card_says_what_the_space_needs(space: Path) -> None:
    card = front_matter(space / "README.md")
    assert card["sdk"] == "gradio"
    assert card["python_version"] == "3.12"
    assert card["sdk_version"] in (build.ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8")
    assert (space / card["app_file"]).is_file()
    assert len(card["short_description"]) <= 60
    assert "$" not in (space / "README.md").read_text(encoding="utf-8")


def test_requirements_are_those_of_the_library_with_torch_as_zerogpu_has_it(space: Path) -> None:
    lines = [Requirement(line) for line in (space / "requirements.txt").read_text(encoding="utf-8").splitlines()]
    by_name = {line.name: line.specifier for line in lines}
    assert all(by_name["torch"].contains(version) for version in ("2.8.0", "2.9.1", "2.10.0", "2.11.0"))
    assert not by_name["torch"].contains("2.13.0")
    assert {"transformers", "pyrender2", "smplx"} <= set(by_name)
    assert "gradio" not in by_name
    assert by_name["mcp"].contains("1.30.0")
    assert "libegl1" in (space / "packages.txt").read_text(encoding="utf-8").split()


def test_on_zerogpu_the_network_signs_inside_of_it_with_the_visitors_own_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[int, object]] = []

    def gpu(duration: int) -> Callable[[Callable[..., object]], Callable[..., object]]:
        def wrap(work: Callable[..., object]) -> Callable[..., object]:
            def run(*given: object) -> object:
                given = pickle.loads(pickle.dumps(given))  # both ways cross to another process
                asked.append((duration, given))
                return pickle.loads(pickle.dumps(work(*given)))

            return run

        return wrap

    zero = types.ModuleType("spaces")
    zero.GPU = gpu  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "spaces", zero)
    app = runpy.run_path(str(build.HERE / "app.py"))
    service = app["SpaceService"](tmp_path)
    mine = Entry("BLORX", "ase", "hamfist hamextfingeru hampalmd hamchest", ("blorx",))
    request = Request("Blorx.", "ase", Manner("dictionary"), own=service.visitors.name(written([mine])))
    assert service.sign(request).result.cues[0].gloss == "BLORX"
    assert [duration for duration, _ in asked] == [30]


def test_nothing_licensed_goes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "root"
    (root / "assets").mkdir(parents=True)
    (root / "assets" / "SMPLX_NEUTRAL.npz").write_bytes(b"")
    for name in ("sign_models", "demo", ".ci"):
        (root / name).mkdir()
    (root / "LICENSE").write_text("", encoding="utf-8")
    for name in ("pyproject.toml", ".ci/constraints.txt", ".ci/packages.txt"):
        (root / name).write_bytes((build.ROOT / name).read_bytes())
    monkeypatch.setattr(build, "ROOT", root)
    assert build.main([str(tmp_path / "out")]) == 2
    assert "SMPLX_NEUTRAL.npz" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["root"]


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert build.main([str(tmp_path)]) == 2
    assert "is there already" in capsys.readouterr().err


@pytest.fixture(scope="module")
def running(space: Path) -> Iterator[str]:
    """The Space's address, started with nothing of this checkout or of this user's settings in sight."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "HOME": str(space), "GRADIO_SERVER_NAME": "127.0.0.1"}
    environment |= {"GRADIO_SERVER_PORT": str(port), "OMP_NUM_THREADS": "1", "GRADIO_ANALYTICS_ENABLED": "False"}
    server = subprocess.Popen([sys.executable, "-s", "app.py"], cwd=space, env=environment)
    address = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(600):
            assert server.poll() is None
            try:
                urllib.request.urlopen(address, timeout=2).close()
                break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(20)


def test_it_signs_by_itself(running: str, space: Path) -> None:
    code = "import sign_models, demo.app; print(sign_models.__file__, demo.app.__file__)"
    places = subprocess.run([sys.executable, "-s", "-c", code], cwd=space, capture_output=True, text=True, check=True)
    assert all(place.startswith(str(space)) for place in places.stdout.split())
    glb, _mp4, facts = Client(running, verbose=False).predict("Hello.", "ase", api_name="/generate")
    assert Path(glb).read_bytes()[:4] == b"glTF"
    assert [cue["gloss"] for cue in facts["cues"]] == ["HELLO"]
