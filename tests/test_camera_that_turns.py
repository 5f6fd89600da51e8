"""A real clip, filmed anew by a camera that pans over it: people stay where they were before the one at rest."""

import itertools
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tcmr.assets import fetch
from tcmr.camera import PinholeCamera
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.pipeline import run
from tcmr.result import Result
from tcmr.types import Motion
from tcmr.video import VideoWriter, open_clip
from tcmr.world.place import place

FRAMES, LONG_SIDE_PX, WIDTH, HEIGHT = 60, 884, 560, 448
PAN = Rotation.from_rotvec(
    np.outer(np.sin(np.linspace(0, 5, FRAMES)), np.deg2rad([1.5, 8.0, 1.0]))
)  # from the camera's axes in each frame to those in the first


def intrinsics(width: int, height: int, focal_px: float) -> np.ndarray:
    return np.array([[focal_px, 0, width / 2], [0, focal_px, height / 2], [0, 0, 1]])


def filmed_anew(turns: Rotation, path: Path) -> Result:
    """Film the sample clip with a camera of the same lens and a smaller picture, and find the people in it."""
    with (
        open_clip(fetch("sample-clip"), max_side=LONG_SIDE_PX) as frames,
        VideoWriter(path, width=WIDTH, height=HEIGHT, fps=frames.clip.fps) as writer,
    ):
        for frame, turn in zip(itertools.islice(frames, FRAMES), turns, strict=True):
            height, width = frame.rgb.shape[:2]
            focal_px = PinholeCamera.assumed(width, height).focal_px
            seen_at = (
                intrinsics(width, height, focal_px)
                @ turn.as_matrix()
                @ np.linalg.inv(intrinsics(WIDTH, HEIGHT, focal_px))
            )
            how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
            writer.write(
                np.asarray(cv2.warpPerspective(frame.rgb, seen_at, (WIDTH, HEIGHT), flags=how), np.uint8)
            )
    options = Options(focal_px=focal_px, max_persons=1)
    return run(path, options, Models.load(options))


@pytest.fixture(scope="module")
def still(tmp_path_factory) -> Result:
    path = tmp_path_factory.mktemp("still") / "still.mp4"
    return filmed_anew(Rotation.concatenate([Rotation.identity()] * FRAMES), path)


@pytest.fixture(scope="module")
def panned(tmp_path_factory) -> Result:
    return filmed_anew(PAN, tmp_path_factory.mktemp("panned") / "panned.mp4")


def test_a_camera_at_rest_does_not_turn(still):
    assert still.movement is not None
    assert still.movement.turned_deg == 0
    assert still.motions[0].camera_rotmat is None


def test_the_turn_is_measured(panned):
    (motion,) = panned.motions
    off = Rotation.from_matrix(motion.camera_rotmat) * PAN[motion.frames].inv()
    assert np.rad2deg(off.magnitude()).max() < 0.2
    assert panned.movement.turned_deg == pytest.approx(np.rad2deg(PAN.magnitude().max()), abs=0.2)
    assert panned.movement.unexplained < 0.05


def test_people_are_where_a_camera_at_rest_sees_them(still, panned):
    def off_m(motion: Motion) -> float:
        one, other = (place([each], "smooth").motions[0] for each in (still.motions[0], motion))
        _, rows, others = np.intersect1d(one.frames, other.frames, return_indices=True)
        return float(np.linalg.norm(one.transl_m[rows] - other.transl_m[others], axis=1).mean())

    (motion,) = panned.motions
    assert off_m(motion) < 0.3
    assert off_m(replace(motion, camera_rotmat=None)) > 3 * off_m(motion)


def test_the_focal_length_that_a_pan_tells_is_said(panned):
    assert not panned.warnings
    options = Options(max_persons=1)
    (warning,) = run(panned.clip.path, options, Models.load(options)).warnings
    told_px = float(warning.split(" px")[0].split()[-1])
    assert told_px == pytest.approx(panned.camera.focal_px, rel=0.05)
    assert f"--focal {told_px:.0f}" in warning
