"""The same sentence signed in two or more ways, how far apart they are, and where on the body; no web framework."""

import gzip
import random
import secrets
import shutil
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from demo.inside import STAGES
from demo.reference_motion import read_reference
from demo.service import MOTION, Request, Service
from demo.votes import MODES
from sign_models.body import Body
from sign_models.errors import SignError
from sign_models.export.glb import write_glb
from sign_models.export.timeline import timeline
from sign_models.files import atomic
from sign_models.languages import language
from sign_models.manner import Manner
from sign_models.measure.dtw import dtw_path
from sign_models.measure.joints import IN_SPACE, MEASURES, Points, dtw_jpe, jpe_cost
from sign_models.measure.points import measurer
from sign_models.registry import lmt_folder, load_dictionary, load_lmt
from sign_models.render import write_video
from sign_models.types import FPS, Motion

OnStep = Callable[[str, float], None]

DICTIONARY, LMT, UPLOAD = "dictionary", "lmt", "upload"
MOST_WAYS = 4
MOST_FRAMES = 2000
"""Longer motions are shown and not measured: the work grows with the square."""
MOMENTS = 120
"""At most so many times whole meshes are laid on each other: all frames of five seconds, some of a longer motion."""

REFERENCE_FILE, VIDEO_FILE = "reference.glb", "lmt.mp4"
DIFFERENCE_FILES = ("difference.glb", "bands.gz")
"""The first of a pair as a body coloured by its mean distance to the second, and its colours moment by moment."""
VOTES_CSV, VOTES_LINES = "votes.csv", "votes.jsonl"
FILES = (REFERENCE_FILE, VIDEO_FILE, VOTES_CSV, VOTES_LINES)
COMPARED = "compared"
"""First part of the address of these files."""

PARTS = {"body": "body", "left_hand": "left hand", "right_hand": "right hand"}

BANDS: tuple[tuple[float, str], ...] = (
    (1.0, "#ece7d6"), (3.0, "#f4c04a"), (6.0, "#ea7a3c"), (12.0, "#ad2a63"), (np.inf, "#34106b"),
)  # fmt: skip
"""Upper ends in cm and colours of a difference: each darker than the one before, for those who see no hues."""


@dataclass(frozen=True)
class Asked:
    """ways: keys of ``ways_of``, in the order wished. mode: of ``votes.MODES``. stretched: all take equally long.

    upload: the file for "upload".
    """

    text: str
    language: str
    ways: tuple[str, ...]
    mode: str = "one"
    stretched: bool = True
    seed: int = 0
    temperature: float = 0.0
    tempo: float = 1.0
    upload: Path | None = None


@dataclass(frozen=True)
class Made:
    """One way's signing. glb, mp4: addresses relative to the page, empty when there is none.

    motion: None for a video alone. settings: what makes it again. timeline: cues and sentences for the player.
    """

    way: str
    title: str
    glb: str
    mp4: str
    motion: Motion | None
    seconds: dict[str, float]
    settings: dict[str, Any]
    timeline: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Difference:
    """Two motions laid on each other by the warping in time that brings them closest.

    jpe: DTW-JPE in cm by part, a moment of the path; hands with their wrists laid on each other, as published.
    in_space: the same of the hands where they are. vertices: (v,) mean distance in cm over the clip.
    moments: (m,) seconds in the first; bands: (m, v) the row of ``BANDS`` in which each vertex is then.
    shares: share of the skin above the thighs in each of them, over all moments. worst: (seconds in the first, cm),
    where the hands are farthest apart.
    """

    jpe: dict[str, float]
    in_space: dict[str, float]
    vertices: NDArray[np.float32] = field(repr=False)
    moments: NDArray[np.float64] = field(repr=False)
    bands: NDArray[np.uint8] = field(repr=False)
    shares: tuple[float, ...]
    worst: tuple[float, float]


@dataclass(frozen=True)
class Comparison:
    """token: names it in addresses. made: in the order in which they are shown, which is A, B … when blind."""

    token: str
    asked: Asked
    made: tuple[Made, ...]
    _apart: dict[tuple[int, int], Difference] = field(default_factory=dict, repr=False)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Those that can be measured: both move a body and are short enough."""
        fit = [i for i, one in enumerate(self.made) if one.motion is not None and len(one.motion) <= MOST_FRAMES]
        return list(combinations(fit, 2))

    def differences(self, body: Body) -> dict[tuple[int, int], Difference]:
        """Of every pair; worked out once."""
        for i, j in self.pairs:
            first, second = self.made[i].motion, self.made[j].motion
            if (i, j) not in self._apart and first is not None and second is not None:
                self._apart[i, j] = difference(first, second, body)
        return dict(self._apart)


def ways_of(service: Service) -> dict[str, str]:
    """Key -> title of every way to sign that there is something for here."""
    ways = {DICTIONARY: "Dictionary signs joined by rules"}
    for mode in service.modes():
        name = mode.replace("_", "-")
        ways[f"soke:{mode}"] = f"SOKE network, {name}"
        ways[f"soke:{mode}:alone"] = f"SOKE network, {name}, without retrieval"
    if lmt_folder().is_dir():
        ways[LMT] = "LMT network (video)"
    ways[UPLOAD] = "Uploaded reference motion"
    return ways


def manner_of(way: str, asked: Asked) -> Manner:
    """The manner of "dictionary" or "soke:MODE[:alone]"."""
    if way == DICTIONARY:
        return Manner("dictionary", asked.tempo)
    _, mode, *alone = way.split(":")
    return Manner(
        "soke", asked.tempo, seed=asked.seed, temperature=asked.temperature, mode=mode, retrieval=not alone
    )  # fmt: skip


class Shelf:
    """Folders with unguessable names for files of comparisons; the least recently used are deleted first."""

    def __init__(self, folder: Path, keep: int = 50) -> None:
        self.folder = folder
        self.keep = keep
        self._known: OrderedDict[str, Comparison | None] = OrderedDict()
        self._lock = threading.Lock()

    def place(self, token: str, comparison: Comparison | None = None) -> Path:
        """The folder of a token, made when it is new."""
        with self._lock:
            self._known[token] = comparison
            self._known.move_to_end(token)
            old = [self._known.popitem(last=False)[0] for _ in range(len(self._known) - self.keep)]
            place = self.folder / token
            place.mkdir(parents=True, exist_ok=True)
        for name in old:
            shutil.rmtree(self.folder / name, ignore_errors=True)
        return place

    def comparison(self, token: str | None) -> Comparison | None:
        with self._lock:
            return self._known.get(token) if token else None

    def find(self, token: str, name: str) -> Path | None:
        """A file to be served; None for any name that this program did not make."""
        with self._lock:
            known = token in self._known
        if not known or not (name in FILES or _is_difference(name)):
            return None
        path = self.folder / token / name
        return path if path.is_file() else None


def compare(service: Service, shelf: Shelf, asked: Asked, on_step: OnStep | None = None) -> Comparison:
    """Signs the text in every way asked for; when blind, in two of them, drawn and ordered by chance.

    SignError when fewer than two are asked for, one is unknown, or one cannot be made.
    """
    titles = ways_of(service)
    _check(asked, titles)
    ways = list(dict.fromkeys(asked.ways))
    blind = asked.mode == "blind"
    if blind:
        ways = random.SystemRandom().sample(ways, 2)
    token = secrets.token_hex(16)
    place = shelf.place(token)
    made = []
    for number, way in enumerate(ways):

        def told(stage: str, share: float, number: int = number) -> None:
            if on_step:
                named = "" if blind else f": {STAGES.get(stage, stage)}"  # the stages would tell who signs
                on_step(f"signing {number + 1} of {len(ways)}{named}", (number + share) / len(ways))

        told("beginning", 0.0)
        make = {LMT: _lmt, UPLOAD: _uploaded}.get(way, _signed)
        one = make(service, asked, way, titles[way], place, told)
        # the same file under another address, so that a player that shows it already begins anew
        made.append(replace(one, glb=f"{one.glb}?{token[:8]}" if one.glb else ""))
    comparison = Comparison(token, asked, tuple(made))
    shelf.place(token, comparison)
    return comparison


def _check(asked: Asked, titles: dict[str, str]) -> None:
    if asked.mode not in MODES:
        raise SignError(f'There is no mode "{asked.mode[:40]}"; choose one of {", ".join(MODES)}.')
    unknown = [way for way in asked.ways if way not in titles]
    if unknown:
        raise SignError(f'There is no way to sign "{unknown[0][:40]}" here; choose from {", ".join(titles)}.')
    if len(set(asked.ways)) < 2:
        raise SignError(f"Choose two or more ways to sign; there is {len(set(asked.ways))}.")
    if len(asked.ways) > MOST_WAYS:
        raise SignError(f"Choose at most {MOST_WAYS} ways; these are {len(asked.ways)}.")
    if UPLOAD in asked.ways and asked.upload is None:
        raise SignError("Give the file of the reference motion (.npz), or choose another way.")


def _signed(service: Service, asked: Asked, way: str, title: str, place: Path, on_step: OnStep) -> Made:
    manner = manner_of(way, asked)
    signed = service.sign(Request(asked.text, asked.language, manner), on_step)
    result = signed.result
    return Made(
        way, title, f"results/{signed.token}/{MOTION}", "", result.motion, dict(result.timings.stages),
        {"way": way, **asdict(manner)}, timeline(result), result.notes,
    )  # fmt: skip


def _uploaded(service: Service, asked: Asked, way: str, title: str, place: Path, on_step: OnStep) -> Made:
    start = time.perf_counter()
    assert asked.upload is not None
    given = read_reference(asked.upload)
    motion = at_usual_rate(given)
    write_glb(place / REFERENCE_FILE, motion, service.studio.body)
    notes = () if given.fps == FPS else (f"The uploaded motion has {given.fps:g} frames a second; {FPS:g} are shown.",)
    return Made(
        way, title, f"{COMPARED}/{place.name}/{REFERENCE_FILE}", "", motion, {"reading": time.perf_counter() - start},
        {"way": way, "frames": len(given), "fps": given.fps}, {"fps": FPS, "duration": motion.seconds}, notes,
    )  # fmt: skip


def _lmt(service: Service, asked: Asked, way: str, title: str, place: Path, on_step: OnStep) -> Made:
    from sign_models.lmt.decoding import Sampling

    pipeline = load_lmt()
    code = language(asked.language).code
    hints = load_dictionary(code).find(asked.text)
    wanted = [f"{code}:{entry.gloss}" for hint in hints if hint.status == "signed" for entry in hint.entries]
    known = [gloss for gloss in wanted if pipeline.knows(gloss)]
    if not known:
        raise SignError(
            f"The LMT network has learned none of this sentence's signs; it knows {', '.join(pipeline.glosses[:20])}."
        )
    result = pipeline.generate(
        known, sampling=Sampling(temperature=asked.temperature, seed=asked.seed), on_step=on_step
    )
    write_video((frame.numpy() for frame in result.video.frames), place / VIDEO_FILE, result.video.fps)
    left = sum(all(f"{code}:{entry.gloss}" not in known for entry in hint.entries) for hint in hints)
    notes = (f"The LMT video leaves out {left} of {len(hints)} words, which it has not learned.",) if left else ()
    lines = {
        "fps": result.video.fps,
        "duration": len(result.video) / result.video.fps,
        "cues": [{**asdict(cue), "span": list(cue.span)} for cue in result.cues],
    }
    settings = {"way": way, "glosses": known, "seed": asked.seed, "temperature": asked.temperature}
    return Made(
        way, title, "", f"{COMPARED}/{place.name}/{VIDEO_FILE}", None, result.timings.stages, settings, lines, notes
    )


def at_usual_rate(motion: Motion) -> Motion:
    """The frames nearest to each 25th of a second."""
    if motion.fps == FPS:
        return motion
    count = max(1, round(len(motion) * FPS / motion.fps))
    rows = (torch.arange(count) * motion.fps / FPS).round().long().clamp(max=len(motion) - 1)
    face = None if motion.face is None else motion.face[rows]
    return replace(motion, features=motion.features[rows], face=face, fps=FPS)


def difference(first: Motion, second: Motion, body: Body) -> Difference:
    """How far two motions are apart; symmetric but for the times, which are the first one's."""
    meter = measurer()
    points = meter.points_of(first), meter.points_of(second)
    jpe = {name: warped.mean * 100 for name, warped in dtw_jpe(MEASURES, *points).items()}
    in_space = {name: warped.mean * 100 for name, warped in dtw_jpe(IN_SPACE, *points).items()}
    hands = _hands_cost(points)
    path = dtw_path(hands + jpe_cost(MEASURES[0], *points))
    apart = hands[path[:, 0], path[:, 1]]
    worst = int(apart.argmax())
    cells = _moments(path)
    distances = _mesh_distances(first, second, cells, body)
    bands = np.searchsorted(_ENDS, distances, side="right").astype(np.uint8)
    shares = np.bincount(bands[:, np.unique(body.upper_faces)].ravel(), minlength=len(BANDS))
    return Difference(
        jpe,
        in_space,
        distances.mean(0),
        cells[:, 0] / first.fps,
        bands,
        tuple((shares / shares.sum()).tolist()),
        (float(path[worst, 0]) / first.fps, float(apart[worst] * 100)),
    )


def _hands_cost(points: tuple[Points, Points]) -> NDArray[np.float64]:
    """(n, m) metres: mean over both hands, where they are."""
    costs = [jpe_cost(measure, *points) for measure in IN_SPACE]
    return np.asarray(sum(costs) / len(costs))


def _moments(path: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of the path, evenly over time, no frame of the first twice."""
    rows = np.unique(np.linspace(0, len(path) - 1, min(len(path), 2 * MOMENTS)).round().astype(int))
    _, firsts = np.unique(path[rows, 0], return_index=True)
    cells = path[rows[firsts]]
    return cells[np.unique(np.linspace(0, len(cells) - 1, min(len(cells), MOMENTS)).round().astype(int))]


def _mesh_distances(first: Motion, second: Motion, cells: NDArray[np.int64], body: Body) -> NDArray[np.float32]:
    """(m, v) cm: how far each vertex is from itself in the other motion, at each cell of the path."""
    found = []
    for start in range(0, len(cells), 50):  # a stretch at a time: a mesh has 10,000 vertices
        rows = cells[start : start + 50]
        pair = [_some(motion, rows[:, k]) for k, motion in enumerate((first, second))]
        here, there = (body.pose(motion).vertices for motion in pair)
        found.append((here - there).norm(dim=-1).numpy() * 100)
    return np.concatenate(found).astype(np.float32)


def _some(motion: Motion, rows: NDArray[np.int64]) -> Motion:
    picked = torch.from_numpy(rows)
    return replace(motion, features=motion.features[picked], face=None if motion.face is None else motion.face[picked])


_ENDS = [end for end, _ in BANDS[:-1]]


def paint(vertices: NDArray[np.float32]) -> torch.Tensor:
    """(v,) cm -> (v, 4) colours of ``BANDS``."""
    table = np.array([[*bytes.fromhex(color[1:]), 255] for _, color in BANDS], np.float32) / 255
    return torch.from_numpy(table[np.searchsorted(_ENDS, vertices, side="right")])


def difference_shown(shelf: Shelf, comparison: Comparison, pair: tuple[int, int], body: Body) -> dict[str, Any]:
    """What the player loads: the first of the pair signing, in the colours of its distance to the second as it goes."""
    motion = comparison.made[pair[0]].motion
    assert motion is not None
    apart = comparison.differences(body)[pair]
    glb, bands = _difference_names(pair)
    place = shelf.place(comparison.token, comparison)
    if not (place / bands).exists():
        write_glb(place / glb, motion, body.painted(paint(apart.vertices)))
        with atomic(place / bands) as part:
            part.write_bytes(gzip.compress(apart.bands.tobytes(), mtime=0))
    address = f"{COMPARED}/{comparison.token}"
    colours = {"bands": f"{address}/{bands}", "times": apart.moments.tolist(), "colors": [color for _, color in BANDS]}
    return {"glb": f"{address}/{glb}", "paint": colours}


def _difference_names(pair: tuple[int, int]) -> tuple[str, ...]:
    return tuple(f"{pair[0]}-{pair[1]}-{name}" for name in DIFFERENCE_FILES)


def _is_difference(name: str) -> bool:
    return any(name in _difference_names(pair) for pair in combinations(range(MOST_WAYS), 2))
