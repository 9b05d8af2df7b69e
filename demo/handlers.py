"""What happens when somebody presses a button or calls the API: plain generators and functions, no layout."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, TypeVar

import gradio as gr

from demo import pages
from demo.generated import Generated
from demo.inside import STAGES, happening
from demo.service import DOWNLOADS, MOTION, VIDEO, Request, Service, Signed
from demo.stepwise import OnStep, stepwise
from sign_models.body import Appearance
from sign_models.dictionary import doubt
from sign_models.errors import SignError
from sign_models.export import timeline
from sign_models.languages import LANGUAGES, language
from sign_models.manner import MAKERS, SEEDS, TEMPERATURES, TEMPOS, TOP_K, Manner
from sign_models.outputs import BACKGROUNDS
from sign_models.render import Look

RESULTS = "results"
"""First part of the address of every result file."""

REST = "The first sentence plays; making the rest"

STOPPED = 1000
"""Sessions of which it is remembered that they stopped what was made for them."""

STOPPED_STATUS = pages.done("Stopped.")

PAUSE = 0.15
"""Seconds at least between two reports on the same stage."""

T = TypeVar("T")
Update = tuple[Any, ...]
Updates = Generator[Update, None, None]


def player_value(
    signed: Signed,
    *,
    video: bool,
    continues: bool = False,
    generated: Generated | None = None,
    signers: Sequence[str] = (),
) -> dict[str, Any]:
    """What the player loads: addresses relative to the page, and the gloss timeline.

    continues: its first sentence is shown already. generated: the video beside it, when there is one by now. signers:
    see ``link_of``.
    """
    address = f"{RESULTS}/{signed.token}"
    return {
        "id": signed.token,
        "glb": f"{address}/{MOTION}",
        "mp4": f"{address}/{VIDEO}" if video else None,
        "title": signed.result.text,
        "link": link_of(signed.request, signers),
        "own": bool(signed.request.own),
        "more": signed.request.opening,
        "continues": continues,
        "beside": generated.beside(address) if generated else [],
        **timeline(signed.result),
    }


def download_links(signed: Signed, files: Mapping[str, str] = DOWNLOADS) -> str:
    """files: names and what they are."""
    return pages.downloads([(f"{RESULTS}/{signed.token}/{name}", name, what) for name, what in files.items()])


def ready(signed: Signed, generated: Generated | None = None) -> str:
    """What is told at the end: the length, who signed, and what a user has to know of this result."""
    result = signed.result
    hint = doubt(signed.request.text, language(signed.request.language))
    notes = [*result.notes, *([generated.note] if generated and generated.note else []), hint]
    return " ".join([f"Ready: {result.motion.seconds:.1f} s of signing by the {MAKERS[result.by]}.", *notes]).rstrip()


SAMPLINGS = {
    "greedy": "the likeliest code (greedy)",
    "temperature": "by chance (temperature)",
    "top-k": "by chance among the likeliest (top-k)",
}
"""How the network chooses codes, and what that is called."""

CONTROLS = (
    "text", "language", "tempo", "by", "seed", "sampling", "temperature", "top_k", "mode", "retrieval",
    "signer", "skin", "top", "hair", "background",
)  # fmt: skip
"""What a user can set, in the order in which the page hands it over."""
OF_THE_MOTION = CONTROLS[:10]
"""Those that change the motion: the settings of the endpoint."""
OF_A_LINK = CONTROLS[:11]
"""Those that a link sets."""
NOBODY = "none"
"""The choice of no generated video."""


def manner_of(
    tempo: float, by: str, seed: float | None, sampling: str, temperature: float, top_k: float, mode: str | None,
    retrieval: bool,
) -> Manner:  # fmt: skip
    """Controls as a manner; SignError for what is out of its limits."""
    if sampling not in SAMPLINGS:
        raise SignError(f'There is no sampling "{sampling}"; choose {", ".join(SAMPLINGS)}.')
    warmth = 0.0 if sampling == "greedy" else float(temperature)
    likeliest = int(top_k) if sampling == "top-k" else 0
    maker = by or None
    return Manner(maker, float(tempo), True, int(seed or 0), warmth, likeliest, mode or "", bool(retrieval))  # type: ignore[arg-type]


def request_of(*controls: Any) -> Request:
    """The page's controls, in the order of ``CONTROLS``, as a request."""
    given = dict(zip(CONTROLS, controls, strict=True))
    manner = manner_of(*(given[name] for name in OF_THE_MOTION[2:]))
    look = Look(background=BACKGROUNDS.get(given["background"], given["background"]))
    appearance = Appearance(given["skin"], given["top"], given["hair"])
    signer = "" if given["signer"] in (None, NOBODY) else given["signer"]
    return Request(given["text"], given["language"], manner, appearance, look, signer=signer)


def link_of(request: Request, signers: Sequence[str] = ()) -> dict[str, str]:
    """What a link has to name so that the same motion is made again; what is as usual is left out.

    signers: who can be chosen for generated videos; with a choice there is none that is usual.
    """
    how = request.manner
    sampling = "greedy" if not how.temperature else "top-k" if how.top_k else "temperature"
    usual = Manner()
    network = {
        "seed": how.seed, "sampling": sampling, "temperature": how.temperature, "top_k": how.top_k, "mode": how.mode,
        "retrieval": "yes" if how.retrieval else "no",
    }  # fmt: skip
    plain = {"seed": 0, "sampling": "greedy", "temperature": 0.0, "top_k": 0, "mode": "", "retrieval": "yes"}
    more = {name: value for name, value in network.items() if value != plain[name]} if how.by == "soke" else {}
    tempo = {} if how.tempo == usual.tempo else {"tempo": how.tempo}
    signer = {"signer": request.signer or NOBODY} if request.signer or signers else {}
    named = {"text": request.text, "language": request.language, "by": how.by, **tempo, **more, **signer}
    return {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in named.items()}


def linked(query: Mapping[str, str], modes: Sequence[str], signers: Sequence[str] = ()) -> Update:
    """A link's settings as updates of ``OF_A_LINK``; what is unknown or out of its limits is as usual."""
    allowed = {
        "language": LANGUAGES,
        "by": MAKERS if modes else ("dictionary",),
        "sampling": SAMPLINGS,
        "mode": modes,
        "signer": (*signers, NOBODY) if signers else (),
    }
    limits = {"tempo": TEMPOS, "seed": SEEDS, "temperature": TEMPERATURES, "top_k": TOP_K}

    def update(name: str) -> Any:
        value = query.get(name)
        if value is None:
            return gr.skip()
        if name in limits:
            low, high = limits[name]
            try:
                number = float(value)
            except ValueError:
                return gr.skip()
            return number if low <= number <= high else gr.skip()
        if name == "retrieval":
            return value != "no"
        return value if name not in allowed or value in allowed[name] else gr.skip()

    return tuple(update(name) for name in OF_A_LINK)


class Handlers:
    """The page's events around one service."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._stopped: dict[str, None] = {}

    def begin(self, request: gr.Request) -> None:
        """Somebody wants something new: what comes of it is shown."""
        self._stopped.pop(str(request.session_hash), None)

    def stop(self, request: gr.Request) -> str:
        """Somebody wants no more. What begins after what was cancelled (gradio chains events) then tells nothing."""
        self._stopped[str(request.session_hash)] = None
        for old in list(self._stopped)[:-STOPPED]:
            self._stopped.pop(old, None)
        return STOPPED_STATUS

    def stopped(self, request: gr.Request) -> Any:
        """The same once more, behind the reports that were already on their way to the page."""
        return STOPPED_STATUS if str(request.session_hash) in self._stopped else gr.skip()

    def _unless_stopped(self, make: Callable[[], Updates], width: int, request: gr.Request | None) -> Iterator[Update]:
        """The updates, of ``width`` outputs each, the second of them the status, until their session stops them."""
        who = str(request.session_hash) if request else ""
        stopped: Update = (gr.skip(), STOPPED_STATUS, *(gr.skip(),) * (width - 2))
        if who in self._stopped:
            yield stopped
            return
        with closing(make()) as updates:
            for update in updates:
                if who in self._stopped:
                    yield stopped
                    return
                yield update

    def sign(self, *given: Any) -> Iterator[Update]:
        """Yields (player, status, words, inside, downloads, token) while a text becomes motion.

        given: the controls, and the visitor's own signs as the browser keeps them.
        """
        keep = gr.skip()
        *controls, own = given
        try:
            request = replace(request_of(*controls), own=self.service.visitors.name(own or ""))
            long = self.service.is_long(request)
            if long:
                opening = replace(request, opening=True)
                begun = yield from told(
                    lambda on_step: self.service.sign(opening, on_step),
                    lambda status: (keep, status, keep, keep, keep, None),
                )
                opened = player_value(begun, video=False, signers=self.service.signers())
                yield opened, pages.working(REST, 0), keep, keep, keep, None
            signed = yield from told(
                lambda on_step: self.service.sign(request, on_step),
                lambda status: (keep, status, keep, keep, keep, None),
                f"{REST}: " if long else "",
            )
        except SignError as error:
            yield keep, pages.problem(str(error)), keep, keep, keep, None
            return
        words = pages.words_table(signed.result.hints)
        status = pages.working("Rendering the video", 0)
        within = happening(signed.result)
        shown = player_value(signed, video=False, continues=long, signers=self.service.signers())
        yield shown, status, words, within, download_links(signed, self.service.files(signed)), signed.token

    def linked(self, request: gr.Request) -> Update:
        """The controls of ``OF_A_LINK`` as the page's address sets them."""
        return linked(dict(request.query_params), self.service.modes(), self.service.signers())

    def generated(self, token: str | None, request: gr.Request | None = None) -> Iterator[Update]:
        """Yields (player, status, downloads) while the generated video of a result is made, if one is wanted."""
        yield from self._unless_stopped(lambda: self._generated(token), 3, request)

    def video(self, token: str | None, request: gr.Request | None = None) -> Iterator[Update]:
        """Yields (player, status) while the video of a result is rendered."""
        yield from self._unless_stopped(lambda: self._video(token), 2, request)

    def _generated(self, token: str | None) -> Updates:
        keep = gr.skip()
        signed = self.service.known(token) if token else None
        if signed is None or not signed.request.signer:
            yield keep, keep, keep
            return
        try:
            made = yield from told(
                lambda on_step: self.service.generated(signed, on_step), lambda status: (keep, status, keep)
            )
        except SignError as error:
            yield keep, pages.problem(f"{error} The avatar signs without it."), keep
            return
        shown = player_value(signed, video=False, generated=made, signers=self.service.signers())
        links = download_links(signed, self.service.files(signed))
        yield shown, pages.working("Rendering the video", 0), links

    def _video(self, token: str | None) -> Updates:
        keep = gr.skip()
        signed = self.service.known(token) if token else None
        if signed is None:
            yield keep, keep
            return
        try:
            yield from told(lambda on_step: self.service.video(signed, on_step), lambda status: (keep, status))
        except SignError as error:
            yield keep, pages.problem(f"{error} The 3D view works without it.")
            return
        made = self.service.generated(signed)  # made before, if it is wanted
        shown = player_value(signed, video=True, generated=made, signers=self.service.signers())
        yield shown, pages.done(ready(signed, made))


def told(work: Callable[[OnStep], T], update: Callable[[str], Update], before: str = "") -> Generator[Update, None, T]:
    """Runs work, yields an update for its reports, each with ``before`` in front; returns its result (``yield from``).

    A report of the same stage that comes too soon after another is left out: a page cannot show a hundred a second.
    """
    steps = stepwise(work)
    last, when = "", 0.0
    while True:
        try:
            stage, share = next(steps)
        except StopIteration as finished:
            return finished.value
        if stage == last and time.monotonic() - when < PAUSE:
            continue
        last, when = stage, time.monotonic()
        told = STAGES.get(stage, stage)
        yield update(pages.working(before + told if before else told.capitalize(), share))
