"""The generated video of a result: made beside the avatar, plain about what is missing, kept by links and files."""

import json
import zipfile
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from demo.handlers import CONTROLS, NOBODY, OF_A_LINK, Handlers, link_of, linked, request_of
from demo.service import Request, Service, Signed
from sign_models.errors import SignError
from sign_models.manner import Manner
from sign_models.render import Look, read_video

USUAL: dict[str, Any] = {
    "text": "Hello, Anna.", "language": "ase", "tempo": 1.0, "by": "dictionary", "seed": 0, "sampling": "greedy",
    "temperature": 1.0, "top_k": 20, "mode": "", "retrieval": True, "signer": "Ben", "skin": "light", "top": "navy",
    "hair": "dark brown", "background": "pale blue",
}  # fmt: skip


@pytest.fixture
def service(tmp_path: Path, lmt_folder: Path) -> Service:
    return Service(tmp_path / "results", soke=tmp_path, lmt=lmt_folder)


def signed(service: Service, text: str = "Hello, Anna.", **more: Any) -> Signed:
    return service.sign(Request(text, manner=Manner("dictionary"), **more))


def test_the_video_and_its_captions_lie_beside_the_result(service: Service) -> None:
    steps: list[tuple[str, float]] = []
    of = signed(service, signer="Ben", look=Look(size=64))
    made = service.generated(of, lambda *step: steps.append(step))
    assert made is not None
    assert {name for name, _ in steps} == {"Generating the video"}
    assert [(line["text"], line["known"]) for line in made.captions] == [
        ("HELLO", True), ("A-N-N-A: not learned by the video network", False),
    ]  # fmt: skip
    assert "leaves out 1 of 2 signs" in made.note
    film = service.download(of.token, "generated.mp4")
    assert film is not None
    assert len(read_video(film)) == len(of.result.motion)
    told = service.download(of.token, "generated.vtt")
    assert told is not None
    assert "A-N-N-A: not learned by the video network" in told.read_text(encoding="utf-8")
    steps.clear()
    assert service.generated(of, lambda *step: steps.append(step)) is made
    assert not steps  # made once
    bundle = service.download(of.token, "signing.zip")
    assert bundle is not None
    with zipfile.ZipFile(bundle) as archive:
        assert {"generated.mp4", "generated.vtt"} <= set(archive.namelist())
        assert json.loads(archive.read("settings.json"))["request"]["signer"] == "Ben"


def test_it_can_be_fetched_while_the_avatar_is_rendered(service: Service) -> None:
    of = signed(service, signer="Ben")
    service.generated(of)
    found: list[Path | None] = []
    with service._turn(of.token):
        waiting = Thread(target=lambda: found.append(service.download(of.token, "generated.mp4")), daemon=True)
        waiting.start()
        waiting.join(20)
    assert found == [of.folder / "generated.mp4"]


def test_without_a_signer_there_is_none_and_nothing_is_said_of_it(service: Service) -> None:
    of = signed(service)
    assert service.generated(of) is None
    assert service.download(of.token, "generated.mp4") is None
    assert "generated.mp4" not in service.files(of)
    assert Service(service.folder, soke=service.folder).generated(of) is None


def test_where_no_sign_is_known_the_page_says_so_and_shows_no_picture(service: Service) -> None:
    of = signed(service, "Thank you.", signer="Ada")
    made = service.generated(of)
    assert made is not None
    assert made.beside("x") == []
    assert "none of the text's signs; of this language it knows HELLO, YES." in made.note
    assert service.download(of.token, "generated.mp4") is None
    assert "generated.mp4" not in service.files(of)


def test_a_signer_nobody_knows_is_told_before_the_work(service: Service, tmp_path: Path) -> None:
    with pytest.raises(SignError, match="choose one of Ada, Ben"):
        signed(service, signer="Eve")
    bare = Service(tmp_path / "bare", soke=tmp_path, lmt=tmp_path / "nothing")
    assert bare.signers() == ()
    with pytest.raises(SignError, match="no LMT weights"):
        signed(bare, signer="Ada")


def test_the_seed_counts_for_a_choice_by_chance(service: Service) -> None:
    def frames(seed: int, temperature: float) -> list[int]:
        how = Manner("dictionary", seed=seed, temperature=temperature)
        of = service.sign(Request("Hello.", manner=how, signer="Ada"))
        whole: list[int] = service.generated_video(of).video.frames.flatten().tolist()
        return whole

    assert frames(1, 2.0) == frames(1, 2.0) != frames(2, 2.0)
    assert frames(1, 0.0) == frames(2, 0.0)


def test_the_avatar_comes_first_then_the_generated_video_then_the_avatars(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = Handlers(service)
    monkeypatch.setattr(service, "video", lambda signed, on_step: None)  # tested elsewhere, and slow
    *_, (shown, _, _, _, _, token) = handlers.sign(*(USUAL[name] for name in CONTROLS), "")
    assert shown["beside"] == []
    assert shown["glb"]
    *_, (shown, status, links) = handlers.generated(token)
    (pane,) = shown["beside"]
    assert pane["label"] == "Generated video: Ben"
    assert pane["mp4"] == f"results/{token}/generated.mp4"
    assert "Rendering" in status
    assert "generated.mp4" in links
    *_, (again, status) = handlers.video(token)
    assert again["beside"] == [pane]  # or the player would drop it
    assert "leaves out 1 of 2 signs" in status


def test_a_link_keeps_the_choice(service: Service) -> None:
    signers = service.signers()
    for choice in ("Ada", "Ben", NOBODY):
        request = request_of(*(USUAL[name] if name != "signer" else choice for name in CONTROLS))
        link = link_of(request, signers)
        assert dict(zip(OF_A_LINK, linked(link, [], signers), strict=True))["signer"] == choice
    assert "signer" not in link_of(Request("Hello."))
    skipped = linked({"signer": "Eve"}, [], signers)[-1]
    assert skipped not in ("Eve", "Ada")
    assert linked({"signer": "Ada"}, [], ())[-1] != "Ada"
