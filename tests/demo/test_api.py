"""The named endpoint, by the client that users have."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

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


def test_only_generate_is_public(client: Client) -> None:
    named = client.view_api(return_format="dict")["named_endpoints"]
    assert list(named) == ["/generate"]


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
