"""A motion as the joint rotations and joint positions that the file formats need."""

import numpy as np
from scipy.spatial.transform import Rotation

from sign_models.errors import SignError
from sign_models.export.rig import Floats, Rig
from sign_models.skeleton import HANDS, JOINTS, PARENTS
from sign_models.types import Motion

LAST_BONES = tuple(joint for joint, name in enumerate(JOINTS) if name.endswith("3") and name.startswith(HANDS))
"""The joints that carry a fingertip, in ``HANDS``, ``FINGERS`` order."""


def some_frames(motion: Motion) -> None:
    """Refuses an empty motion: no format has a way to say it."""
    if len(motion) == 0:
        raise SignError("The motion has no frames, so there is nothing to write; it needs at least one.")


def joint_turns(motion: Motion, rig: Rig) -> Floats:
    """(t, 55, 3) axis-angle in radians."""
    some_frames(motion)
    return rig.full_pose(motion).detach().cpu().numpy().astype(np.float32)


def quaternions(turns: Floats) -> Floats:
    """(t, j, 3) axis-angle -> (t, j, 4) as x y z w, each within half a turn of the frame before it."""
    four = Rotation.from_rotvec(turns.reshape(-1, 3)).as_quat().reshape(*turns.shape[:2], 4)
    flips = np.where((four[1:] * four[:-1]).sum(-1) < 0, -1.0, 1.0)
    four[1:] *= np.cumprod(flips, axis=0)[..., None]
    return four.astype(np.float32)


def positions(turns: Floats, rig: Rig) -> Floats:
    """(t, 55, 3) axis-angle -> (t, 65, 3) metres: the 55 joints, then the ten fingertips (left hand first)."""
    local = Rotation.from_rotvec(turns.reshape(-1, 3)).as_matrix().reshape(*turns.shape[:2], 3, 3)
    world = np.empty_like(local)
    places = np.empty((len(turns), len(JOINTS) + len(LAST_BONES), 3))
    for joint, parent in enumerate(PARENTS):
        if parent < 0:
            world[:, joint], places[:, joint] = local[:, joint], rig.joints[joint]
            continue
        world[:, joint] = world[:, parent] @ local[:, joint]
        places[:, joint] = places[:, parent] + world[:, parent] @ (rig.joints[joint] - rig.joints[parent])
    for tip, (joint, rest) in enumerate(zip(LAST_BONES, rig.fingertips.reshape(-1, 3), strict=True)):
        places[:, len(JOINTS) + tip] = places[:, joint] + world[:, joint] @ (rest - rig.joints[joint])
    return places.astype(np.float32)
