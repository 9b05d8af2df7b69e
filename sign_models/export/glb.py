"""A motion as an animated GLB: a skinned body, its face shapes and the gloss timeline, in core glTF 2.0.

What lies where: ``animations[0].extras`` holds the timeline (see ``timeline``), ``asset.extras`` the settings,
``meshes[0].extras.targetNames`` the face shapes. A file has the shapes behind the ten expression columns and whichever
others the motion uses; all 52 would add half a megabyte that never moves.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pygltflib as gltf
from numpy.typing import NDArray

from sign_models.export.poses import joint_turns, quaternions
from sign_models.export.rig import Floats, Rig
from sign_models.face import EXPRESSIONS, FACE_ACTIONS
from sign_models.files import atomic
from sign_models.skeleton import JOINTS, PARENTS
from sign_models.types import Motion

_SELDOM = frozenset(FACE_ACTIONS) - {name for names in EXPRESSIONS.values() for name in names}
_SMALLEST_OFFSET = 1e-4
"""Metres; a face shape moves most vertices by less than this, and a file without them is a third of the size."""
_STILL = 1e-5
"""A joint whose quaternion changes by less needs no animation channel."""
_MESH_NODE = len(JOINTS)

_COMPONENT = {
    np.dtype(np.uint8): gltf.UNSIGNED_BYTE,
    np.dtype(np.int16): gltf.SHORT,
    np.dtype(np.uint16): gltf.UNSIGNED_SHORT,
    np.dtype(np.uint32): gltf.UNSIGNED_INT,
    np.dtype(np.float32): gltf.FLOAT,
}
_KIND = {1: "SCALAR", 3: "VEC3", 4: "VEC4", 16: "MAT4"}


def write_glb(
    path: Path,
    motion: Motion,
    rig: Rig,
    timeline: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> None:
    """Writes the file. timeline: what ``timeline.timeline`` gives. settings: any JSON values worth keeping."""
    turns = quaternions(joint_turns(motion, rig))
    weights = rig.face_weights(motion).detach().cpu().numpy().astype(np.float32)
    static = _static(rig)
    used = set(np.flatnonzero(weights.any(0)).tolist())
    columns = [column for column, name in enumerate(static.shapes) if column in used or name not in _SELDOM]
    shapes = [list(static.shapes)[column] for column in columns]
    pack = static.pack.copy()
    targets = [gltf.Attributes(POSITION=_sparse(pack, static.shapes[name], len(rig.template))) for name in shapes]
    animation = _animation(pack, motion, turns, weights[:, columns])
    animation.extras = dict(timeline or {})
    colors = pack.accessor(_linear(rig.colors.numpy()), gltf.ARRAY_BUFFER, normalized=True)
    attributes = gltf.Attributes(**static.attributes, COLOR_0=colors)
    primitive = gltf.Primitive(attributes=attributes, indices=static.indices, material=0, targets=targets)
    mesh = gltf.Mesh(name="body", primitives=[primitive], extras={"targetNames": shapes} if shapes else {})
    mesh.weights = [0.0] * len(shapes)
    document = gltf.GLTF2(
        asset=gltf.Asset(generator="sign-models", extras={"settings": dict(settings or {})}),
        scene=0,
        scenes=[gltf.Scene(nodes=[0, _MESH_NODE])],
        nodes=[*_joint_nodes(rig, turns[0]), gltf.Node(name="body", mesh=0, skin=0)],
        meshes=[mesh],
        skins=[gltf.Skin(joints=list(range(len(JOINTS))), skeleton=0, inverseBindMatrices=static.inverse_bind)],
        materials=[_material()],
        animations=[animation],
        accessors=pack.accessors,
        bufferViews=pack.views,
        buffers=[gltf.Buffer(byteLength=len(pack.data))],
    )
    with atomic(path) as part, part.open("wb") as file:
        file.writelines(_container(document.gltf_to_json(separators=(",", ":"), indent=None), pack.data))


def _container(text: str, binary: bytearray) -> list[bytes]:
    """The binary glTF around JSON and data: header, then two chunks, each padded to four bytes.

    Not ``GLTF2.save_to_bytes``: that rewrites the buffer views, which are shared between files made at the same time.
    """
    chunks = []
    for kind, filler, data in ((b"JSON", b" ", text.encode("utf-8")), (b"BIN\0", b"\0", bytes(binary))):
        padded = data + filler * (-len(data) % 4)
        chunks += [struct.pack("<I", len(padded)), kind, padded]
    return [struct.pack("<4sII", b"glTF", 2, 12 + sum(map(len, chunks))), *chunks]


class _Pack:
    """The binary chunk as it grows, with the views and accessors that point into it."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.views: list[gltf.BufferView] = []
        self.accessors: list[gltf.Accessor] = []

    def copy(self) -> "_Pack":
        twin = _Pack()
        twin.data, twin.views, twin.accessors = self.data[:], self.views[:], self.accessors[:]
        return twin

    def view(self, array: NDArray[Any], target: int | None = None) -> int:
        """Number of a new view that holds the array, on a four-byte border."""
        self.data.extend(b"\0" * (-len(self.data) % 4))
        raw = np.ascontiguousarray(array).tobytes()
        self.views.append(gltf.BufferView(buffer=0, byteOffset=len(self.data), byteLength=len(raw), target=target))
        self.data.extend(raw)
        return len(self.views) - 1

    def accessor(
        self, array: NDArray[Any], target: int | None = None, normalized: bool = False, bounds: bool = False
    ) -> int:
        """Number of a new accessor for an (n,) or (n, c) array; ``bounds`` where glTF asks for min and max."""
        flat = array.reshape(len(array), -1)
        new = gltf.Accessor(
            bufferView=self.view(array, target),
            componentType=_COMPONENT[array.dtype],
            count=len(flat),
            type=_KIND[flat.shape[1]],
            normalized=normalized,
        )
        if bounds:
            new.min, new.max = flat.min(0).tolist(), flat.max(0).tolist()
        self.accessors.append(new)
        return len(self.accessors) - 1


@dataclass(frozen=True)
class _Shape:
    """A face shape without its still vertices."""

    indices: NDArray[Any]
    offsets: Floats


@dataclass(frozen=True)
class _Static:
    """What every file of one rig shares; colours are not among it, for they are clothes."""

    pack: _Pack
    attributes: dict[str, int]
    indices: int
    inverse_bind: int
    shapes: dict[str, _Shape]


@lru_cache(maxsize=4)
def _static(rig: Rig) -> _Static:
    pack = _Pack()
    small = np.uint16 if len(rig.template) < 65_535 else np.uint32
    joints, weights = _skin(rig)
    attributes = dict(
        POSITION=pack.accessor(rig.template.astype(np.float32), gltf.ARRAY_BUFFER, bounds=True),
        NORMAL=pack.accessor(_normals(rig), gltf.ARRAY_BUFFER),
        JOINTS_0=pack.accessor(joints, gltf.ARRAY_BUFFER),
        WEIGHTS_0=pack.accessor(weights, gltf.ARRAY_BUFFER, normalized=True),
    )
    indices = pack.accessor(rig.faces.astype(small).reshape(-1), gltf.ELEMENT_ARRAY_BUFFER)
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(JOINTS), 1, 1))
    inverse[:, 3, :3] = -rig.joints  # stored column by column
    shapes = {name: _moving(offsets, small) for name, offsets in rig.shapes.items()}
    return _Static(pack, attributes, indices, pack.accessor(inverse.reshape(-1, 16)), shapes)


def _moving(offsets: Floats, small: type) -> _Shape:
    """Keeps the vertices that move visibly, and at least one, since a sparse accessor may not be empty."""
    length = np.linalg.norm(offsets, axis=1)
    indices = np.flatnonzero(length > min(_SMALLEST_OFFSET, float(length.max()) / 2))
    if not len(indices):
        indices = np.zeros(1, np.int64)
    return _Shape(indices.astype(small), offsets[indices].astype(np.float32))


def _sparse(pack: _Pack, shape: _Shape, vertices: int) -> int:
    """Number of an accessor that is zero everywhere but where the shape moves."""
    corners = np.concatenate([shape.offsets, np.zeros((1, 3), np.float32)])
    values = gltf.AccessorSparseValues(bufferView=pack.view(shape.offsets))
    indices = gltf.AccessorSparseIndices(
        bufferView=pack.view(shape.indices), componentType=_COMPONENT[shape.indices.dtype]
    )
    pack.accessors.append(
        gltf.Accessor(
            byteOffset=None,
            componentType=gltf.FLOAT,
            count=vertices,
            type="VEC3",
            min=corners.min(0).tolist(),
            max=corners.max(0).tolist(),
            sparse=gltf.Sparse(count=len(shape.indices), indices=indices, values=values),
        )
    )
    return len(pack.accessors) - 1


def _animation(pack: _Pack, motion: Motion, turns: Floats, weights: Floats) -> gltf.Animation:
    """Rotations as normalised shorts (a 30,000th of a turn) for the joints that move, and the face weights."""
    time = pack.accessor((np.arange(len(motion)) / motion.fps).astype(np.float32), bounds=True)
    animation = gltf.Animation(name="signing")

    def add(node: int, path: str, output: int) -> None:
        target = gltf.AnimationChannelTarget(node=node, path=path)
        animation.channels.append(gltf.AnimationChannel(sampler=len(animation.samplers), target=target))
        animation.samplers.append(gltf.AnimationSampler(input=time, output=output))

    for joint in np.flatnonzero(np.abs(turns - turns[:1]).max((0, 2)) > _STILL):
        short = np.round(turns[:, joint] * 32_767).astype(np.int16)
        add(int(joint), "rotation", pack.accessor(short, normalized=True))
    if weights.shape[1]:
        add(_MESH_NODE, "weights", pack.accessor(weights.reshape(-1)))
    return animation


def _joint_nodes(rig: Rig, first: Floats) -> list[gltf.Node]:
    """Joint nodes in the pose of the first frame, which is what a viewer that does not animate shows."""
    nodes = []
    for joint, (name, parent) in enumerate(zip(JOINTS, PARENTS, strict=True)):
        place = rig.joints[joint] - (rig.joints[parent] if parent >= 0 else 0)
        turn = first[joint].astype(float)
        nodes.append(gltf.Node(name=name, translation=place.tolist(), rotation=(turn / np.linalg.norm(turn)).tolist()))
        nodes[-1].children = [child for child, above in enumerate(PARENTS) if above == joint]
    return nodes


def _material() -> gltf.Material:
    surface = gltf.PbrMetallicRoughness(baseColorFactor=[1.0, 1.0, 1.0, 1.0], metallicFactor=0.0, roughnessFactor=0.8)
    return gltf.Material(name="body", pbrMetallicRoughness=surface)


def _normals(rig: Rig) -> Floats:
    """(v, 3) unit normals: the sum of the faces around a vertex, larger ones counting more."""
    corners = rig.template[rig.faces]
    face = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros_like(rig.template, dtype=np.float64)
    for corner in range(3):
        np.add.at(normals, rig.faces[:, corner], face)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = np.where(length > 1e-12, normals / np.maximum(length, 1e-12), [0.0, 0.0, 1.0])
    return normals.astype(np.float32)


def _linear(srgb: Floats) -> NDArray[np.uint16]:
    """(v, 4) sRGB 0..1 -> the linear light glTF wants, in shorts, because bytes would band in dark hair."""
    low = srgb[:, :3] / 12.92
    high = ((srgb[:, :3] + 0.055) / 1.055) ** 2.4
    linear = np.concatenate([np.where(srgb[:, :3] <= 0.04045, low, high), srgb[:, 3:]], axis=1)
    return np.round(linear * 65_535).astype(np.uint16)


def _skin(rig: Rig) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """Joints as bytes and weights as shorts that sum to 65,535 exactly; the joint of a weight of zero is 0."""
    skin_joints, exact = rig.four_weights
    weights = np.round(exact * 65_535).astype(np.int64)
    strongest = weights.argmax(1)
    weights[np.arange(len(weights)), strongest] += 65_535 - weights.sum(1)
    joints = np.where(weights > 0, skin_joints, 0)
    return joints.astype(np.uint8), weights.astype(np.uint16)
