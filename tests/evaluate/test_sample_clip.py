import numpy as np
import pytest

from tcmr.camera import PinholeCamera
from tcmr.evaluate.baselines import blazepose
from tcmr.evaluate.prediction import Observation, Prediction
from tcmr.evaluate.sample_clip import evaluate_sample_clip, walking_woman
from tcmr.joints import BLAZEPOSE_33, LIMBS_12, indices
from tcmr.types import Track

CAMERA = PinholeCamera.assumed(1280, 720)


def walking(from_x: float, to_x: float, frames: int = 5) -> Track:
    """Somebody 400 px tall whose every landmark goes from one x to another."""
    xy = np.zeros((frames, 33, 2), np.float32)
    xy[..., 0] = np.linspace(from_x, to_x, frames)[:, None]
    xy[..., 1] = np.linspace(100, 500, 33)
    return Track(
        id=0, segment=0, frames=np.arange(frames), xy_px=xy, visibility=np.ones((frames, 33), np.float32),
        world_m=np.zeros((frames, 33, 3), np.float32), scores=np.ones(frames, np.float32),
        bridged=np.zeros(frames, bool),
        spread_px=np.zeros((frames, 33), np.float32),
        flow_px=np.zeros((frames, 33, 2), np.float32),
        flow_certainty=np.zeros((frames, 33), np.float32),
    )  # fmt: skip


TRACKS = [walking(400, 390), walking(300, 900), walking(1000, 200, frames=7)]


def beside(observation: Observation) -> Prediction:
    """Place the joints 4 m away so that they land 20 px to the right of the landmarks."""
    wanted_px = observation.track.xy_px[:, indices(BLAZEPOSE_33, LIMBS_12)] + np.float32([20, 0])
    rays = (wanted_px - np.float32(CAMERA.center_xy_px)) / CAMERA.focal_px
    return Prediction(4 * np.concatenate([rays, np.ones_like(rays[..., :1])], -1), placed=True)


def test_the_walking_woman_goes_left():
    assert walking_woman(TRACKS) is TRACKS[2]


def test_nobody_is_no_woman():
    with pytest.raises(ValueError, match="no person"):
        walking_woman([])


def test_distance_on_her_alone_in_percent_of_her_height():
    report = evaluate_sample_clip(TRACKS, CAMERA, 30.0, {"beside": beside}, weights="none", command="pytest")
    assert report.rows["beside"].off_person_percent == pytest.approx(100 * 20 / 400, rel=1e-4)
    assert "7 frames" in report.data
    assert "| beside | 5.0 |" in report.markdown()


def test_a_method_that_places_nobody_is_refused():
    with pytest.raises(ValueError, match="raw does not say where"):
        evaluate_sample_clip(TRACKS, CAMERA, 30.0, {"raw": blazepose}, weights="none", command="pytest")
