"""What page and API do, without a web framework: a request in, result files out.

A result lives in a folder whose name nobody can guess; the same request finds the same folder again. The least recently
used results are deleted first.
"""

import hashlib
import hmac
import json
import secrets
import shutil
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from demo.generated import DOWNLOADS as GENERATED_FILES
from demo.generated import Generated
from demo.generated import save as save_generated
from demo.own_signs import FILE as OWN_FILE
from demo.own_signs import OwnSigns
from demo.video_worker import video_worker
from sign_models.body import Appearance
from sign_models.dictionary import SignDictionary
from sign_models.dictionary.keeping import keep
from sign_models.errors import SignError
from sign_models.files import atomic
from sign_models.languages import LANGUAGES
from sign_models.manner import Manner
from sign_models.outputs import studio
from sign_models.registry import (
    Own,
    check_signer,
    dictionary_of,
    generate_video,
    lmt_signers,
    load_lmt,
    load_pipeline,
    load_soke,
    own_stamp,
    show_sign,
    sign_text,
    soke_modes,
)
from sign_models.render import Look
from sign_models.types import Entry, Hint, SignResult

if TYPE_CHECKING:
    from sign_models.lmt.beside import GeneratedVideo

OnStep = Callable[[str, float], None]

MOTION = "signing.glb"
VIDEO = "signing.mp4"
VIDEOS = {
    VIDEO: (False, False),
    "signing-captions.mp4": (True, False),
    "both.mp4": (False, True),
    "both-captions.mp4": (True, True),
}
"""Name of each mp4 -> whether it has captions, and whether the generated video stands beside the avatar."""
BUNDLE = "signing.zip"
SETTINGS = "settings.json"
LONG = 3
"""Sentences from which a text begins to play before all of it is made."""

DOWNLOADS = {
    MOTION: "animated 3D model with gloss timeline",
    VIDEO: "video",
    "signing-captions.mp4": "video with sentence and signs written below the picture; drawn when you ask for it",
    "signing.npz": "SMPL-X poses (AMASS keys)",
    "signing.bvh": "skeleton motion",
    "signing.pose": "pose-format skeleton",
    "signing.vtt": "captions",
    "signing.srt": "captions",
    SETTINGS: "settings that make this result again",
    BUNDLE: "all of these in one file",
}
"""File names of a result and what they are, in the order the page shows them."""
BOTH = {
    "both.mp4": "avatar and generated video side by side; drawn when you ask for it",
    "both-captions.mp4": "the same with captions below the picture",
}
"""Those that need a generated video."""
OWN_SIGNS = {OWN_FILE: "your own signs, which took part"}


@dataclass(frozen=True)
class Request:
    """What a user asks for.

    manner: who signs and how. look: camera, size and background of the video. opening: only the first sentence.
    signer: who is seen in the generated video beside it, empty for none. own: the visitor's own signs, by the name that
    ``OwnSigns`` gave them.
    """

    text: str
    language: str = "ase"
    manner: Manner = field(default_factory=Manner)
    appearance: Appearance = field(default_factory=Appearance)
    look: Look = field(default_factory=Look)
    opening: bool = False
    signer: str = ""
    own: str = ""


@dataclass(frozen=True)
class Signed:
    """A result and the folder its files are in; ``token`` names the folder in addresses."""

    token: str
    request: Request
    result: SignResult
    folder: Path

    def file(self, name: str) -> Path:
        return self.folder / name


class Service:
    """Signs texts; safe to call from many threads.

    soke, lmt: see ``registry.soke_folder``, ``registry.lmt_folder``. own: the user's own dictionary, see
    ``registry.load_dictionary``. writes: whether whoever reaches the page may keep signs in it.
    """

    def __init__(
        self,
        folder: Path,
        keep: int = 200,
        soke: Path | None = None,
        own: Path | None = None,
        writes: bool = True,
        lmt: Path | None = None,
    ) -> None:
        self.own = own
        self.writes = writes
        self.folder = folder
        self.keep = keep
        self.soke = soke
        self.lmt = lmt
        self.studio = studio()
        self.videos = video_worker()
        self.visitors = OwnSigns(folder / "own-signs")
        self._secret = secrets.token_bytes(32)
        self._results: OrderedDict[str, Signed] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._generated: dict[str, Generated] = {}

    def sign(self, request: Request, on_step: OnStep | None = None) -> Signed:
        """Text to motion and animated GLB; SignError for a text or setting that cannot be signed."""
        request = self._settled(request)
        if request.signer:
            check_signer(request.signer, self.lmt)
        token = self._token(request)
        with self._turn(token):
            known = self.known(token)
            if known is not None:
                return known
            return self._saved(token, request, self._generate(token, lambda: self.generate(request, on_step)))

    def preview(self, entry: Entry, appearance: Appearance) -> Signed:
        """One sign by itself; SignError for one that cannot be made."""
        request = Request(entry.gloss, entry.language, Manner("dictionary"), appearance)
        token = self._name(asdict(entry), asdict(appearance))
        with self._turn(token):
            known = self.known(token)
            return known or self._saved(token, request, self._generate(token, lambda: show_sign(entry)))

    def _saved(self, token: str, request: Request, result: SignResult) -> Signed:
        signed = Signed(token, request, result, self.folder / token)
        signed.folder.mkdir(parents=True, exist_ok=True)
        self.studio.save(result, signed.file(MOTION), appearance=request.appearance)
        self._remember(signed)
        return signed

    @property
    def keeps(self) -> bool:
        """Whether signs can be kept in the user's own dictionary."""
        return self.writes and self._is_table()

    def _is_table(self) -> bool:
        return self.own is not None and self.own.suffix.lower() == ".toml"

    def why_not(self) -> str:
        """Why signs are not kept here: a sentence for the page, empty where they are."""
        if self.own is None:
            return "This page keeps no signs: it was started without --dictionary FILE.toml."
        if not self._is_table():
            return f"This page keeps no signs: {self.own.name} is no .toml file."
        if not self.writes:
            return (
                "Others can reach this page, so it keeps no signs in the dictionary of whoever runs it, unless it is "
                "started with --let-visitors-save."
            )
        return ""

    def keep_sign(self, entry: Entry) -> None:
        """Writes a sign into the user's own dictionary; from now on it answers first."""
        if self.own is None or not self.keeps:
            raise SignError(self.why_not())
        with self._lock:
            keep(entry, self.own)

    def dictionary(self, language: str, own: str = "") -> SignDictionary:
        """The dictionary of a language, the visitor's own signs in front, then those of whoever runs the page."""
        return dictionary_of(language, self._own(own))

    def _own(self, name: str = "") -> Own | None:
        """All own dictionaries; that of the server is left out while a new one has no sign yet."""
        visitor = (self.visitors.file(name),) if name else ()
        missing = self.own is None or (self._is_table() and not self.own.exists())
        return (*visitor, *(() if missing or self.own is None else (self.own,))) or None

    def is_long(self, request: Request) -> bool:
        """Whether the first sentence should play while the rest is made; SignError for a text that cannot be signed."""
        known = self.known(self._token(self._settled(request)))
        return known is None and len(self.dictionary(request.language, request.own).read(request.text)) >= LONG

    def signers(self) -> tuple[str, ...]:
        """Who can be seen in generated videos; empty when there are no weights."""
        return lmt_signers(self.lmt)

    def modes(self) -> list[str]:
        """How the network can decode; empty when there are no weights."""
        return list(soke_modes(self.soke))

    def warm(self) -> None:
        """Reads dictionaries and weights and begins the renderer now, so that the first user need not wait."""
        self.videos.start()
        for code in LANGUAGES:
            load_pipeline(code, self._own())
        if self.modes():
            load_soke(self.soke, own=self._own())
        if self.signers():
            load_lmt(self.lmt)

    def _settled(self, request: Request) -> Request:
        """Says who signs where the user did not: the result's settings have to tell."""
        by = request.manner.by or ("soke" if self.modes() else "dictionary")
        return replace(request, manner=replace(request.manner, by=by))

    def generate(self, request: Request, on_step: OnStep | None = None) -> SignResult:
        """The motion of a request, kept nowhere: the part that may use a GPU."""
        return sign_text(
            request.text,
            request.language,
            request.manner,
            own=self._own(request.own),
            soke=self.soke,
            opening=request.opening,
            on_step=on_step,
        )

    def _generate(self, token: str, make: Callable[[], SignResult]) -> SignResult:
        try:
            return make()
        except SignError:
            with self._lock:  # what cannot be signed leaves nothing behind
                self._making.pop(token, None)
            raise

    def video(self, signed: Signed, on_step: OnStep | None = None, name: str = VIDEO) -> Path:
        """An mp4 of a result, see ``VIDEOS``. ``on_step`` may raise to stop; nothing half-written is left."""
        captions, both = VIDEOS[name]
        beside = self.generated_video(signed) if both else None
        with self._turn(signed.token):
            path = signed.file(name)
            if not path.exists():
                asked = signed.request
                self.videos.save(
                    signed.result,
                    path,
                    appearance=asked.appearance,
                    look=asked.look,
                    captions=captions,
                    beside=beside,
                    on_step=on_step,
                )
            return path

    def generated_video(self, signed: Signed, on_step: OnStep | None = None) -> "GeneratedVideo":
        """The video of the request's signer, in step with the result; the same each time it is made.

        SignError when its network knows none of the signs.
        """
        asked = signed.request

        def told(_: str, share: float) -> None:
            if on_step:
                on_step("Generating the video", share)

        how = asked.manner
        return generate_video(signed.result, asked.signer, how.seed, how.temperature, lmt=self.lmt, on_step=told)

    def generated(self, signed: Signed, on_step: OnStep | None = None) -> Generated | None:
        """The generated video's files, made now if they were not yet; None when the request wants none."""
        if not signed.request.signer:
            return None
        made = self._generated.get(signed.token)
        if made is not None:  # without waiting for whoever renders the avatar
            return made
        with self._turn(signed.token):
            made = self._generated.get(signed.token)
            if made is None:
                made = save_generated(
                    lambda: self.generated_video(signed, on_step), signed.folder, signed.request.signer
                )
                self._generated[signed.token] = made
            return made

    def files(self, signed: Signed) -> dict[str, str]:
        """Names of what can be downloaded of a result, and what each is."""
        made = self._generated.get(signed.token)
        generated = {**GENERATED_FILES, **BOTH} if made and made.captions else {}
        return {**DOWNLOADS, **generated, **(OWN_SIGNS if signed.request.own else {})}

    def download(self, token: str, name: str) -> Path | None:
        """The file ``name`` of a result, made now if it was not yet; None for an unknown token or name."""
        signed = self.known(token)
        if signed is None:
            return None
        if name in GENERATED_FILES or name in BOTH:
            made = self.generated(signed)
            if made is None or not made.captions:
                return None
            return self.video(signed, name=name) if name in BOTH else signed.file(name)
        if name == OWN_FILE and signed.request.own:
            path = self.visitors.file(signed.request.own)
            return path if path.exists() else None
        if name not in DOWNLOADS:
            return None
        if name in VIDEOS:
            return self.video(signed, name=name)
        with self._turn(token):
            path = signed.file(name)
            if path.exists():
                return path
            if name == SETTINGS:
                with atomic(path) as part:
                    part.write_text(json.dumps(settings(signed), ensure_ascii=False, indent=2), encoding="utf-8")
            elif name != BUNDLE:
                self.studio.save(signed.result, path, appearance=signed.request.appearance)
        return path if name != BUNDLE else self._bundle(signed)

    def _bundle(self, signed: Signed) -> Path:
        self.generated(signed)
        members = {name: self.download(signed.token, name) for name in self.files(signed) if name != BUNDLE}
        with self._turn(signed.token), atomic(signed.file(BUNDLE)) as part, zipfile.ZipFile(part, "w") as archive:
            for name, member in members.items():
                if member is not None:
                    archive.write(member, name)
        return signed.file(BUNDLE)

    def _token(self, request: Request) -> str:
        own = self._own(request.own)  # a sign that was kept changes what the same request gives
        return self._name(asdict(request), own_stamp(own) if own else ())

    def _name(self, *facts: object) -> str:
        text = json.dumps(facts, sort_keys=True, default=str).encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()[:32]

    def _turn(self, token: str) -> threading.Lock:
        """One maker a result at a time, so that two equal requests do the work once."""
        with self._lock:
            return self._making.setdefault(token, threading.Lock())

    def known(self, token: str) -> Signed | None:
        with self._lock:
            signed = self._results.get(token)
            if signed is not None:
                self._results.move_to_end(token)
            return signed

    def _remember(self, signed: Signed) -> None:
        with self._lock:
            self._results[signed.token] = signed
            old = [self._results.popitem(last=False)[1] for _ in range(len(self._results) - self.keep)]
            for dropped in old:
                self._making.pop(dropped.token, None)
                self._generated.pop(dropped.token, None)
        for dropped in old:
            shutil.rmtree(dropped.folder, ignore_errors=True)


def settings(signed: Signed) -> dict[str, object]:
    """Everything that makes this result again, and what became of the words."""
    return {
        "request": asdict(signed.request),
        "timings": signed.result.timings.stages,
        "notes": signed.result.notes,
        "times_estimated": signed.result.estimated,
        "glosses": [asdict(cue) for cue in signed.result.cues],
        "words": word_rows(signed.result.hints),
    }


def word_rows(hints: tuple[Hint, ...]) -> list[dict[str, object]]:
    """What became of each word, as plain values."""
    return [
        {"word": h.word, "span": h.span, "status": h.status, "how": h.how, "gloss": h.gloss, "reason": h.reason}
        for h in hints
    ]
