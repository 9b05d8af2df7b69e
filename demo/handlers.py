"""What happens when somebody presses a button or calls the API: plain generators and functions, no layout."""

from collections.abc import Callable, Generator, Iterator
from typing import Any, TypeVar

import gradio as gr

from demo import pages
from demo.service import DOWNLOADS, MOTION, VIDEO, Request, Service, Signed, word_rows
from demo.stepwise import OnStep, stepwise
from sign_models.body import Appearance
from sign_models.dictionary import doubt
from sign_models.errors import SignError
from sign_models.export import timeline
from sign_models.languages import language
from sign_models.outputs import BACKGROUNDS
from sign_models.render import Look

RESULTS = "results"
"""First part of the address of every result file."""

T = TypeVar("T")
Update = tuple[Any, ...]


def player_value(signed: Signed, *, video: bool) -> dict[str, Any]:
    """What the player loads: addresses relative to the page, and the gloss timeline."""
    address = f"{RESULTS}/{signed.token}"
    return {
        "id": signed.token,
        "glb": f"{address}/{MOTION}",
        "mp4": f"{address}/{VIDEO}" if video else None,
        "title": signed.result.text,
        **timeline(signed.result),
    }


def download_links(signed: Signed) -> str:
    return pages.downloads([(f"{RESULTS}/{signed.token}/{name}", name, what) for name, what in DOWNLOADS.items()])


def ready(signed: Signed) -> str:
    """What is told at the end: the length, and a hint when the text seems to be in another language."""
    hint = doubt(signed.request.text, language(signed.request.language))
    return f"Ready: {signed.result.motion.seconds:.1f} s of signing. {hint}".rstrip()


def request_of(text: str, code: str, tempo: float, skin: str, top: str, hair: str, background: str) -> Request:
    """The page's controls as a request."""
    look = Look(background=BACKGROUNDS.get(background, background))
    return Request(text, code, float(tempo), Appearance(skin, top, hair), look)


class Handlers:
    """The page's events around one service."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def sign(self, *controls: Any) -> Iterator[Update]:
        """Yields (player, status, words, downloads, token) while a text becomes motion."""
        keep = gr.skip()
        try:
            request = request_of(*controls)
            signed = yield from _told(
                lambda on_step: self.service.sign(request, on_step), lambda status: (keep, status, keep, keep, None)
            )
        except SignError as error:
            yield keep, pages.problem(str(error)), keep, keep, None
            return
        words = pages.words_table(signed.result.hints)
        status = pages.working("Rendering the video", 0)
        yield player_value(signed, video=False), status, words, download_links(signed), signed.token

    def video(self, token: str | None) -> Iterator[Update]:
        """Yields (player, status) while the video of a result is rendered."""
        keep = gr.skip()
        signed = self.service.known(token) if token else None
        if signed is None:
            yield keep, keep
            return
        try:
            yield from _told(lambda on_step: self.service.video(signed, on_step), lambda status: (keep, status))
        except SignError as error:
            yield keep, pages.problem(f"{error} The 3D view works without it.")
            return
        yield player_value(signed, video=True), pages.done(ready(signed))

    def generate(self, text: str, language: str, tempo: float = 1.0) -> tuple[str, str, dict[str, Any]]:
        """Signs a text.

        Args:
            text: One or more sentences in the spoken language that goes with the sign language.
            language: ase (ASL, English), csl (CSL, Chinese) or gsg (DGS, German).
            tempo: Speed of signing, 0.5 to 1.5.

        Returns:
            The animated GLB, the mp4 video, and what became of each word with the gloss timeline.
        """
        try:
            signed = self.service.sign(Request(text, language, float(tempo)))
            mp4 = self.service.video(signed)
        except SignError as error:
            raise gr.Error(str(error), print_exception=False) from error
        facts = {"words": word_rows(signed.result.hints), **timeline(signed.result)}
        return str(signed.file(MOTION)), str(mp4), facts


def _told(work: Callable[[OnStep], T], update: Callable[[str], Update]) -> Generator[Update, None, T]:
    """Runs work, yields an update a report, returns the result (with ``yield from``)."""
    steps = stepwise(work)
    while True:
        try:
            stage, share = next(steps)
        except StopIteration as finished:
            return finished.value
        yield update(pages.working(stage, share))
