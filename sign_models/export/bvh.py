"""A motion as BVH: the 55-joint skeleton for Blender, Maya, Unity and the rest.

Lengths are centimetres, y is up, the rest pose is the T-pose. Angles are degrees in the order Z X Y: a joint's rotation
is Rz · Rx · Ry, as the order of the channels says. Only the pelvis has position channels.
"""

from pathlib import Path

import numpy as np
from scipy.spatial.transform import Rotation

from sign_models.export.captions import write_text
from sign_models.export.poses import LAST_BONES, joint_turns
from sign_models.export.rig import Floats, Rig
from sign_models.skeleton import JOINTS, PARENTS
from sign_models.types import Motion

_CENTIMETRES = 100.0
_ROTATION = "Zrotation Xrotation Yrotation"
_CHILDREN = {joint: [c for c, parent in enumerate(PARENTS) if parent == joint] for joint in range(len(JOINTS))}


def write_bvh(path: Path, motion: Motion, rig: Rig) -> None:
    """Writes skeleton and motion; face and expression have no place in the format."""
    pose = joint_turns(motion, rig)
    order: list[int] = []
    lines = ["HIERARCHY", *_joint_lines(0, rig, 0, order)]
    angles = Rotation.from_rotvec(pose[:, order].reshape(-1, 3)).as_euler("ZXY", degrees=True)
    root = np.broadcast_to(rig.joints[0] * _CENTIMETRES, (len(motion), 3))
    rows = np.concatenate([root, angles.reshape(len(motion), -1)], axis=1)
    lines += ["MOTION", f"Frames: {len(motion)}", f"Frame Time: {1 / motion.fps:.8f}"]
    lines += [" ".join(_number(value) for value in row) for row in rows]
    write_text(path, "\n".join(lines) + "\n")


def _joint_lines(joint: int, rig: Rig, depth: int, order: list[int]) -> list[str]:
    """The block of one joint and all below it; ``order`` gathers the joints as their channels come."""
    order.append(joint)
    parent = PARENTS[joint]
    offset = rig.joints[joint] - (rig.joints[parent] if parent >= 0 else 0)
    channels = f"6 Xposition Yposition Zposition {_ROTATION}" if parent < 0 else f"3 {_ROTATION}"
    inside = [f"OFFSET {_offset(offset)}", f"CHANNELS {channels}"]
    for child in _CHILDREN[joint]:
        inside += _joint_lines(child, rig, depth + 1, order)
    if not _CHILDREN[joint]:
        inside += ["End Site", "{", f"\tOFFSET {_offset(_end(joint, rig))}", "}"]
    kind = "ROOT" if parent < 0 else "JOINT"
    return [f"{kind} {JOINTS[joint]}", "{", *(f"\t{line}" for line in inside), "}"]


def _end(joint: int, rig: Rig) -> Floats:
    """Where a bone without children ends: at the fingertip, else half as far again as it is from its parent."""
    if joint in LAST_BONES:
        return rig.fingertips.reshape(-1, 3)[LAST_BONES.index(joint)] - rig.joints[joint]
    return (rig.joints[joint] - rig.joints[PARENTS[joint]]) / 2


def _offset(metres: Floats) -> str:
    return " ".join(_number(value) for value in metres * _CENTIMETRES)


def _number(value: float) -> str:
    return f"{value + 0.0:.6f}"
