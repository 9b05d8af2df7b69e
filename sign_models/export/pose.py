"""A motion as ``.pose`` (pose-format): joint and fingertip positions, as sign language tools read them.

One component, ``SMPLX_55``: the 55 joints and the ten fingertips. The picture is 2 m wide and 2.4 m high, in
millimetres: x to the viewer's right, y down, z away from the viewer; the pelvis lies at (1000, 1400, 1000).
"""

from pathlib import Path

import numpy as np

from sign_models.errors import SignError
from sign_models.export.poses import LAST_BONES, joint_turns, positions
from sign_models.export.rig import Floats, Rig
from sign_models.files import atomic
from sign_models.skeleton import FINGERS, HANDS, JOINTS, PARENTS
from sign_models.types import Motion

COMPONENT = "SMPLX_55"
POINTS: tuple[str, ...] = (*JOINTS, *(f"{side}_{finger}_tip" for side in HANDS for finger in FINGERS))

_WIDTH, _HEIGHT, _DEPTH = 2000, 2400, 2000
_MILLIMETRES = np.array([1000.0, -1000.0, -1000.0])
_PELVIS = np.array([1000.0, 1400.0, 1000.0])
_COLOURS = {"left": (0, 114, 178), "right": (213, 94, 0), "": (90, 90, 90)}


def write_pose(path: Path, motion: Motion, rig: Rig) -> None:
    """Writes the positions with confidence 1."""
    from pose_format import Pose
    from pose_format.numpy import NumPyPoseBody
    from pose_format.pose_header import PoseHeader, PoseHeaderComponent, PoseHeaderDimensions

    places = (positions(joint_turns(motion, rig), rig) - rig.joints[0]) * _MILLIMETRES + _PELVIS
    limbs = [(parent, joint) for joint, parent in enumerate(PARENTS) if parent >= 0]
    limbs += [(joint, len(JOINTS) + tip) for tip, joint in enumerate(LAST_BONES)]
    colours = [_COLOURS[next((side for side in HANDS if POINTS[end].startswith(side)), "")] for _, end in limbs]
    component = PoseHeaderComponent(COMPONENT, list(POINTS), limbs, colours, "XYZC")
    header = PoseHeader(0.2, PoseHeaderDimensions(_WIDTH, _HEIGHT, _DEPTH), [component])
    data = places[:, None].astype(np.float32)  # (t, people, points, 3)
    pose = Pose(header, NumPyPoseBody(motion.fps, data, np.ones(data.shape[:-1], np.float32)))
    with atomic(path) as part, part.open("wb") as file:
        pose.write(file)


def read_pose(path: Path) -> tuple[Floats, float]:
    """(t, 65, 3) positions in metres around the pelvis, y up and z to the front, and the frames a second."""
    from pose_format import Pose

    pose = Pose.read(path.read_bytes())
    names = [component.name for component in pose.header.components]
    if names != [COMPONENT]:
        raise SignError(f"{path.name} holds {', '.join(names)}; only {COMPONENT}, as written here, can be read.")
    return ((pose.body.data.data[:, 0] - _PELVIS) / _MILLIMETRES).astype(np.float32), float(pose.body.fps)
