import numpy as np
import pytest

from tcmr.camera import PinholeCamera
from tcmr.evaluate import baselines, metrics
from tcmr.evaluate.prediction import Observation
from tcmr.types import Track


@pytest.fixture
def shaking() -> Observation:
    """Somebody who stands and shakes from frame to frame."""
    rng = np.random.default_rng(0)
    world = rng.normal(size=33 * 3).reshape(33, 3) * 0.3 + rng.normal(size=(60, 33, 3)) * 0.02
    track = Track(
        id=0, segment=0, frames=np.arange(60), xy_px=np.zeros((60, 33, 2), np.float32),
        visibility=np.ones((60, 33), np.float32), world_m=world.astype(np.float32),
        scores=np.ones(60, np.float32), bridged=np.zeros(60, bool),
        spread_px=np.zeros((60, 33), np.float32),
        flow_px=np.zeros((60, 33, 2), np.float32),
        flow_certainty=np.zeros((60, 33), np.float32),
    )  # fmt: skip
    return Observation(track, PinholeCamera.assumed(640, 480), 30.0)


def test_gaussian_takes_the_shaking_out_and_leaves_the_mean_pose(shaking):
    raw, smooth = (method(shaking).joints_m for method in (baselines.blazepose, baselines.blazepose_smoothed))
    assert metrics.acceleration(smooth).mean() < 0.1 * metrics.acceleration(raw).mean()
    np.testing.assert_allclose(smooth.mean(0), raw.mean(0), atol=0.01)


def test_no_motion_is_the_mean_pose_in_every_frame(shaking):
    raw, still = (method(shaking).joints_m for method in (baselines.blazepose, baselines.no_motion))
    assert metrics.speed(still).max() == 0
    np.testing.assert_allclose(still[7], raw.mean(0))


def test_baselines_are_not_placed_in_the_picture(shaking):
    assert not any(method(shaking).placed for method in baselines.BASELINES.values())
