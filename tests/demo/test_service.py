import json
import threading
import zipfile

import pytest

from demo.service import BUNDLE, DOWNLOADS, MOTION, SETTINGS, VIDEO, Request, Service
from demo.stepwise import Stopped
from sign_models.body import Appearance
from sign_models.errors import SignError
from sign_models.manner import Manner
from sign_models.render import Look, read_video

SMALL = Look(size=64)


def small(text: str = "Hello.", tempo: float = 1.0, **changes: object) -> Request:
    return Request(text, look=SMALL, manner=Manner("dictionary", tempo), **changes)  # type: ignore[arg-type]


def test_a_request_gives_glb_at_once_and_every_download_when_asked(own_service: Service) -> None:
    signed = own_service.sign(small())
    assert signed.file(MOTION).read_bytes()[:4] == b"glTF"
    assert not signed.file(VIDEO).exists()
    for name in DOWNLOADS:
        path = own_service.download(signed.token, name)
        assert path is not None
        assert path.stat().st_size > 0
    video = read_video(signed.file(VIDEO))
    assert len(video) == len(signed.result.motion)
    with zipfile.ZipFile(signed.file(BUNDLE)) as archive:
        assert sorted(archive.namelist()) == sorted(set(DOWNLOADS) - {BUNDLE})
    settings = json.loads(signed.file(SETTINGS).read_text(encoding="utf-8"))
    assert settings["request"]["text"] == "Hello."


def test_equal_requests_share_a_result_and_different_ones_do_not(own_service: Service) -> None:
    first = own_service.sign(small())
    assert own_service.sign(small()) is first
    other = own_service.sign(small(appearance=Appearance(skin="deep")))
    assert other.token != first.token
    assert own_service.sign(small(tempo=1.2)).result.motion.seconds < first.result.motion.seconds


def test_old_results_are_deleted(own_service: Service) -> None:
    first, second, third = (own_service.sign(small(tempo=tempo)) for tempo in (1.0, 1.1, 1.2))
    assert not first.folder.exists()
    assert own_service.download(first.token, MOTION) is None
    assert second.folder.exists()
    assert third.folder.exists()


def test_unknown_tokens_and_names_find_nothing(own_service: Service) -> None:
    signed = own_service.sign(small())
    for token, name in ((signed.token, "../../etc/passwd"), ("nothing", MOTION), (signed.token, "x.glb")):
        assert own_service.download(token, name) is None


def test_stopping_a_video_leaves_nothing_half_written(own_service: Service) -> None:
    signed = own_service.sign(small())

    def stop(stage: str, share: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        own_service.video(signed, stop)
    assert [path.name for path in signed.folder.iterdir()] == [MOTION]
    assert own_service.video(signed).exists()


def test_eight_threads_at_once_get_their_own_answers(own_service: Service) -> None:
    texts = ["Hello.", "Thank you.", "Yes.", "No.", "Please.", "Mother.", "Father.", "Help."]
    own_service.keep = 20
    answers: dict[str, str] = {}

    def ask(text: str) -> None:
        answers[text] = own_service.sign(small(text)).result.text

    threads = [threading.Thread(target=ask, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {text: text for text in texts}


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("", "ase", "type a sentence"),
        ("   \n", "ase", "type a sentence"),
        ("x" * 20_000, "ase", "2,?000"),
        ("😀🎉", "ase", "."),
        ("你好，你叫什么名字？", "ase", "CSL"),
        ("Hello", "xyz", "xyz"),
        ("\x00\x07", "ase", "."),
    ],
)
def test_bad_input_is_one_sentence(own_service: Service, text: str, language: str, told: str) -> None:
    with pytest.raises(SignError, match=told) as caught:
        own_service.sign(Request(text, language, Manner("dictionary")))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_markup_is_a_word_like_any_other(own_service: Service) -> None:
    result = own_service.sign(small("Hello <script>alert(1)</script> \x1b[31m")).result
    assert {hint.status for hint in result.hints} <= {"signed", "spelled", "left_out"}


def test_mixed_scripts_are_answered_word_by_word(own_service: Service) -> None:
    hints = own_service.sign(small("Hello 你好 Привет مرحبا")).result.hints
    assert [hint.status for hint in hints] == ["signed", "left_out", "left_out", "left_out"]
    assert all(hint.reason for hint in hints)


def test_a_tempo_beyond_the_limits_is_refused(own_service: Service) -> None:
    with pytest.raises(SignError, match=r"1\.5"):
        own_service.sign(small(tempo=3.0))
