"""A track -> crops, cameras and static features, through any backbone."""

import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera, StraightCropCameras
from tcmr.features.backbone import Backbone, LandmarkBackbone
from tcmr.features.boxes import smooth_boxes, square_boxes
from tcmr.features.extract import extract
from tcmr.features.static import StaticInputs, StaticNetwork
from tcmr.types import Track

CAMERA = PinholeCamera(1000.0, (640.0, 360.0))


def track_of(frames: int) -> Track:
    rng = np.random.default_rng(frames)
    return Track(
        id=1,
        segment=0,
        frames=np.arange(10, 10 + frames),
        xy_px=(300 + 200 * rng.random((frames, 33, 2))).astype(np.float32),
        visibility=rng.random((frames, 33)).astype(np.float32),
        world_m=rng.normal(size=(frames, 33, 3)).astype(np.float32),
        scores=np.ones(frames, np.float32),
        bridged=np.zeros(frames, bool),
        spread_px=np.zeros((frames, 33), np.float32),
        flow_px=np.zeros((frames, 33, 2), np.float32),
        flow_certainty=np.zeros((frames, 33), np.float32),
    )


def no_pictures():
    raise AssertionError("the landmark backbone has no need of pictures")


@pytest.fixture(scope="module")
def backbone() -> LandmarkBackbone:
    torch.manual_seed(0)
    return LandmarkBackbone(StaticNetwork(feature_size=6, hidden_size=8, layers=1))


@pytest.mark.parametrize("frames", [1, 7])
def test_features_come_with_the_frames_and_crops_that_they_describe(backbone, frames):
    track = track_of(frames)
    ((features, cameras),) = extract([track], backbone, CAMERA, 25.0, no_pictures)
    assert features.static.shape == (frames, 6)
    assert features.static.dtype == np.float32
    assert features.frames.tolist() == track.frames.tolist()
    expected = smooth_boxes(square_boxes(torch.from_numpy(track.xy_px)), 25.0)
    np.testing.assert_allclose(features.boxes_xyxy_px, expected, rtol=1e-6)
    torch.testing.assert_close(cameras.rotation, CAMERA.crop_cameras(expected).rotation)


def test_the_landmark_backbone_is_its_network_on_the_crops_landmarks(backbone):
    track = track_of(5)
    ((features, cameras),) = extract([track], backbone, CAMERA, 30.0, no_pictures)
    inputs = StaticInputs.of(
        cameras,
        torch.from_numpy(track.xy_px),
        torch.from_numpy(track.visibility),
        torch.from_numpy(track.world_m),
    )
    with torch.no_grad():
        np.testing.assert_allclose(features.static, backbone.network(inputs), atol=1e-6)


def test_a_backbone_may_look_at_the_pictures_again_once_for_everybody():
    opened = []

    class Brightness:
        """Stand for a network that looks at pictures, plain squares of them."""

        box_scale = 2.0
        straight_crops = True
        needs_pictures = True

        def __call__(self, crops, pictures):
            brightness = torch.tensor([[each] for each in pictures()])
            return [brightness[: len(each.boxes_xyxy_px)] for each in crops]

    def pictures():
        opened.append(True)
        return [0.1, 0.2, 0.3]

    assert isinstance(Brightness(), Backbone)
    tracks = [track_of(3), track_of(2)]
    described = extract(tracks, Brightness(), CAMERA, 30.0, pictures)
    assert opened == [True]
    for track, (features, cameras) in zip(tracks, described, strict=True):
        np.testing.assert_allclose(features.static[:, 0], [0.1, 0.2, 0.3][: len(track.frames)])
        expected = smooth_boxes(square_boxes(torch.from_numpy(track.xy_px), 2.0), 30.0)
        np.testing.assert_allclose(features.boxes_xyxy_px, expected, rtol=1e-6)
        assert isinstance(cameras, StraightCropCameras)
