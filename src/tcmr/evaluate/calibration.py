"""Calibrated cameras, as Qualisys Track Manager writes them (`.qca.txt`: XML)."""

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from jaxtyping import Float

from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.evaluate.metrics import MM_PER_M
from tcmr.files import open_file

Array = np.ndarray

# Qualisys counts pixels in 64ths and positions in millimetres; its cameras look along -z with y up.
SUBPIXELS = 64
_FROM_QUALISYS_AXES = np.diag([1.0, -1.0, -1.0])


@dataclass(frozen=True)
class CalibratedCamera:
    """Where a camera stands in the world and how it sees (its small lens distortion left out).

    `rotation` turns the world's axes to the camera's (x right, y down, z forward); `position_m` is in the
    world.
    """

    name: str
    width: int
    height: int
    pinhole: PinholeCamera
    rotation: Float[Array, "3 3"]
    position_m: Float[Array, "3"]

    def from_world(self, points_m: Float[Array, "*batch 3"]) -> Float[Array, "*batch 3"]:
        """Take points from world to camera coordinates, metres."""
        return (points_m - self.position_m) @ self.rotation.T


def read_qualisys(path: Path) -> list[CalibratedCamera]:
    """Read all cameras of a Qualisys calibration.

    Raises:
        TcmrError: the file is not XML, holds no camera, or a camera lacks a number.
        OSError: the file cannot be read.
    """
    try:
        with open_file(path) as file:
            cameras = ElementTree.parse(file).getroot().findall("cameras/camera")
        calibrated = [_camera(element) for element in cameras]
    except (ElementTree.ParseError, KeyError, ValueError, OverflowError) as error:
        raise TcmrError(f"{path} is not a Qualisys calibration: {error}") from error
    if not calibrated:
        raise TcmrError(f"{path} is not a Qualisys calibration: it holds no camera")
    return calibrated


def _camera(element: ElementTree.Element) -> CalibratedCamera:
    lens, pose, picture = (_numbers(element, tag) for tag in ("intrinsic", "transform", "fov_video"))
    focal = (lens["focalLengthU"] + lens["focalLengthV"]) / 2
    center = lens["centerPointU"] / SUBPIXELS, lens["centerPointV"] / SUBPIXELS
    rotation = np.array([[pose[f"r{row}{column}"] for column in (1, 2, 3)] for row in (1, 2, 3)])
    return CalibratedCamera(
        name=element.attrib["serial"],
        width=int(picture["right"] - picture["left"]) + 1,
        height=int(picture["bottom"] - picture["top"]) + 1,
        pinhole=PinholeCamera(focal / SUBPIXELS, center),
        rotation=_FROM_QUALISYS_AXES @ rotation,
        position_m=np.array([pose[axis] for axis in "xyz"]) / MM_PER_M,
    )


def _numbers(element: ElementTree.Element, tag: str) -> dict[str, float]:
    child = element.find(tag)
    if child is None:
        raise KeyError(f"no <{tag}>")
    return {name: float(value) for name, value in child.attrib.items()}
