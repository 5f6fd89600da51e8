"""SPIN's backbone over a clip: everybody's crops in one pass, each row where it belongs."""

import numpy as np
import pytest
import torch

from parity import synth
from tcmr.camera import PinholeCamera, StraightCropCameras
from tcmr.errors import TcmrError
from tcmr.features.backbone import Backbone
from tcmr.features.extract import extract
from tcmr.features.occlusion import Occluders, Occlusion
from tcmr.features.resnet50 import ResNet50
from tcmr.features.spin_backbone import BATCH, SpinBackbone
from tcmr.features.spin_crop import BOX_SCALE, spin_crop
from tcmr.types import Frame, Track
from voc_folder import make_voc

CAMERA = PinholeCamera(400.0, (160.0, 120.0))
PERSONS = {0: range(7), 1: range(3, 6), 2: range(5, 9)}  # id -> frames


def track_of(person: int, frames: range) -> Track:
    rng = np.random.default_rng(person)
    count = len(frames)
    return Track(
        id=person,
        segment=0,
        frames=np.array(frames),
        xy_px=(40 + 150 * rng.random((count, 33, 2))).astype(np.float32),
        visibility=np.ones((count, 33), np.float32),
        world_m=np.zeros((count, 33, 3), np.float32),
        scores=np.ones(count, np.float32),
        bridged=np.zeros(count, bool),
        spread_px=np.zeros((count, 33), np.float32),
        flow_px=np.zeros((count, 33, 2), np.float32),
        flow_certainty=np.zeros((count, 33), np.float32),
    )


@pytest.fixture(scope="module")
def network() -> ResNet50:
    torch.manual_seed(0)
    return ResNet50().eval()


@pytest.fixture(scope="module")
def frames() -> list[Frame]:
    return [Frame(index, index / 30, synth.image_u8(f"frame{index}", 240, 320, 32)) for index in range(12)]


def test_everybodys_features_are_those_of_their_own_crops(network, frames):
    """More crops than a batch holds, people who come and go: each row is what its crop alone gives."""
    tracks = [track_of(person, seen) for person, seen in PERSONS.items()]
    assert sum(len(track.frames) for track in tracks) > BATCH
    backbone = SpinBackbone(network)
    assert isinstance(backbone, Backbone)
    described = extract(tracks, backbone, CAMERA, 30.0, lambda: frames)
    for track, (features, cameras) in zip(tracks, described, strict=True):
        assert isinstance(cameras, StraightCropCameras)
        assert features.static.shape == (len(track.frames), 2048)
        for row, index in enumerate(track.frames):
            crop = spin_crop(frames[index].rgb, features.boxes_xyxy_px[row])
            with torch.no_grad():
                alone = network(torch.from_numpy(crop).permute(2, 0, 1)[None])[0]
            np.testing.assert_allclose(features.static[row], alone, atol=1e-5)


def test_an_occluded_backbone_sees_things_over_every_crop(network, frames, tmp_path):
    occlusion = Occlusion(Occluders.of_voc(make_voc(tmp_path / "voc")), seed=3)
    tracks, plain = [track_of(0, range(2)), track_of(1, range(1, 3))], SpinBackbone(network)
    ((clear, _), _), (first, second) = (
        extract(tracks, backbone, CAMERA, 30.0, lambda: frames)
        for backbone in (plain, plain.occluded(occlusion))
    )
    for person, (features, _) in enumerate((first, second)):
        for row, index in enumerate(features.frames):
            crop = occlusion.over(
                spin_crop(frames[index].rgb, features.boxes_xyxy_px[row]), person, int(index)
            )
            with torch.no_grad():
                alone = network(torch.from_numpy(crop).permute(2, 0, 1)[None])[0]
            np.testing.assert_allclose(features.static[row], alone, atol=1e-5)
    assert np.abs(first[0].static - clear.static).max() > 1e-3


def test_boxes_are_as_large_as_the_released_code_makes_them(network, frames):
    track = track_of(0, range(1))
    ((features, _),) = extract([track], SpinBackbone(network), CAMERA, 30.0, lambda: frames)
    left, top, right, bottom = features.boxes_xyxy_px[0]
    extent = np.ptp(track.xy_px[0], axis=0).max()
    assert (
        right - left == pytest.approx(bottom - top, rel=1e-5) == pytest.approx(BOX_SCALE * extent, rel=1e-5)
    )


def test_the_clip_is_read_once_and_no_further_than_anybody_is_seen(network, frames):
    read = []

    def pictures():
        for frame in frames:
            read.append(frame.index)
            yield frame

    extract([track_of(0, range(2)), track_of(1, range(1, 3))], SpinBackbone(network), CAMERA, 30.0, pictures)
    assert read == [0, 1, 2]


def test_without_anybody_the_clip_is_not_opened(network):
    def pictures():
        raise AssertionError("nobody is to be looked at")

    assert extract([], SpinBackbone(network), CAMERA, 30.0, pictures) == []


def test_a_clip_that_has_become_shorter_is_refused(network, frames):
    with pytest.raises(TcmrError, match="frame 4 of the clip"):
        extract([track_of(0, range(6))], SpinBackbone(network), CAMERA, 30.0, lambda: frames[:4])
