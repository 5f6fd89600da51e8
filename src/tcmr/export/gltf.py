"""glTF binary: .glb with skinned meshes, skeletons and one animation; y up, metres.

Source: the glTF 2.0 specification, Khronos Group.
"""

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from tcmr.export.animation import Animation
from tcmr.export.colour import linear, person_colour
from tcmr.export.skin import Skin
from tcmr.joints import SMPL_24, SMPL_PARENTS

Array = np.ndarray

FLOAT, UNSIGNED_BYTE, UNSIGNED_INT = 5126, 5121, 5125
ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
COMPONENTS = {
    np.dtype(np.float32): FLOAT,
    np.dtype(np.uint8): UNSIGNED_BYTE,
    np.dtype(np.uint32): UNSIGNED_INT,
}


def write_glb(animations: list[Animation], path: Path) -> None:
    """Write persons of one shape each into one scene; frame n of the video is at n / fps seconds."""
    document = Document()
    for animation in animations:
        add_person(document, animation)
    path.write_bytes(document.packed())


@dataclass
class Document:
    """A glTF file as it grows: its JSON lists and its one binary buffer."""

    lists: dict[str, list[Any]] = field(default_factory=dict)
    roots: list[int] = field(default_factory=list)
    channels: list[dict[str, Any]] = field(default_factory=list)
    samplers: list[dict[str, int]] = field(default_factory=list)
    binary: bytearray = field(default_factory=bytearray)

    def add(self, kind: str, item: dict[str, Any]) -> int:
        """Append to one of the lists ("nodes", "meshes", ...); return its number there."""
        entries = self.lists.setdefault(kind, [])
        entries.append(item)
        return len(entries) - 1

    def add_array(self, array: Array, kind: str, target: int | None = None, bounds: bool = False) -> int:
        """Append an array of elements ("SCALAR", "VEC3", ...) to the buffer; return its accessor's number."""
        self.binary.extend(b"\0" * (-len(self.binary) % 4))
        view = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": array.nbytes}
        if target is not None:
            view["target"] = target
        self.binary.extend(np.ascontiguousarray(array).tobytes())
        accessor: dict[str, Any] = {
            "bufferView": self.add("bufferViews", view),
            "componentType": COMPONENTS[array.dtype],
            "count": len(array),
            "type": kind,
        }
        if bounds:
            columns = array.reshape(len(array), -1)
            accessor |= {"min": columns.min(0).tolist(), "max": columns.max(0).tolist()}
        return self.add("accessors", accessor)

    def add_curve(self, times: int, values: int, node: int, moves: str) -> None:
        """Let a node's translation or rotation follow keys, with straight lines between."""
        self.samplers.append({"input": times, "output": values})
        target = {"node": node, "path": moves}
        self.channels.append({"sampler": len(self.samplers) - 1, "target": target})

    def packed(self) -> bytes:
        """Return the file's bytes: header, JSON, buffer."""
        whole = {
            "asset": {"version": "2.0", "generator": "tcmr"},
            "scene": 0,
            "scenes": [{"nodes": self.roots}],
            **self.lists,
            "animations": [{"name": "motion", "samplers": self.samplers, "channels": self.channels}],
            "buffers": [{"byteLength": len(self.binary)}],
        }
        text = json.dumps(whole, separators=(",", ":")).encode()
        chunks = _chunk(b"JSON", text, b" ") + _chunk(b"BIN\0", bytes(self.binary), b"\0")
        return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks


def _chunk(kind: bytes, content: bytes, padding: bytes) -> bytes:
    content += padding * (-len(content) % 4)
    return struct.pack("<I4s", len(content), kind) + content


def add_person(document: Document, animation: Animation) -> None:
    """Add a person's skeleton, skinned mesh and motion."""
    joints = add_skeleton(document, animation.bones_m)
    mesh = document.add(
        "nodes",
        {
            "name": f"{animation.name} body",
            "mesh": add_mesh(document, animation),
            "skin": add_skin(document, joints, animation.rest_joints_m),
        },
    )
    person = document.add("nodes", {"name": animation.name, "children": [joints[0]]})
    document.roots += [person, mesh]  # a skinned mesh moves by its joints alone
    add_motion(document, joints, animation)


def add_skeleton(document: Document, bones_m: Float32[Array, "24 3"]) -> list[int]:
    """Add a node for each joint, in T-pose; return their numbers."""
    first = len(document.lists.get("nodes", []))
    for joint, (name, bone) in enumerate(zip(SMPL_24, bones_m, strict=True)):
        node: dict[str, Any] = {"name": name, "translation": bone.tolist()}
        children = [first + child for child, parent in enumerate(SMPL_PARENTS) if parent == joint]
        if children:
            node["children"] = children
        document.add("nodes", node)
    return list(range(first, first + len(SMPL_24)))


def add_mesh(document: Document, animation: Animation) -> int:
    """Add the mesh with the joints that move each vertex; return its number."""
    skin = Skin.of(animation)
    attributes = {
        "POSITION": document.add_array(skin.vertices_m, "VEC3", ARRAY_BUFFER, bounds=True),
        "NORMAL": document.add_array(skin.normals, "VEC3", ARRAY_BUFFER),
        "JOINTS_0": document.add_array(skin.joints.astype(np.uint8), "VEC4", ARRAY_BUFFER),
        "WEIGHTS_0": document.add_array(skin.weights, "VEC4", ARRAY_BUFFER),
    }
    corners = skin.faces.reshape(-1).astype(np.uint32)
    indices = document.add_array(corners, "SCALAR", ELEMENT_ARRAY_BUFFER)
    material = add_material(document, animation)
    primitive = {"attributes": attributes, "indices": indices, "material": material}
    return document.add("meshes", {"name": animation.name, "primitives": [primitive]})


def add_material(document: Document, animation: Animation) -> int:
    """Add a matt surface of the person's colour; return its number."""
    surface = {
        "baseColorFactor": [*linear(person_colour(animation.person)), 1.0],
        "metallicFactor": 0.0,
        "roughnessFactor": 0.7,
    }
    return document.add("materials", {"name": animation.name, "pbrMetallicRoughness": surface})


def add_skin(document: Document, joints: list[int], rest_joints_m: Float32[Array, "24 3"]) -> int:
    """Add the tie between mesh and skeleton: for each joint the way back from its place at rest."""
    inverse = np.tile(np.eye(4, dtype=np.float32), (len(joints), 1, 1))
    inverse[:, :3, 3] = -rest_joints_m
    matrices = document.add_array(inverse.mT, "MAT4")  # column after column
    return document.add("skins", {"joints": joints, "skeleton": joints[0], "inverseBindMatrices": matrices})


def add_motion(document: Document, joints: list[int], animation: Animation) -> None:
    """Add the pelvis' path and every joint's rotation."""
    times = document.add_array(animation.times_s, "SCALAR", bounds=True)
    path = document.add_array(animation.pelvis_m, "VEC3")
    document.add_curve(times, path, joints[0], "translation")
    quaternions = animation.quaternions()
    for joint, node in enumerate(joints):
        document.add_curve(times, document.add_array(quaternions[:, joint], "VEC4"), node, "rotation")
