"""From MakeHuman's A-pose to SMPL-X's T-pose: arms and fingers along +-x, palms down."""

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from sign_models.skeleton import FINGERS, HANDS, INDEX, PARENTS
from train.open_body.source import Array, Source

SPREAD = np.radians((2.0, 0.0, -5.0, -2.5))
"""Fingers at rest lie nearly side by side: degrees towards the thumb for index, middle, pinky, ring."""


def straighten(source: Source) -> Source:
    """The same body in the T-pose; what moves the skin moves the face deltas, the joints and the fingertips too."""
    turns = _world_turns(source)
    joints = source.joints.copy()
    for joint in range(1, len(joints)):
        parent = PARENTS[joint]
        joints[joint] = joints[parent] + turns[parent].apply(source.joints[joint] - source.joints[parent])
    matrices = np.array([turn.as_matrix() for turn in turns])
    shifts = joints - np.einsum("jab,jb->ja", matrices, source.joints)
    skin = np.einsum("vj,jab->vab", source.weights, matrices)
    tips = source.tips.copy()
    for hand, side in enumerate(HANDS):
        for finger, name in enumerate(FINGERS):
            joint = INDEX[f"{side}_{name}3"]
            tips[hand, finger] = matrices[joint] @ source.tips[hand, finger] + shifts[joint]
    return replace(
        source,
        points=np.einsum("vab,vb->va", skin, source.points) + source.weights @ shifts,
        joints=joints,
        tips=tips,
        deltas=np.einsum("vab,vkb->vka", skin, source.deltas),
    )


def _world_turns(source: Source) -> list[Rotation]:
    """How far each joint's bone turns, in the world."""
    turns = [Rotation.identity()] * len(source.joints)
    for hand, side in enumerate(HANDS):
        _turn_arm(source, turns, hand, side)
        _turn_leg(source, turns, side)
    return turns


def _turn_arm(source: Source, turns: list[Rotation], hand: int, side: str) -> None:
    joints, sign = source.joints, 1.0 - 2.0 * hand
    along = np.array([sign, 0.0, 0.0])
    shoulder, elbow, wrist = (INDEX[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
    knuckle = {name: joints[INDEX[f"{side}_{name}1"]] for name in FINGERS}
    turns[wrist] = _frame_turn(
        knuckle["middle"] - joints[wrist], knuckle["index"] - knuckle["pinky"], along, np.array([0.0, 0.0, 1.0])
    )
    turns[shoulder] = _shortest(joints[elbow] - joints[shoulder], along)
    forearm = _shortest(joints[wrist] - joints[elbow], along)
    left_over = (turns[wrist] * forearm.inv()).as_rotvec()
    turns[elbow] = Rotation.from_rotvec(along * (left_over @ along)) * forearm  # the twist belongs to the forearm
    for finger, name in enumerate(FINGERS):
        chain = [INDEX[f"{side}_{name}{k}"] for k in (1, 2, 3)]
        if name == "thumb":
            for joint in chain:
                turns[joint] = turns[wrist]
            continue
        ends = [*(joints[joint] for joint in chain), source.tips[hand, finger]]
        towards = np.array([sign * np.cos(SPREAD[finger]), 0.0, np.sin(SPREAD[finger])])
        for k, joint in enumerate(chain):
            turns[joint] = _shortest(turns[wrist].apply(ends[k + 1] - ends[k]), towards) * turns[wrist]


def _turn_leg(source: Source, turns: list[Rotation], side: str) -> None:
    """Legs hang a little closer together; the feet keep their direction."""
    joints = source.joints
    hip, knee, ankle = (INDEX[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
    outward = 1.0 if side == "left" else -1.0
    for joint, child in ((hip, knee), (knee, ankle)):
        length = np.linalg.norm(joints[child] - joints[joint])
        turns[joint] = _shortest(joints[child] - joints[joint], np.array([0.03 * outward, -1.0, 0.0]) * length)


def _shortest(a: Array, b: Array) -> Rotation:
    """The smallest turn that takes direction a to direction b."""
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    axis = np.cross(a, b)
    sine = np.linalg.norm(axis)
    if sine < 1e-9:
        return Rotation.identity()
    return Rotation.from_rotvec(axis / sine * np.arctan2(sine, a @ b))


def _frame_turn(x: Array, z: Array, to_x: Array, to_z: Array) -> Rotation:
    """The turn that takes (x, z made square to x) to (to_x, to_z)."""
    x = x / np.linalg.norm(x)
    z = z - x * (x @ z)
    z = z / np.linalg.norm(z)
    return Rotation.from_matrix(np.stack([to_x, np.cross(to_z, to_x), to_z], 1) @ np.stack([x, np.cross(z, x), z], 1).T)
