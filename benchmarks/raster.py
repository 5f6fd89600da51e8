"""Time to draw bodies over a full-HD frame on one core: `python benchmarks/raster.py`."""

import platform
import statistics
import time
from collections.abc import Callable

import numba
import numpy as np
import torch

from tcmr.body import BodyModel, load_body
from tcmr.joints import SMPL_24, indices
from tcmr.raster import Light, Mesh, composite, shade, to_screen, vertex_normals
from tcmr.rotations import rotmat_from_axis_angle

HEIGHT_PX = 800
DISTANCE_M = 4.0
REPEATS = 50


def main() -> None:
    body = load_body("open")
    faces = body.faces.numpy().astype(np.int32)
    rest = body.with_shape(torch.zeros(10)).vertices_m.numpy()
    focal_px = HEIGHT_PX * DISTANCE_M / float(np.ptp(rest[:, 1]))
    vertices = _arms_down(body).numpy() * [1, -1, -1] + [0, -0.28, DISTANCE_M]
    frame = np.full((1080, 1920, 3), 90, np.uint8)

    def lit(shift_px: float) -> Mesh:
        normals = vertex_normals(vertices.astype(np.float32), faces)
        screen = to_screen(vertices.astype(np.float32), focal_px, (960.0 + shift_px, 540.0))
        return Mesh(screen, shade(normals, (150.0, 180.0, 235.0), Light()), faces)

    one, three = [lit(0.0)], [lit(shift_px) for shift_px in (-500.0, 0.0, 500.0)]
    print(f"{platform.processor() or platform.machine()}, numba {numba.__version__}, numpy {np.__version__}")
    print(f"one person {HEIGHT_PX} px tall on 1920x1080, one core; median (best) of {REPEATS}")
    for name, job in (
        ("normals, projection, shading", lambda: lit(0.0)),
        ("composite, 1 person", lambda: composite(frame, one)),
        ("composite, 3 persons", lambda: composite(frame, three)),
    ):
        median_ms, best_ms = _milliseconds(job)
        print(f"{name:30} {median_ms:6.1f} ms ({best_ms:.1f})")


def _arms_down(body: BodyModel) -> torch.Tensor:
    axis_angle = torch.zeros(24, 3)
    axis_angle[indices(SMPL_24, ["left_shoulder", "right_shoulder"]), 2] = torch.tensor([-1.2, 1.2])
    return body.with_shape(torch.zeros(10)).with_pose(rotmat_from_axis_angle(axis_angle)).vertices()


def _milliseconds(job: Callable[[], object]) -> tuple[float, float]:
    job()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        job()
        times.append(1e3 * (time.perf_counter() - start))
    return statistics.median(times), min(times)


if __name__ == "__main__":
    main()
