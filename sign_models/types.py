"""The values that travel between the rooms of the house: frozen, with their shapes checked when they are made.

Axis letters, the same everywhere: t frames, b batch, k parts, s token steps, j joints, v vertices, f faces,
h hands (left, right), c channels, w and h of a picture only in ``(t, h, w, 3)``.
"""

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from sign_models.face import FACE_ACTIONS
from sign_models.parts import FEATURES

FPS = 25.0
"""Frames a second of everything made here, unless said otherwise."""


def _check(name: str, tensor: Tensor, shape: tuple[int | None, ...]) -> None:
    fits = tensor.ndim == len(shape) and all(
        want is None or have == want for have, want in zip(tensor.shape, shape, strict=True)
    )
    if not fits:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise ValueError(f"{name} has shape {tuple(tensor.shape)}; ({wanted}) is needed.")


@dataclass(frozen=True)
class Motion:
    """A signed utterance as SMPL-X poses.

    features: (t, 133) float, see ``parts``; axis-angle in radians, denormalised.
    face: (t, 52) weights of ``FACE_ACTIONS`` in 0..1, or None when only the ten expression columns are known; when
        given, it is what a body shows and the expression columns are its summary.
    flat_hands: True when the hand columns are the whole hand pose; False when MANO's mean hand has to be added to
        them (the published data). Converted at the door of ``body``.
    expression_space: whose expression columns these are: the open body's (``face.EXPRESSIONS``) or SMPL-X's own.
    """

    features: Tensor
    fps: float = FPS
    face: Tensor | None = None
    flat_hands: bool = True
    expression_space: Literal["open", "smplx"] = "open"

    def __post_init__(self) -> None:
        _check("Motion.features", self.features, (None, FEATURES))
        if self.face is not None:
            _check("Motion.face", self.face, (len(self.features), len(FACE_ACTIONS)))
        if not self.fps > 0:
            raise ValueError(f"Motion.fps is {self.fps}; it must be above 0.")

    def __len__(self) -> int:
        return len(self.features)

    @property
    def seconds(self) -> float:
        return len(self) / self.fps


@dataclass(frozen=True)
class MotionTokens:
    """Codes of a motion: ids (k, s), rows in ``PARTS`` order."""

    ids: Tensor

    def __post_init__(self) -> None:
        _check("MotionTokens.ids", self.ids, (None, None))


@dataclass(frozen=True)
class Mesh:
    """A posed body: vertices (t, v, 3) and joints (t, j, 3) in metres with y up; faces (f, 3) integer."""

    vertices: Tensor
    joints: Tensor
    faces: Tensor
    fps: float = FPS

    def __post_init__(self) -> None:
        _check("Mesh.vertices", self.vertices, (None, None, 3))
        _check("Mesh.joints", self.joints, (len(self.vertices), None, 3))
        _check("Mesh.faces", self.faces, (None, 3))

    def __len__(self) -> int:
        return len(self.vertices)


@dataclass(frozen=True)
class Video:
    """Pictures: frames (t, h, w, 3) uint8."""

    frames: Tensor
    fps: float = FPS

    def __post_init__(self) -> None:
        _check("Video.frames", self.frames, (None, None, None, 3))
        if self.frames.dtype != torch.uint8:
            raise ValueError(f"Video.frames is {self.frames.dtype}; torch.uint8 is needed.")

    def __len__(self) -> int:
        return len(self.frames)


CueKind = Literal["sign", "spelled"]


@dataclass(frozen=True)
class Cue:
    """One entry of the gloss timeline: what is signed from ``start`` to ``end`` (seconds).

    word: the word as the user typed it, with its character span in the text.
    """

    start: float
    end: float
    gloss: str
    kind: CueKind
    word: str
    span: tuple[int, int]
    sentence: int = 0


@dataclass(frozen=True)
class Timings:
    """Seconds spent in each stage, in order."""

    stages: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One sign of a dictionary.

    hamnosys: HamNoSys 4 as glyphs or as space-separated SiGML tag names. lemmas: spoken-language words that mean it.
    nonmanual: space-separated SiGML non-manual tags (brows, head, mouth …), empty for none. letter: the letter or
    digit of a finger alphabet this entry shows ("A", "SCH", "7"), empty for a sign. sense: tells apart two signs of one
    word. about: the sign in one line of words. sure: how sure the author is that this is the citation form. clip: the
    path of a motion (.npz) that shows the sign in place of ``hamnosys``, which is then empty.
    """

    gloss: str
    language: str
    hamnosys: str
    lemmas: tuple[str, ...] = ()
    nonmanual: str = ""
    letter: str = ""
    sense: str = ""
    about: str = ""
    sure: Literal["high", "medium", "low"] = "medium"
    clip: str = ""


@dataclass(frozen=True)
class Hint:
    """What becomes of one word (or multi-word unit) of the text.

    span: characters in the whole text. entries: the signs, or one entry a letter when spelled; empty when left out.
    how: which rule answered ("exact", "lemma", "compound", "near", "number", "spelled", "left out").
    reason: one sentence a user can read.
    """

    word: str
    span: tuple[int, int]
    status: Literal["signed", "spelled", "left_out"]
    how: str
    reason: str
    entries: tuple[Entry, ...] = ()

    @property
    def gloss(self) -> str:
        """``HELLO``, ``RAIN CLOUD`` for a compound, ``A-N-N-A`` for a spelled word, empty when left out."""
        joint = "-" if self.status == "spelled" else " "
        return joint.join(entry.letter or entry.gloss for entry in self.entries)


@dataclass(frozen=True)
class Sentence:
    """One sentence of a text in signing order: its words' hints and what the face has to say."""

    text: str
    span: tuple[int, int]
    mood: Literal["statement", "yes_no_question", "wh_question"]
    negated: bool
    hints: tuple[Hint, ...]


Maker = Literal["soke", "dictionary"]
"""Who turns words into motion: the trained network, or dictionary signs joined by rules."""


@dataclass(frozen=True)
class SignResult:
    """What a pipeline gives: the motion, its gloss timeline, and how each word was answered.

    by: which of them. estimated: the cues' times are worked out from the motion afterwards, not known.
    notes: one sentence each on what a user should know of this result.
    """

    motion: Motion
    cues: tuple[Cue, ...]
    sentences: tuple[Sentence, ...]
    text: str
    language: str
    timings: Timings
    by: Maker = "dictionary"
    estimated: bool = False
    notes: tuple[str, ...] = ()

    @property
    def hints(self) -> tuple[Hint, ...]:
        return tuple(hint for sentence in self.sentences for hint in sentence.hints)
