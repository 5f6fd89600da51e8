"""Biovision hierarchy (.bvh) as it stands: a skeleton at rest and its joints' rotations, frame by frame."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float64
from scipy.spatial.transform import Rotation

from tcmr.errors import TcmrError
from tcmr.files import read_text

Array = np.ndarray
AXES = "XYZ"
MOST_UNMOVED = 1_000_000  # joints times frames beyond the numbers that a file holds
TOLD = re.compile(r"\s*Frames:\s*(\d+)\s*Frame Time:\s*(\S+)")


@dataclass(frozen=True)
class Joint:
    """A joint of the hierarchy; `parent` is its parent's place in the list, -1 for the root.

    `channels` are the file's words for the joint's columns. The ends of chains are joints without any.
    """

    name: str
    parent: int
    offset: tuple[float, float, float]
    channels: tuple[str, ...]


@dataclass(frozen=True)
class BvhMotion:
    """What a file holds, in its own unit and axes: rotations relative to the parent, the root's places."""

    path: Path
    joints: tuple[Joint, ...]
    rotmat: Float64[Array, "frames joints 3 3"]
    root: Float64[Array, "frames 3"]
    fps: float

    @property
    def names(self) -> tuple[str, ...]:
        """The joints' names, in order."""
        return tuple(joint.name for joint in self.joints)

    def rest(self) -> Float64[Array, "joints 3"]:
        """Return where the joints are at rest, from the root."""
        places = np.zeros((len(self.joints), 3))
        for index, joint in enumerate(self.joints):
            if joint.parent >= 0:
                places[index] = places[joint.parent] + joint.offset
        return places

    def posed(self) -> tuple[Float64[Array, "frames joints 3 3"], Float64[Array, "frames joints 3"]]:
        """Return the joints' rotations to the world and their places."""
        rotations, places = np.empty_like(self.rotmat), np.empty(self.rotmat.shape[:3])
        for index, joint in enumerate(self.joints):
            if joint.parent < 0:
                rotations[:, index], places[:, index] = self.rotmat[:, index], self.root
                continue
            parent = rotations[:, joint.parent]
            rotations[:, index] = parent @ self.rotmat[:, index]
            places[:, index] = places[:, joint.parent] + parent @ np.array(joint.offset)
        return rotations, places


def read_bvh(path: Path) -> BvhMotion:
    """Read a file; places of joints other than the root's are taken from the skeleton at rest.

    Raises:
        TcmrError: the file is missing, is no BVH, is cut short or holds what is not a number.
    """
    try:
        hierarchy, divider, motion = read_text(path, errors="replace").partition("MOTION")
        if not divider:
            raise ValueError("it has no MOTION")
        joints = tuple(_joints(hierarchy))
        columns, fps = _columns(motion, sum(len(joint.channels) for joint in joints))
        rotmat, root = _turned(joints, columns)
    except (IndexError, RuntimeError) as error:  # words or brackets are missing
        raise TcmrError(f"cannot read {path} as BVH: its hierarchy breaks off") from error
    except (OSError, ValueError, OverflowError) as error:
        raise TcmrError(f"cannot read {path} as BVH: {error}") from error
    return BvhMotion(path, joints, rotmat, root, fps)


def _turned(
    joints: Sequence[Joint], columns: Float[Array, "frames columns"]
) -> tuple[Float[Array, "frames joints 3 3"], Float[Array, "frames 3"]]:
    """Return each joint's rotation and the root's place."""
    if len(columns) * len(joints) > columns.size + MOST_UNMOVED:
        raise ValueError(f"{len(joints)} joints, of which few move")
    rotmat = np.broadcast_to(np.eye(3), (len(columns), len(joints), 3, 3)).copy()
    root = np.zeros((len(columns), 3))
    first = 0
    for index, joint in enumerate(joints):
        mine = columns[:, first : first + len(joint.channels)]
        first += len(joint.channels)
        turns = [column for column, channel in enumerate(joint.channels) if channel.endswith("rotation")]
        if turns:
            order = "".join(joint.channels[column][0] for column in turns)
            rotmat[:, index] = Rotation.from_euler(order, mine[:, turns], degrees=True).as_matrix()
        if joint.parent < 0:
            for column, channel in enumerate(joint.channels):
                if channel.endswith("position"):
                    root[:, AXES.index(channel[0])] = mine[:, column]
    return rotmat, root


def _joints(hierarchy: str) -> Iterator[Joint]:
    """Yield the joints in the order of their columns."""
    words = iter(hierarchy.split())
    if next(words, None) != "HIERARCHY":
        raise ValueError("it does not begin with HIERARCHY")
    open_joints: list[int] = []
    count = 0
    for word in words:
        if word == "}":
            open_joints.pop()
            continue
        if word not in ("ROOT", "JOINT", "End"):
            raise ValueError(f"unexpected {word!r} in the hierarchy")
        name = next(words)
        if word == "End":
            name = f"end of joint {open_joints[-1]}"
        if next(words) != "{" or next(words) != "OFFSET":
            raise ValueError(f"the joint {name} does not begin with its OFFSET")
        x, y, z = (float(next(words)) for _ in range(3))
        channels = () if word == "End" else _channels(words, name)
        yield Joint(name, open_joints[-1] if open_joints else -1, (x, y, z), channels)
        open_joints.append(count)
        count += 1
    if open_joints or count == 0:
        raise ValueError("its hierarchy breaks off")


def _channels(words: Iterator[str], joint: str) -> tuple[str, ...]:
    if next(words) != "CHANNELS":
        raise ValueError(f"the joint {joint} has no CHANNELS")
    channels = tuple(next(words) for _ in range(int(next(words))))
    known = {f"{axis}{kind}" for axis in AXES for kind in ("position", "rotation")}
    if unknown := [channel for channel in channels if channel not in known]:
        raise ValueError(f"the joint {joint} has channels that are not known: {', '.join(unknown)}")
    return channels


def _columns(motion: str, width: int) -> tuple[Float[Array, "frames columns"], float]:
    """Return the numbers of all frames, and frames per second."""
    told = TOLD.match(motion)
    if told is None:
        raise ValueError("MOTION does not begin with Frames and Frame Time")
    frames, frame_time = int(told[1]), float(told[2])
    numbers = np.array(motion[told.end() :].split(), np.float64)
    if frames < 1 or not frame_time > 0 or len(numbers) != frames * width:
        raise ValueError(
            f"it promises {frames} frames of {width} numbers, {frame_time} s each, and holds {len(numbers)} numbers"
        )
    if not np.isfinite(numbers).all():
        frame = np.flatnonzero(~np.isfinite(numbers))[0] // width
        raise ValueError(f"frame {frame} holds what is not a number")
    return numbers.reshape(frames, width), 1 / frame_time
