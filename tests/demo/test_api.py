"""The named endpoint, by the client that users have."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from sign_models import cli
from sign_models.render import read_video


@pytest.fixture(scope="module")
def client(address: str) -> Client:
    return Client(address, verbose=False)


def test_generate_gives_glb_video_and_words(client: Client) -> None:
    glb, mp4, facts = client.predict("Hello, Anna.", "ase", 1.0, api_name="/generate")
    assert Path(glb).read_bytes()[:4] == b"glTF"
    assert read_video(mp4).fps == 25
    assert [word["status"] for word in facts["words"]] == ["signed", "spelled"]
    assert [cue["gloss"] for cue in facts["cues"]][-1] == "A-N-N-A"


def test_only_what_programs_need_is_public(client: Client) -> None:
    named = client.view_api(return_format="dict")["named_endpoints"]
    assert set(named) == {"/generate", "/look_up", "/languages"}


def test_the_command_line_writes_the_same_bytes(soke_address: str, soke_folder: Path, tmp_path: Path) -> None:
    drawn = {"by": "soke", "sampling": "temperature", "temperature": 1.0, "mode": "multi_head"}
    ask = Client(soke_address, verbose=False).predict
    flags = ["--by", "soke", "--seed", "7", "--temperature", "1", "--soke", str(soke_folder), "--quiet"]
    _, mp4, facts = ask(text="Hello, Anna.", language="ase", seed=7, **drawn, api_name="/generate")
    for name in ("signing.glb", "signing.npz", "signing.vtt", "signing.mp4"):
        here = tmp_path / name
        assert cli.main(["generate", "Hello, Anna.", "--language", "ase", "--out", str(here), *flags]) == 0
        if name != "signing.mp4":
            assert httpx.get(facts["files"][name]).content == here.read_bytes(), name
    # Mesa on several threads may give a sample of an edge to either triangle, so pictures need not be the same bytes
    given, drawn_here = (read_video(path).frames.float() for path in (mp4, tmp_path / "signing.mp4"))
    assert given.shape == drawn_here.shape
    assert (given - drawn_here).abs().mean() < 0.1
    _, _, other = ask(text="Hello, Anna.", language="ase", seed=8, **drawn, api_name="/generate")
    assert httpx.get(other["files"]["signing.npz"]).content != (tmp_path / "signing.npz").read_bytes()


def test_eight_users_at_once_get_eight_right_answers(address: str) -> None:
    texts = ["Hello.", "Thank you.", "Yes.", "No.", "Please.", "Mother.", "Father.", "Help."]

    def ask(text: str) -> str:
        return str(Client(address, verbose=False).predict(text, "ase", 1.5, api_name="/generate")[2]["text"])

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, texts)) == texts


@pytest.mark.parametrize("text", ["", "x" * 20_000, "😀", "你好"])
def test_a_mistake_is_answered_by_one_sentence(client: Client, text: str) -> None:
    with pytest.raises(AppError) as caught:
        client.predict(text, "ase", 1.0, api_name="/generate")
    message = str(caught.value)
    assert "Traceback" not in message
    assert message.count("\n") == 0
    assert message.rstrip().endswith(".")


def test_a_language_that_is_not_there_is_refused(client: Client) -> None:
    with pytest.raises((AppError, ValueError), match="xyz"):
        client.predict("Hello", "xyz", 1.0, api_name="/generate")


@pytest.mark.parametrize(
    "path",
    ["results/../pyproject.toml", "results/x/..%2f..%2fpyproject.toml", "gradio_api/file=pyproject.toml",
     "player/../app.py", "player/%2e%2e/app.py", "results/abc/signing.glb"],
)  # fmt: skip
def test_no_other_file_is_served(address: str, path: str) -> None:
    answer = httpx.get(f"{address.rstrip('/')}/{path}")
    assert answer.status_code in (403, 404) or "<!doctype html>" in answer.text[:200].lower()
    assert "[build-system]" not in answer.text
    assert "argparse" not in answer.text
