"""SOKE in the page's handlers, the API, the command line and the batch script: one setting, one result."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client

from demo import batch_render
from demo.handlers import OF_A_LINK, OF_THE_MOTION, link_of, linked, manner_of
from demo.inside import happening
from demo.service import Request, Service
from sign_models import cli
from sign_models.errors import SignError
from sign_models.manner import Manner
from sign_models.types import SignResult

TEXT = "Hello, Anna. What is your name?"
DRAWN = Manner("soke", seed=7, temperature=1.0, top_k=3)
FLAGS = ["--by", "soke", "--seed", "7", "--temperature", "1", "--top-k", "3"]


def poses(path: Path) -> np.ndarray:
    with np.load(path, allow_pickle=False) as file:
        return np.asarray(file["poses"])


@pytest.fixture
def service(tmp_path: Path, soke_folder: Path) -> Service:
    return Service(tmp_path / "results", soke=soke_folder)


def test_page_command_line_and_batch_give_the_same_poses(service: Service, tmp_path: Path, soke_folder: Path) -> None:
    signed = service.sign(Request(TEXT, manner=DRAWN))
    page = service.download(signed.token, "signing.npz")
    assert page is not None
    soke = ["--soke", str(soke_folder)]
    assert cli.main(["generate", TEXT, "--out", str(tmp_path / "a.npz"), "--quiet", *FLAGS, *soke]) == 0
    source = tmp_path / "rows.jsonl"
    rows = [{"id": "same", "text": TEXT}, {"id": "other", "text": TEXT, "seed": 8},
            {"id": "stitched", "text": TEXT, "by": "dictionary"}]  # fmt: skip
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    out = tmp_path / "out"
    arguments = [str(source), "--language", "ASL", "--out", str(out), "--format", ".npz", *FLAGS, *soke]
    assert batch_render.main(arguments) == 0
    assert np.array_equal(poses(page), poses(tmp_path / "a.npz"))
    assert np.array_equal(poses(page), poses(out / "same.npz"))
    assert not np.array_equal(poses(page), poses(out / "other.npz"))
    manifest = [json.loads(line) for line in (out / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [(row["by"], row["seed"]) for row in manifest] == [("soke", 7), ("soke", 8), ("dictionary", 7)]
    note = json.loads((out / "same.json").read_text(encoding="utf-8"))
    assert len(note["row"]["weights"]) == 12


def test_the_network_signs_unless_somebody_else_is_named(service: Service, tmp_path: Path) -> None:
    signed = service.sign(Request(TEXT))
    assert signed.result.by == "soke"
    settings = service.download(signed.token, "settings.json")
    assert settings is not None
    told = json.loads(settings.read_text(encoding="utf-8"))
    assert told["request"]["manner"]["by"] == "soke"
    assert told["times_estimated"] is True
    assert service.sign(Request(TEXT, manner=Manner("dictionary"))).result.by == "dictionary"
    bare = Service(tmp_path / "bare", soke=tmp_path)
    assert bare.sign(Request(TEXT)).result.by == "dictionary"
    with pytest.raises(SignError, match="no trained SOKE"):
        bare.sign(Request(TEXT, manner=Manner("soke")))


def test_the_api_takes_every_setting_and_tells_who_signed(soke_address: str) -> None:
    client = Client(soke_address, verbose=False)
    facts = client.predict("Hello, Anna.", "ase", 1.0, "soke", 5, "top-k", 1.2, 4, "sequential", True,
                           api_name="/generate")[2]  # fmt: skip
    assert (facts["by"], facts["seed"], facts["times_estimated"]) == ("soke", 5, True)
    assert [cue["gloss"] for cue in facts["cues"]] == ["HELLO", "A-N-N-A"]


def test_samplings_become_manners() -> None:
    def made(sampling: str) -> Manner:
        return manner_of(1.0, "soke", 3, sampling, 0.8, 9, None, True)

    assert made("greedy") == Manner("soke", seed=3)
    assert made("temperature") == Manner("soke", seed=3, temperature=0.8)
    assert made("top-k") == Manner("soke", seed=3, temperature=0.8, top_k=9)
    with pytest.raises(SignError, match='sampling "beam"'):
        made("beam")


@pytest.mark.parametrize(
    "manner",
    [DRAWN, Manner("soke"), Manner("soke", 1.2, seed=4, temperature=0.5, mode="sequential", retrieval=False),
     Manner("dictionary", 0.8)],
)  # fmt: skip
def test_a_link_makes_the_same_request_again(manner: Manner) -> None:
    request = Request("Grüße & <b>", "gsg", manner)
    usual = {"tempo": 1.0, "by": "soke", "seed": 0, "sampling": "greedy", "temperature": 1.0, "top_k": 20,
             "mode": "", "retrieval": True}  # fmt: skip
    values = linked(link_of(request), ["multi_head", "sequential"])
    named = {name: value for name, value in zip(OF_A_LINK, values, strict=True) if not _skipped(value)}
    assert (named.pop("text"), named.pop("language")) == ("Grüße & <b>", "gsg")
    filled: Mapping[str, object] = usual | named
    assert manner_of(*(filled[name] for name in OF_THE_MOTION[2:])) == manner  # type: ignore[arg-type]


def test_nonsense_in_a_link_is_left_out() -> None:
    query = {
        "language": "xyz",
        "by": "me",
        "seed": "-4",
        "tempo": "nan",
        "sampling": "x",
        "mode": "../..",
        "top_k": "a",
    }
    values = linked(query, ["multi_head"])
    assert all(map(_skipped, values))


def _skipped(value: object) -> bool:
    return isinstance(value, dict)


def test_the_inside_shows_words_codes_and_signs(service: Service) -> None:
    result = service.sign(Request("Hello, <b>Anna</b>.", manner=Manner("soke"))).result
    html = happening(result)
    assert "<b>Anna" not in html
    for text in ("HELLO", "body", "left hand", "right hand", "estimated", "choosing codes", "HELLO (3 steps)"):
        assert text in html
    codes = result.tokens[0].ids  # type: ignore[attr-defined]
    assert html.count("<i ") == codes.numel()
    assert f"Codes of the body: {' '.join(map(str, codes[0].tolist()))}" in html


def test_the_inside_of_the_dictionary_has_no_codes(result: SignResult) -> None:
    html = happening(result)
    assert "Codes of" not in html
    assert "estimated" not in html
    assert html.count('class="sign"') == len(result.cues)
