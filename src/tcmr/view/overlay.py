"""Bodies laid over the video that they were read from."""

import heapq
import math
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
import torch
from jaxtyping import Float32, Int32, UInt8

from tcmr.body import BodyModel
from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.export.colour import person_colour
from tcmr.raster import Light, Mesh, composite, shade, to_screen, vertex_normals
from tcmr.types import Frame, Motion
from tcmr.view.label import ROWS, draw_number

Array = np.ndarray

CHUNK_FRAMES = 32  # bodies are posed for so many frames at once
NOBODY = (math.inf, None)


@dataclass(frozen=True)
class Style:
    """How bodies are drawn; `opacity` 1 hides the person behind, `ids` writes each person's above the head."""

    opacity: float = 0.9
    ids: bool = False
    light: Light = field(default_factory=Light)

    @staticmethod
    def telling_apart(motions: Sequence[Motion]) -> "Style":
        """Return the style in which several people have their ids; nobody needs one who is alone."""
        return Style(ids=len(motions) > 1)


@dataclass(frozen=True)
class Figure:
    """One person's body in one frame, in camera coordinates."""

    person: int
    vertices_m: Float32[Array, "vertices 3"]


def draw_persons(
    rgb: UInt8[Array, "height width 3"],
    figures: Sequence[Figure],
    faces: Int32[Array, "faces 3"],
    camera: PinholeCamera,
    style: Style = Style(),
) -> UInt8[Array, "height width 3"]:
    """Return the picture with bodies drawn over it, the nearest in front."""
    drawn = rgb.copy()
    meshes = []
    for figure in figures:
        normals = vertex_normals(figure.vertices_m, faces)
        screen = to_screen(figure.vertices_m, camera.focal_px, camera.center_xy_px)
        meshes.append(Mesh(screen, shade(normals, person_colour(figure.person), style.light), faces))
    composite(drawn, meshes, style.opacity)
    if style.ids:
        for figure, mesh in zip(figures, meshes, strict=True):
            _write_id(drawn, figure.person, mesh)
    return drawn


def overlay(
    frames: Iterable[Frame],
    motions: Sequence[Motion],
    body: BodyModel,
    camera: PinholeCamera,
    style: Style = Style(),
) -> Generator[Frame]:
    """Yield a clip's frames with everybody's body drawn over them; memory does not grow with the clip.

    Raises:
        TcmrError: a motion has no place in the camera's coordinates.
    """
    faces = body.faces.cpu().numpy().astype(np.int32)
    figures = heapq.merge(*(_figures(motion, body) for motion in motions), key=itemgetter(0))
    index, figure = next(figures, NOBODY)
    for frame in frames:
        here = []
        while index <= frame.index:
            if index == frame.index and figure is not None:
                here.append(figure)
            index, figure = next(figures, NOBODY)
        yield Frame(frame.index, frame.time_s, draw_persons(frame.rgb, here, faces, camera, style))


def draw_motions(
    rgb: UInt8[Array, "height width 3"],
    motions: Sequence[Motion],
    body: BodyModel,
    camera: PinholeCamera,
    style: Style = Style(),
) -> UInt8[Array, "height width 3"]:
    """Return one frame with the bodies of motions that are one frame long drawn over it.

    Raises:
        TcmrError: a motion has no place in the camera's coordinates.
    """
    figures = [
        Figure(motion.person, vertices)
        for motion in motions
        for vertices in _vertices_m(motion, body, np.arange(1))
    ]
    return draw_persons(rgb, figures, body.faces.cpu().numpy().astype(np.int32), camera, style)


def _figures(motion: Motion, body: BodyModel) -> Iterator[tuple[float, Figure | None]]:
    """Yield a person's frames, which ascend, and the bodies there."""
    for rows in np.array_split(np.arange(len(motion)), math.ceil(len(motion) / CHUNK_FRAMES) or 1):
        for row, vertices in zip(rows, _vertices_m(motion, body, rows), strict=True):
            yield int(motion.frames[row]), Figure(motion.person, vertices)


@torch.inference_mode()
def _vertices_m(motion: Motion, body: BodyModel, rows: Array) -> Float32[Array, "rows vertices 3"]:
    """Return the bodies of some rows of a motion, in camera coordinates."""
    if motion.transl_m is None:
        raise TcmrError(f"person {motion.person} has no translation, so it cannot be drawn over a video")
    rotmat, betas, pelvis_m = (
        torch.from_numpy(array[rows]).to(body.device)
        for array in (motion.rotmat, motion.betas, motion.transl_m)
    )
    return body.with_shape(betas).with_pose_at(rotmat, pelvis_m).vertices().cpu().numpy()


def _write_id(rgb: UInt8[Array, "height width 3"], person: int, mesh: Mesh) -> None:
    """Write a person's id above the highest point of the body that is in front of the camera, but in the picture."""
    seen = mesh.screen[mesh.screen[:, 2] > 0]
    if len(seen) == 0:
        return
    x, y = seen[seen[:, 1].argmin(), :2].tolist()
    dot_px = max(1, max(rgb.shape[:2]) // 480)
    lowest = max(y - 4 * dot_px, float(ROWS * dot_px))
    draw_number(rgb, person, (x, lowest), person_colour(person), dot_px)
