"""Triangle meshes to pixels on the processor: a z-buffer in numba, no graphics library needed.

Meshes are in camera coordinates (x right, y down, z forward, metres), their faces wound counter-clockwise as
seen from outside. A vertex' screen coordinates are (x_px, y_px, 1/z): the reciprocal of depth is linear on
the screen, so interpolating it is exact. The centre of the picture's first pixel is at (0.5, 0.5).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt8

from tcmr.compiled import compiled

Array = np.ndarray

NEAR_M = 0.05  # a triangle with a vertex nearer than this is left out
SEAM_PX = 1e-6  # triangles are this much wider, so that no sample falls between two neighbours
STRIP_ROWS = 128  # `composite` works in strips of so many rows, which bounds its memory
SAMPLES = 2  # a pixel of an anti-aliased picture has SAMPLES x SAMPLES samples


@dataclass(frozen=True)
class Mesh:
    """A surface on the screen with the colours that its vertices show, 0 to 255."""

    screen: Float32[Array, "vertices 3"]
    rgb: Float32[Array, "vertices 3"]
    faces: Int32[Array, "faces 3"]


@dataclass(frozen=True)
class Light:
    """A lamp far away, one at the camera, and the light from everywhere, as shares of a surface's colour.

    `direction` points from the scene to the lamp, in camera coordinates. `gloss` is the highlight's strength.
    """

    direction: tuple[float, float, float] = (0.3, -0.6, -0.8)
    lamp: float = 0.5
    head: float = 0.25
    ambient: float = 0.3
    gloss: float = 0.1


def vertex_normals(
    vertices_m: Float32[Array, "vertices 3"], faces: Int32[Array, "faces 3"]
) -> Float32[Array, "vertices 3"]:
    """Return unit normals that point outwards: the mean of the faces around each vertex, weighted by area."""
    return _vertex_normals(vertices_m, faces)


def to_screen(
    vertices_m: Float32[Array, "vertices 3"], focal_px: float, center_xy_px: tuple[float, float]
) -> Float32[Array, "vertices 3"]:
    """Project by a pinhole camera to (x_px, y_px, 1/z); a vertex nearer than `NEAR_M` gets 1/z = 0."""
    in_front = vertices_m[:, 2] >= NEAR_M
    inverse_depth = np.where(in_front, 1 / np.where(in_front, vertices_m[:, 2], 1), 0)
    xy_px = vertices_m[:, :2] * (focal_px * inverse_depth)[:, None] + np.asarray(center_xy_px)
    return np.column_stack([xy_px, inverse_depth]).astype(np.float32)


def shade(
    normals: Float32[Array, "vertices 3"], rgb: tuple[float, float, float], light: Light
) -> Float32[Array, "vertices 3"]:
    """Return what a surface of one colour (0 to 255) shows under `light`: Lambert, and Blinn's highlight."""
    lamp = _unit(np.asarray(light.direction, np.float32))
    to_camera = np.array([0, 0, -1], np.float32)
    share = (
        light.ambient
        + light.lamp * np.clip(normals @ lamp, 0, None)
        + light.head * np.clip(normals @ to_camera, 0, None)
    )
    highlight = light.gloss * np.clip(normals @ _unit(lamp + to_camera), 0, None) ** 30
    lit = share[:, None] * np.asarray(rgb, np.float32) + 255 * highlight[:, None]
    return np.clip(lit, 0, 255).astype(np.float32)


def draw(
    mesh: Mesh, picture: Float32[Array, "height width 3"], inverse_depth: Float32[Array, "height width"]
) -> None:
    """Draw the front of a mesh into a picture and its depth buffer, in place, one sample a pixel.

    `inverse_depth` holds 1/z of what is seen, 0 where there is nothing; draw mesh after mesh with the same
    buffer and the nearest surface remains, in any order.
    """
    _draw(mesh.screen, mesh.rgb, mesh.faces, picture, inverse_depth)


def composite(rgb: UInt8[Array, "height width 3"], meshes: Sequence[Mesh], opacity: float = 1.0) -> None:
    """Lay meshes over a picture in place, the nearest in front, with smooth edges.

    Only the pixels of the box around the meshes are touched. `opacity` mixes the picture behind into what is
    drawn; the meshes hide one another all the same.
    """
    boxes = [box for mesh in meshes if (box := _box(mesh, rgb.shape[1], rgb.shape[0])) is not None]
    if not boxes:
        return
    left, top = np.min(boxes, axis=0)[:2]
    right, bottom = np.max(boxes, axis=0)[2:]
    samples = np.empty((SAMPLES * STRIP_ROWS, SAMPLES * (right - left), 3), np.float32)
    inverse_depth = np.empty(samples.shape[:2], np.float32)
    to_samples = np.array([SAMPLES, SAMPLES, 1], np.float32)
    for strip_top in range(top, bottom, STRIP_ROWS):
        strip = rgb[strip_top : min(strip_top + STRIP_ROWS, bottom), left:right]
        inverse_depth.fill(0)
        for mesh in meshes:
            screen = (mesh.screen - np.array([left, strip_top, 0], np.float32)) * to_samples
            _draw(screen, mesh.rgb, mesh.faces, samples, inverse_depth)
        _blend(samples, inverse_depth, opacity, strip)


def _unit(vector: Float32[Array, "3"]) -> Float32[Array, "3"]:
    return (vector / max(float(np.linalg.norm(vector)), 1e-9)).astype(np.float32)


def _box(mesh: Mesh, width: int, height: int) -> Int64[Array, "4"] | None:
    """Return the whole pixels (left, top, right, bottom) around what a mesh may show, if anything."""
    xy = mesh.screen[mesh.screen[:, 2] > 0, :2]
    if not len(xy):
        return None
    outwards = np.concatenate([np.floor(xy.min(axis=0)), np.ceil(xy.max(axis=0))])
    box = np.clip(outwards, 0, [width, height, width, height]).astype(np.int64)
    return box if (box[:2] < box[2:]).all() else None


@no_type_check
@compiled(fastmath=True, nogil=True)
def _vertex_normals(vertices, faces):
    normals = np.zeros_like(vertices)
    for face in range(faces.shape[0]):
        corners = faces[face]
        a, b, c = vertices[corners[0]], vertices[corners[1]], vertices[corners[2]]
        ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
        vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
        x, y, z = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
        for corner in corners:
            normals[corner, 0] += x
            normals[corner, 1] += y
            normals[corner, 2] += z
    for normal in normals:
        length = math.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2)
        if length > 0:
            normal /= length
    return normals


@no_type_check
@compiled(nogil=True)
def _draw(screen, rgb, faces, picture, inverse_depth):
    height, width = inverse_depth.shape
    for face in range(faces.shape[0]):
        a, b, c = faces[face, 0], faces[face, 1], faces[face, 2]
        ax, ay, az = np.float64(screen[a, 0]), np.float64(screen[a, 1]), screen[a, 2]
        bx, by, bz = np.float64(screen[b, 0]), np.float64(screen[b, 1]), screen[b, 2]
        cx, cy, cz = np.float64(screen[c, 0]), np.float64(screen[c, 1]), screen[c, 2]
        # Twice the signed area: negative for a front, as y points down.
        area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
        if area >= 0 or min(az, bz, cz) <= 0:
            continue
        # Samples are at x + 0.5, y + 0.5; the slack closes the seams between neighbours.
        first_y = max(0, math.ceil(min(ay, by, cy) - 0.5 - SEAM_PX))
        last_y = min(height - 1, math.floor(max(ay, by, cy) - 0.5 + SEAM_PX))
        least_x = max(0.0, min(ax, bx, cx) - 0.5 - SEAM_PX)
        most_x = min(width - 1.0, max(ax, bx, cx) - 0.5 + SEAM_PX)
        # Over the screen the shares of b and c are planes (and that of a is the rest): their slopes.
        b_dx, b_dy = (cy - ay) / area, (ax - cx) / area
        c_dx, c_dy = (ay - by) / area, (bx - ax) / area
        for y in range(first_y, last_y + 1):
            low, high = _crossing(ax, ay, bx, by, y + 0.5, least_x, most_x)
            low, high = _crossing(bx, by, cx, cy, y + 0.5, low, high)
            low, high = _crossing(cx, cy, ax, ay, y + 0.5, low, high)
            if high < low:
                continue
            # Doubles where the row begins, as a sliver's slopes are huge; from there floats do.
            first_x = math.ceil(low)
            to_x, to_y = first_x + 0.5 - ax, y + 0.5 - ay
            first_b = np.float32(b_dx * to_x + b_dy * to_y)
            first_c = np.float32(c_dx * to_x + c_dy * to_y)
            # Unsigned, as numba would check a signed index for being negative.
            for x in range(np.uint64(first_x), np.uint64(math.floor(high) + 1)):
                step = np.float32(x - np.uint64(first_x))
                share_b = first_b + np.float32(b_dx) * step
                share_c = first_c + np.float32(c_dx) * step
                nearness = az + share_b * (bz - az) + share_c * (cz - az)
                if nearness > inverse_depth[y, x]:
                    inverse_depth[y, x] = nearness
                    for i in range(3):
                        picture[y, x, i] = (
                            rgb[a, i] + share_b * (rgb[b, i] - rgb[a, i]) + share_c * (rgb[c, i] - rgb[a, i])
                        )


@no_type_check
@compiled(nogil=True)
def _crossing(ax, ay, bx, by, y, low, high):
    """Narrow the range low..high of x on a row to the inner side of the edge a-b of a front."""
    if ay == by:
        return low, high
    x = ax + (y - ay) * ((bx - ax) / (by - ay)) - 0.5
    if by > ay:
        return max(low, x - SEAM_PX), high
    return low, min(high, x + SEAM_PX)


@no_type_check
@compiled(nogil=True)
def _blend(samples, inverse_depth, opacity, rgb):
    height, width = rgb.shape[:2]
    depth = inverse_depth[: SAMPLES * height].reshape(height, SAMPLES, width, SAMPLES)
    colour = samples[: SAMPLES * height].reshape(height, SAMPLES, width, SAMPLES, 3)
    share = np.float32(opacity / SAMPLES**2)
    for y in range(height):
        for x in range(width):
            red = green = blue = np.float32(0)
            covered = 0
            for j in range(SAMPLES):
                for i in range(SAMPLES):
                    if depth[y, j, x, i] > 0:
                        covered += 1
                        red += colour[y, j, x, i, 0]
                        green += colour[y, j, x, i, 1]
                        blue += colour[y, j, x, i, 2]
            if covered:
                behind = np.float32(1) - share * covered
                rgb[y, x, 0] = np.uint8(behind * rgb[y, x, 0] + share * red + np.float32(0.5))
                rgb[y, x, 1] = np.uint8(behind * rgb[y, x, 1] + share * green + np.float32(0.5))
                rgb[y, x, 2] = np.uint8(behind * rgb[y, x, 2] + share * blue + np.float32(0.5))
