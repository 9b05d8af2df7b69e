"""The starter clips: real signs by the real synthesizer and renderer, few of them and small."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sign_models.errors import SignError
from sign_models.languages import LANGUAGES
from sign_models.lmt.rules import ClipRules
from sign_models.registry import load_dictionary
from train import prepare_videos
from train.data import sign_videos
from train.data.sign_videos import Made, Plan, SignVideos, gloss_of
from train.data.signers import SIGNERS, View, hand_boxes
from train.data.unusable import Unusable
from train.data.video_store import VideoStore

ALL = SignVideos()
SMALL = SignVideos(languages=("ase",), most=30, signers=4, unseen=1, held=0.2)
RULES = ClipRules(frames=8, height=32, width=32)


@cache
def _made(plan: Plan) -> Made:
    made = sign_videos.film(plan, SMALL, RULES)
    assert not isinstance(made, Unusable)
    return made


def _entry(gloss: str) -> sign_videos.Entry:
    return next(entry for entry in load_dictionary("ase") if entry.gloss == gloss)


def test_every_sign_of_every_language_is_filmed_with_every_signer() -> None:
    plans = sign_videos.plans(ALL)
    for code in LANGUAGES:
        signs = {gloss_of(entry) for entry in load_dictionary(code) if not entry.letter}
        for signer in range(ALL.signers):
            assert {gloss_of(p.entry) for p in plans if p.entry.language == code and p.signer == signer} == signs
    assert len({plan.name for plan in plans}) == len(plans)


def test_held_out_pairs_are_never_trained_on_and_every_sign_is() -> None:
    plans = sign_videos.plans(ALL)
    pairs = {split: {(p.entry, p.signer) for p in plans if p.split == split} for split in ("train", "val", "test")}
    assert not pairs["train"] & (pairs["val"] | pairs["test"])
    assert not pairs["val"] & pairs["test"]
    assert {entry for entry, _ in pairs["train"]} == {plan.entry for plan in plans}
    held = Counter(entry for split in ("val", "test") for entry, _ in pairs[split])
    assert set(held.values()) == {1}  # at most one signer of each sign
    share = len(pairs["val"] | pairs["test"]) / sum(map(len, pairs.values()))
    assert abs(share - ALL.held) < 0.02
    assert {signer for _, signer in pairs["val"] | pairs["test"]} == set(range(ALL.signers))


def test_unseen_signers_are_seen_nowhere_else() -> None:
    plans = sign_videos.plans(SMALL)
    trained = {plan.signer for plan in plans if plan.split != "signers"}
    unseen = {plan.signer for plan in plans if plan.split == "signers"}
    assert trained == {0, 1, 2, 3}
    assert unseen == {len(SIGNERS) - 1}


def test_what_is_held_out_does_not_depend_on_how_much_is_filmed() -> None:
    few = {p.name: p.split for p in sign_videos.plans(SMALL)}
    more = {p.name: p.split for p in sign_videos.plans(replace(SMALL, most=60, takes=3, unseen_share=0.9))}
    assert few.items() <= more.items()


def test_later_takes_start_where_another_sign_ends() -> None:
    for plan in sign_videos.plans(SMALL):
        assert (plan.before is None) == (plan.take == 0)
        assert plan.before is not plan.entry


def test_no_two_signers_look_alike() -> None:
    assert len({signer.name for signer in SIGNERS}) == len(SIGNERS)
    assert len({(signer.appearance, signer.background) for signer in SIGNERS}) == len(SIGNERS)


def test_the_same_seed_makes_the_same_clip_and_another_one_does_not() -> None:
    plan = Plan(_entry("HELLO"), 1, "train", 0)
    clip, frames, hands = _made(plan)
    again = sign_videos.film(plan, SMALL, RULES)
    other = sign_videos.film(plan, replace(SMALL, seed=2), RULES)
    assert not isinstance(again, Unusable)
    assert not isinstance(other, Unusable)
    assert clip == again[0]
    assert (frames == again[1]).all()
    assert (hands == again[2]).all()
    assert (frames != other[1]).any()
    assert clip.fps != other[0].fps  # another tempo


def test_the_still_of_a_signer_does_not_tell_the_sign() -> None:
    """The first frame is rest: two signs differ there by the camera alone, later by the hands."""
    still = replace(SMALL, yaw=0.0, shift=0.0, zoom=0.0)
    clips = [sign_videos.film(Plan(_entry(gloss), 0, "train", 0), still, RULES) for gloss in ("HELLO", "THANK-YOU")]
    first, second = (clip[1].astype(int) for clip in clips if not isinstance(clip, Unusable))
    assert np.abs(first[0] - second[0]).mean() < 0.1  # levels of 255; the rest is under a thousandth of a radian
    assert np.abs(first[5] - second[5]).max() > 60


def test_a_sign_is_there_whole() -> None:
    """The last moment is the end of the sign, and the moments after the first are evenly spaced."""
    motion, seconds = sign_videos.signed(_entry("HELLO"), None, 16, 1.0, 0.36)
    assert seconds[0] == 0
    steps = np.diff(seconds[1:])
    assert np.allclose(steps, steps[0])
    sign = sign_videos.load_pipeline("ase").track(_entry("HELLO"))
    assert 1 / steps[0] == pytest.approx(15 / (0.36 + (len(sign) - 1) / 25), rel=1e-6)
    assert seconds[-1] < motion.seconds


def test_a_clip_after_another_sign_starts_with_its_hands_up() -> None:
    _, _, rest = _made(Plan(_entry("HELLO"), 1, "train", 0))
    _, _, after = _made(Plan(_entry("HELLO"), 1, "train", 1, _entry("THANK-YOU")))
    right = 1
    assert rest[0, right, 1] == 0 or rest[0, right, 1] > 0.9  # out of sight, or just its fingertips
    assert after[0, right].any()
    assert after[0, right, 1] < 0.7


def test_hand_boxes_hold_what_moves() -> None:
    """Fingers that move while the arm stands: all changed pixels are in the boxes."""
    _, frames, hands = _made(Plan(_entry("HELLO"), 0, "train", 0))
    x, y = (np.arange(32) + 0.5) / 32, ((np.arange(32) + 0.5) / 32)[:, None]
    left, top, right, bottom = hands[5, 1]
    inside = (x >= left) & (x < right) & (y >= top) & (y < bottom)
    skin = np.abs(frames[5].astype(int) - frames[0].astype(int)).max(-1)
    assert 0.002 < inside.mean() < 0.1
    assert skin[inside].mean() > 2 * skin[~inside].mean()


def test_a_point_in_the_middle_of_the_view_is_in_the_middle_of_the_picture() -> None:
    view = View()
    shot = view.shot(1)
    points = np.tile(np.array([0.0, 0.645, 0.25], np.float32), (1, 2, 3, 1))
    box = hand_boxes(points, shot)[0, 0]
    assert (box[:2] + box[2:]) / 2 == pytest.approx([0.5, 0.5], abs=1e-5)
    above = hand_boxes(points + np.array([0.1, 0.2, 0], np.float32), shot)[0, 0]
    assert above[0] > box[0]  # the signer's left is at the right of the picture
    assert above[1] == pytest.approx(box[1] - 0.2 / 0.71, abs=1e-3)
    assert not hand_boxes(points - np.array([0, 1, 0], np.float32), shot).any()


def test_settings_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="signers is 10, unseen 2; there are 10 people"):
        SignVideos(signers=10, unseen=2)
    with pytest.raises(ValueError, match="tempo"):
        SignVideos(tempo=(1.0,))
    with pytest.raises(SignError, match="do not fit"):
        next(sign_videos.clips(SMALL, ClipRules(crop="box")))


def test_the_recipe_runs(tmp_path: Path) -> None:
    assert prepare_videos.main(["--settings", "debug", "--out", str(tmp_path / "clips")]) == 0
    store = VideoStore(tmp_path / "clips")
    assert {clip.language for clip in store.clips} == {"gsg"}
    assert len(store) >= 6
    assert (tmp_path / "clips" / "unusable.jsonl").read_text(encoding="utf-8") == ""
    assert (tmp_path / "clips" / "settings.json").is_file()
    assert all(store.frames(i).std() > 10 for i in range(len(store)))
