"""The SMPL-X skeleton: joint names, parents and the order every 55-joint array uses.

Rest pose: T-pose, metres, y up, +z to the front, the signer's left arm along +x; every joint frame is aligned with the
world, so an axis-angle turns a bone about the world axes of the rest pose.
"""

HANDS = ("left", "right")
"""Order of every axis ``h``."""

FINGERS = ("index", "middle", "pinky", "ring", "thumb")
"""Order of the fingers inside a 15-joint hand pose (three joints each), as SMPL-X has it."""

_BODY = (
    ("pelvis", None), ("left_hip", "pelvis"), ("right_hip", "pelvis"), ("spine1", "pelvis"),
    ("left_knee", "left_hip"), ("right_knee", "right_hip"), ("spine2", "spine1"),
    ("left_ankle", "left_knee"), ("right_ankle", "right_knee"), ("spine3", "spine2"),
    ("left_foot", "left_ankle"), ("right_foot", "right_ankle"), ("neck", "spine3"),
    ("left_collar", "spine3"), ("right_collar", "spine3"), ("head", "neck"),
    ("left_shoulder", "left_collar"), ("right_shoulder", "right_collar"),
    ("left_elbow", "left_shoulder"), ("right_elbow", "right_shoulder"),
    ("left_wrist", "left_elbow"), ("right_wrist", "right_elbow"),
    ("jaw", "head"), ("left_eye", "head"), ("right_eye", "head"),
)  # fmt: skip


def _hand(side: str) -> list[tuple[str, str]]:
    return [
        (f"{side}_{finger}{k}", f"{side}_{finger}{k - 1}" if k > 1 else f"{side}_wrist")
        for finger in FINGERS
        for k in (1, 2, 3)
    ]


_TABLE: list[tuple[str, str | None]] = [*_BODY, *_hand("left"), *_hand("right")]

JOINTS: tuple[str, ...] = tuple(name for name, _ in _TABLE)
"""The 55 joint names."""

INDEX: dict[str, int] = {name: i for i, name in enumerate(JOINTS)}

PARENTS: tuple[int, ...] = tuple(-1 if parent is None else INDEX[parent] for _, parent in _TABLE)
"""Parent of each joint, -1 for the pelvis."""

UPPER_BODY = ("neck", "left_collar", "right_collar", "head", "left_shoulder", "right_shoulder", "left_elbow",
              "right_elbow", "left_wrist", "right_wrist")  # fmt: skip
"""The ten joints of the body part of a 133-vector: SMPL-X joints 12 to 21 in order."""
