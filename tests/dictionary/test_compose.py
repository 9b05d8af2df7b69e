"""Signs and letters become one movement: at rest at both ends, smooth at seams, clear of the body, rightly timed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sign_models.dictionary.motion import letters
from sign_models.dictionary.motion.bridges import bridge, bridge_turn, resample_turns, smoothstep
from sign_models.dictionary.motion.clearance import CALM
from sign_models.dictionary.motion.compose import Utterance, compose
from sign_models.errors import SignError
from sign_models.face import FACE_INDEX
from sign_models.hamnosys.arm.posture import hand_rotation, ready_posture, rest_posture
from sign_models.hamnosys.arm.solver import solve
from sign_models.hamnosys.figure import load_figure
from sign_models.hamnosys.smoothing import to_axis_angle, to_matrix
from sign_models.hamnosys.surface.collision import RADII, body_clearance, hand_balls
from sign_models.hamnosys.track import Track, palm_centres
from sign_models.types import FPS, Entry, Hint, Sentence

Array = NDArray[np.float64]
Way = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], tuple[float, ...]]

FIGURE = load_figure()
REST = rest_posture(FIGURE)
READY = ready_posture(FIGURE)


def moved(frames: int, right: Way | None = None, left: Way | None = None, curl: float = 0.3) -> Track:
    """A sign: each hand from one place to another, with finger and palm direction; a hand without a way rests."""
    wrists, palms, fingers = (np.repeat(a, frames, 0) for a in (REST.wrists, REST.palms, REST.fingers))
    share = smoothstep(np.linspace(0, 1, frames))[:, None]
    for h, (side, way) in enumerate((("left", left), ("right", right))):
        if way is not None:
            start, end, pointing, facing = (np.array(v, dtype=float) for v in way)
            wrists[:, h] = start * (1 - share) + end * share
            palms[:, h] = hand_rotation(side, pointing, facing)
            fingers[:, h] *= curl
    return Track(wrists, palms, fingers, np.zeros((frames, 2)), np.zeros((frames, 3)), np.zeros((frames, 52)))


def mirrored(way: Way) -> Way:
    return tuple((-v[0], *v[1:]) for v in way)  # type: ignore[return-value]


APART: Way = ((-0.09, 0.38, 0.3), (-0.14, 0.38, 0.3), (0.1, 0.2, 1), (1, 0.1, 0))
SIGNS = {
    "HELLO": moved(14, ((-0.17, 0.8, 0.18), (-0.34, 0.78, 0.22), (0.7, 0.7, 0.2), (0.2, -0.4, 1))),
    "THANK": moved(12, ((-0.1, 0.62, 0.24), (-0.12, 0.48, 0.42), (0.4, 0.85, -0.2), (0, 0.2, -1))),
    "BOOK": moved(16, APART, mirrored(APART)),
    "LOW": moved(12, ((-0.25, 0.25, 0.25), (-0.1, 0.25, 0.3), (0.3, 0, 1), (0, -1, 0)), curl=1.5),
    "SHOULDER": moved(12, ((0.06, 0.55, 0.22), (0.06, 0.53, 0.24), (0.9, 0.5, -0.3), (0, -0.3, -1))),
    "SIDE": moved(12, ((-0.4, 0.45, 0.15), (-0.45, 0.4, 0.2), (-0.5, 0.5, 0.7), (0.5, 0, 0.7))),
    "LONG": moved(60, ((-0.2, 0.5, 0.3), (-0.3, 0.3, 0.3), (0.2, 0.8, 0.4), (0.3, 0, 1))),
}
ENTRIES = {gloss: Entry(gloss, "ase", "x") for gloss in SIGNS}
ALPHABET = {c: Entry(c, "ase", "x", letter=c) for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


def track_of(entry: Entry) -> Track:
    if not entry.letter:
        return SIGNS[entry.gloss]
    here = (-0.24, 0.52, 0.24)
    end = (-0.3, 0.45, 0.24) if entry.letter in "JZ" else here
    return moved(10, (here, end, (0.1, 1, 0.15), (0, 0, 1)), curl=(ord(entry.letter) - 60) / 20)


def sentence(words: str, mood: str = "statement", negated: bool = False, offset: int = 0) -> Sentence:
    """Signs by gloss, #WORD spelled, anything else left out; commas are kept in the text."""
    hints, place = [], offset
    for word in words.split():
        span = (place, place + len(word.rstrip(",")))
        place += len(word) + 1
        bare = word.rstrip(",")
        if bare.startswith("#"):
            spelled = tuple(ALPHABET[c] for c in bare[1:])
            hints.append(Hint(bare[1:].lower(), span, "spelled", "spelled", "There is no sign for it.", spelled))
        elif bare in SIGNS:
            hints.append(Hint(bare.lower(), span, "signed", "exact", "It is in the dictionary.", (ENTRIES[bare],)))
        else:
            hints.append(Hint(bare, span, "left_out", "left out", "It is not signed.", ()))
    return Sentence(words, (offset, place), mood, negated, tuple(hints))  # type: ignore[arg-type]


def say(*sentences: Sentence, tempo: float = 1.0) -> Utterance:
    return compose(sentences, track_of, FIGURE, tempo=tempo)


def speeds(track: Track) -> Array:
    return np.asarray(np.linalg.norm(np.diff(track.wrists, axis=0), axis=-1) * FPS)


def accelerations(track: Track) -> Array:
    return np.asarray(np.linalg.norm(np.diff(track.wrists, n=2, axis=0), axis=-1) * FPS**2)


THREE = (
    sentence("HELLO BOOK #ANNA BOOK"),
    sentence("THANK SHOULDER LOW BOOK", "yes_no_question", offset=40),
    sentence("BOOK THANK LOW", negated=True, offset=80),
)
sequences = st.lists(st.sampled_from([*SIGNS, "#ABBA", "#JOZ"]), min_size=1, max_size=6)


def test_starts_and_ends_at_rest() -> None:
    track = say(*THREE).track
    for frame in (0, 1, -2, -1):
        assert np.allclose(track.wrists[frame], REST.wrists[0])
        assert np.allclose(track.palms[frame], REST.palms[0])
        assert np.allclose(track.fingers[frame], REST.fingers[0])
        assert np.allclose(track.head[frame], 0, atol=1e-6)
        assert np.allclose(track.face[frame], 0, atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(sequences)
def test_any_sequence_is_smooth_and_clear_of_the_body(glosses: list[str]) -> None:
    track = say(sentence(" ".join(glosses))).track
    assert speeds(track).max() < 3.0
    # A minimum-jerk way of 0.6 m in 0.6 s needs 10 m/s², a bump may add CALM; a jump of 1 m/s at a seam gives 25 more.
    assert accelerations(track).max() < CALM + 8
    balls = hand_balls(FIGURE, track.wrists, track.palms, track.fingers)
    assert body_clearance(FIGURE, balls).min() > -0.002
    steps = np.linalg.norm(to_axis_angle(np.swapaxes(track.palms[:-1], -1, -2) @ track.palms[1:]), axis=-1)
    assert np.degrees(steps).max() * FPS < 900
    assert np.abs(np.diff(track.fingers, axis=0)).max() * FPS < 25
    assert ((track.face >= 0) & (track.face <= 1)).all()


@pytest.mark.parametrize(("one", "other"), [("HELLO", "LOW"), ("SIDE", "SHOULDER"), ("SHOULDER", "SIDE")])
def test_a_way_goes_round_the_body_not_through(one: str, other: str) -> None:
    """From beside the hip to behind: the straight way would pass inside the trunk."""
    through = {
        "SIDE": moved(4, ((-0.3, 0.3, -0.05), (-0.3, 0.3, -0.05), (0.2, -0.3, 0.9), (1, 0, 0))),
        "SHOULDER": moved(4, ((0.1, 0.45, 0.2), (0.1, 0.45, 0.2), (0.9, 0.3, 0.2), (0, -0.2, -1))),
    }
    tracks = SIGNS | through
    words = sentence(f"{one} {other}")
    straight = bridge(tracks[one].wrists[:, 1], tracks[other].wrists[:, 1], 9)
    track = compose([words], lambda entry: tracks[entry.gloss], FIGURE).track
    balls = hand_balls(FIGURE, track.wrists, track.palms, track.fingers)
    assert body_clearance(FIGURE, balls).min() > -0.002
    if "SIDE" in (one, other):
        assert FIGURE.distance(straight).min() < 0.026, "the case does not test what it says"


def test_hands_do_not_pass_through_each_other() -> None:
    crossed = moved(
        10,
        ((0.10, 0.4, 0.3), (0.10, 0.4, 0.3), (0.3, 0.9, 0.2), (0, 0, 1)),
        ((-0.10, 0.4, 0.3), (-0.10, 0.4, 0.3), (-0.3, 0.9, 0.2), (0, 0, 1)),
    )
    ahead = np.array([[[0, 0, 0.09], [0, 0, 0]]])
    tracks = {"BOOK": SIGNS["BOOK"], "LOW": replace(crossed, wrists=crossed.wrists + ahead)}
    track = compose([sentence("BOOK LOW")], lambda entry: tracks[entry.gloss], FIGURE).track
    balls = hand_balls(FIGURE, track.wrists, track.palms, track.fingers)
    apart = np.linalg.norm(balls[:, 0, :, None] - balls[:, 1, None], axis=-1) - RADII[:, None] - RADII
    assert apart.min() > -0.004


def test_the_solved_motion_has_no_jump() -> None:
    motion, report = solve(say(*THREE).track, FIGURE)
    assert report.missed.max() < 0.002
    jumps = np.abs(np.diff(motion.features[:, :120].numpy(), axis=0)).max(0)
    assert jumps.max() < 0.6


@pytest.mark.parametrize("words", ["HELLO", "BOOK THANK", "SHOULDER LOW", "#ABC SIDE"])
def test_the_solved_motion_starts_and_ends_in_one_posture(words: str) -> None:
    features = solve(say(sentence(words)).track, FIGURE)[0].features
    alone = solve(REST, FIGURE)[0].features[0]
    assert (features[0] - alone).abs().max() < 0.005
    assert (features[-1] - alone).abs().max() < 0.005


def test_cues_are_ordered_and_say_what_is_shown() -> None:
    said = say(*THREE)
    assert [(cue.gloss, cue.kind, cue.sentence) for cue in said.cues] == [
        ("HELLO", "sign", 0), ("BOOK", "sign", 0), ("A-N-N-A", "spelled", 0), ("BOOK", "sign", 0),
        ("THANK", "sign", 1), ("SHOULDER", "sign", 1), ("LOW", "sign", 1), ("BOOK", "sign", 1),
        ("BOOK", "sign", 2), ("THANK", "sign", 2), ("LOW", "sign", 2),
    ]  # fmt: skip
    for before, after in zip(said.cues, said.cues[1:], strict=False):
        assert before.start < before.end < after.start
    assert said.cues[0].start > 0.3
    assert said.cues[-1].end < len(said.track) / FPS
    assert said.cues[2].word == "anna"
    assert said.cues[2].span == (11, 16)
    hello = round(said.cues[0].start * FPS)
    assert np.allclose(said.track.wrists[hello : hello + 14, 1], SIGNS["HELLO"].wrists[:, 1])


def test_a_word_of_two_signs_has_two_cues_and_a_number_one() -> None:
    compound = Hint("a", (0, 1), "signed", "compound", "Two signs.", (ENTRIES["LOW"], ENTRIES["BOOK"]))
    number = Hint("42", (2, 4), "signed", "number", "A number.", (ALPHABET["D"], ALPHABET["B"]))
    said = say(Sentence("a 42", (0, 4), "statement", False, (compound, number)))
    assert [(cue.gloss, cue.kind) for cue in said.cues] == [("LOW", "sign"), ("BOOK", "sign"), ("D B", "sign")]


def test_tempo_scales_time_but_letters_stay_readable() -> None:
    slow, normal, fast = (len(say(*THREE, tempo=tempo).track) for tempo in (0.5, 1.0, 1.5))
    assert slow == pytest.approx(2 * normal, rel=0.06)
    assert fast == pytest.approx(normal / 1.5, rel=0.08)
    for tempo in (0.5, 1.0, 1.5):
        held = _longest_stills(say(sentence("#ABC"), tempo=tempo).track, 3)
        assert min(held) / FPS >= letters.READABLE - 1e-9
        if tempo == 1.0:
            assert min(held) / FPS >= 0.18


def _longest_stills(track: Track, count: int) -> list[int]:
    """Frames of the longest stretches in which the right hand stands above the waist."""
    still = (speeds(track)[:, 1] < 1e-6) & (track.wrists[1:, 1, 1] > 0.4)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.astype(int), [0]])))
    return sorted((int(n) + 1 for n in edges[1::2] - edges[::2]), reverse=True)[:count]


@pytest.mark.parametrize("tempo", [0.49, 1.51, -1.0, float("nan")])
def test_a_tempo_out_of_range_is_refused(tempo: float) -> None:
    with pytest.raises(SignError, match=r"0\.5 to 1\.5"):
        say(*THREE, tempo=tempo)


def test_nothing_to_sign_is_refused_with_the_reason() -> None:
    with pytest.raises(SignError, match=r'2 words were left out, such as "the" \(It is not signed\)\.'):
        say(sentence("the of"))
    with pytest.raises(SignError, match="no word"):
        compose([], track_of, FIGURE)


def test_a_double_letter_slides_outward_and_a_word_drifts() -> None:
    def places(word: str) -> Array:
        track = say(sentence(word)).track
        still = (speeds(track)[:, 1] < 1e-6) & (track.wrists[1:, 1, 1] > 0.4)
        return np.unique(track.wrists[1:, 1, 0][still].round(5))[::-1]

    drift, slide = np.diff(places("#AB"))[0], np.diff(places("#AA"))[0]
    assert drift == pytest.approx(-letters.DRIFT)
    assert slide == pytest.approx(-letters.SLIDE)
    long = places("#" + "AB" * 12)
    assert long[0] - long[-1] <= letters.MOST_DRIFT + 1e-6


def test_letters_are_shown_at_one_place_wherever_they_were_written() -> None:
    def scattered(entry: Entry) -> Track:
        place = {"A": (-0.24, 0.52, 0.24), "B": (-0.1, 0.3, 0.35), "C": (-0.3, 0.7, 0.2)}[entry.letter]
        pointing = (0.8, 0.5, 0.2) if entry.letter == "B" else (0.1, 1, 0.15)
        return moved(10, (place, place, pointing, (0, 0, 1)))

    said = compose([sentence("#ABC")], scattered, FIGURE)
    start, end = (round(t * FPS) for t in (said.cues[0].start, said.cues[0].end))
    palms = palm_centres(said.track, 1)
    spread = palms[start:end] - palms[start]
    assert np.linalg.norm(spread, axis=1).max() < 0.04
    assert spread[-1] == pytest.approx([-2 * letters.DRIFT, 0, 0], abs=1e-6)


def test_a_moving_letter_moves() -> None:
    cue = say(sentence("#AJ")).cues[0]
    track = say(sentence("#AJ")).track
    heights = track.wrists[round(cue.start * FPS) : round(cue.end * FPS), 1, 1]
    assert heights[0] - heights[-1] == pytest.approx(0.07)


def test_an_idle_hand_stays_up_for_a_short_sign_and_goes_down_for_a_long_one() -> None:
    def left_height(words: str) -> float:
        said = say(sentence(words))
        middle = said.cues[len(said.cues) // 2]
        return float(said.track.wrists[round((middle.start + middle.end) / 2 * FPS), 0, 1])

    book = SIGNS["BOOK"].wrists[0, 0, 1]
    assert left_height("BOOK THANK BOOK") == pytest.approx(book, abs=0.03)
    assert left_height("BOOK LONG BOOK") == pytest.approx(READY.wrists[0, 0, 1], abs=0.03)
    assert left_height("HELLO LONG THANK") == pytest.approx(REST.wrists[0, 0, 1], abs=0.01)


def test_a_comma_and_a_sentence_end_make_a_pause() -> None:
    def gap(*sentences: Sentence) -> float:
        one, other = say(*sentences).cues
        return other.start - one.end

    plain, comma = gap(sentence("THANK LOW")), gap(sentence("THANK, LOW"))
    stop = gap(sentence("THANK"), sentence("LOW", offset=10))
    assert comma == pytest.approx(plain + 0.16, abs=0.05)
    assert stop > comma + 0.2


def _weights(said: Utterance, action: str) -> Array:
    return said.track.face[:, FACE_INDEX[action]]


def test_questions_move_the_brows_and_hold_the_end() -> None:
    words = "THANK SHOULDER LOW"
    statement, yes_no, wh = (say(sentence(words, mood)) for mood in ("statement", "yes_no_question", "wh_question"))
    assert _weights(statement, "browInnerUp").max() == 0
    assert _weights(yes_no, "browInnerUp").max() > 0.6
    assert _weights(yes_no, "browDownLeft").max() == 0
    assert _weights(wh, "browDownLeft").max() > 0.6
    end = round(yes_no.cues[-1].end * FPS)
    assert (_weights(yes_no, "browInnerUp")[end : end + 8] > 0.6).all()
    assert (speeds(yes_no.track)[end : end + 8] < 1e-6).all()
    assert len(yes_no.track) > len(statement.track)
    assert yes_no.track.head[:, 0].max() > 0.1
    for said in (yes_no, wh):
        brows = np.stack([_weights(said, "browInnerUp"), _weights(said, "browDownLeft")])
        assert np.abs(np.diff(brows)).max() < 0.25


def test_negation_shakes_the_head_smoothly() -> None:
    said = say(sentence("LOW BOOK LOW", negated=True))
    yaw = said.track.head[:, 1]
    assert (np.abs(np.diff(np.sign(yaw[np.abs(yaw) > 0.02]))) > 0).sum() >= 3
    assert 0.1 < np.abs(yaw).max() < 0.3
    assert np.abs(np.diff(yaw)).max() * FPS < 3
    first = round(said.cues[0].end * FPS)
    assert np.abs(yaw[: first - 5]).max() < 0.03, "the topic itself is not denied"
    assert np.abs(say(sentence("LOW BOOK LOW")).track.head[:, 1]).max() == 0


def test_the_head_keeps_still_where_a_hand_touches_it() -> None:
    touch = moved(20, ((-0.1, 0.62, 0.2), (-0.1, 0.62, 0.2), (0.5, 0.85, -0.3), (0, -0.2, -1)))
    balls = hand_balls(FIGURE, touch.wrists, touch.palms, touch.fingers)
    assert body_clearance(FIGURE, balls)[0, 1] < 0.02, "the case does not test what it says"
    far = say(sentence("LOW", negated=True))
    near = compose([sentence("LOW", negated=True)], lambda entry: touch, FIGURE)
    middle = round((near.cues[0].start + near.cues[0].end) / 2 * FPS)
    assert np.abs(far.track.head[:, 1]).max() > 0.15
    assert np.abs(near.track.head[middle - 4 : middle + 4, 1]).max() < 0.03


def test_blinks_come_at_sentence_ends_and_every_few_seconds() -> None:
    said = say(*THREE, tempo=0.5)
    lids = _weights(said, "eyeBlinkLeft")
    starts = np.flatnonzero((lids[1:] > 0) & (lids[:-1] == 0)) / FPS
    assert np.diff(starts).max() < 7.5
    assert np.diff(starts).min() > 0.8
    ends = [max(cue.end for cue in said.cues if cue.sentence == k) for k in range(2)]
    for end in ends:
        assert (np.abs(starts - end) < 1.2).any()
    assert np.array_equal(lids, _weights(say(*THREE, tempo=0.5), "eyeBlinkLeft"))


def test_a_signs_own_face_is_kept_and_eased() -> None:
    face = np.zeros((12, 52))
    face[:, FACE_INDEX["cheekPuff"]] = 1.0
    puffed = replace(SIGNS["LOW"], face=face)
    said = compose([sentence("LOW")], lambda entry: puffed, FIGURE)
    weights = _weights(said, "cheekPuff")
    assert weights.max() == 1
    assert np.abs(np.diff(weights)).max() < 0.4


@given(st.integers(1, 20), st.integers(0, 1000))
def test_a_bridge_continues_what_it_joins(frames: int, seed: int) -> None:
    """Two pieces of one parabola: the bridge between them is the parabola."""
    a, b, c = np.random.default_rng(seed).uniform(0.5, 1, size=(3, 2))
    t = np.arange(frames + 8.0)[:, None]
    whole = a + b * t + 0.02 * c * t * t
    between = bridge(whole[:4], whole[4 + frames :], frames)
    assert np.allclose(between, whole[4 : 4 + frames])


def test_a_bridge_between_stills_is_minimum_jerk() -> None:
    between = bridge(np.zeros((1, 1)), np.ones((1, 1)), 9)[:, 0]
    s = np.arange(1, 10) / 10
    assert np.allclose(between, 10 * s**3 - 15 * s**4 + 6 * s**5)


@given(st.integers(0, 1000))
def test_turns_are_bridged_and_resampled_without_a_jump(seed: int) -> None:
    draw = np.random.default_rng(seed)
    axis = draw.normal(size=3)
    axis /= np.linalg.norm(axis)
    angles = np.linspace(0, 2.0, 21)
    whole = to_matrix(angles[:, None] * axis)
    between = bridge_turn(whole[:6], whole[15:], 9, np.array([1.0, 0, 0]))
    assert np.abs(between - whole[6:15]).max() < 1e-6
    half = resample_turns(whole[:, None], np.arange(0, 20.5, 0.5))[:, 0]
    assert np.abs(half - to_matrix(np.linspace(0, 2.0, 41)[:, None] * axis)).max() < 1e-5
