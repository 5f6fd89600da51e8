"""Features one at a time against the whole clip at once."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.model.height import with_height
from tcmr.model.predictor import Predictor
from tcmr.model.stream import Stream
from tcmr.model.tcmr import TCMR
from tcmr.types import Features, Motion

ARRAYS = ("rotmat", "betas", "camera", "joints_m", "attention")


@pytest.fixture
def predictor(small, open_body) -> Predictor:
    """Make weights that do not magnify rounding, as trained ones do not."""
    for parameter in small.regressor.parameters():
        parameter.data.mul_(0.3)
    return Predictor(small, open_body, "small 0")


def features_of(frames: int) -> np.ndarray:
    return np.random.default_rng(frames).normal(size=(frames, 12)).astype(np.float32)


def assert_same(ours: Motion, theirs: Motion, row: int) -> None:
    for name in ARRAYS:
        np.testing.assert_allclose(getattr(ours, name)[0], getattr(theirs, name)[row], atol=1e-5, rtol=1e-5)


def test_inside_the_clip_it_is_the_offline_result(predictor):
    features = features_of(60)
    offline, stream = predictor.predict(features), Stream(predictor)
    pushed = [stream.push(feature) for feature in features]
    assert pushed[:7] == [None] * 7
    for target in range(8, 53):
        motion = pushed[target + 7]
        assert motion.frames.tolist() == [target]
        assert_same(motion, offline, target)


@pytest.mark.parametrize("edges", ["reflect", "hold", "cut", "static"])
@pytest.mark.parametrize("lookahead", [0, 3, 7])
def test_every_frame_is_that_of_a_clip_that_ends_so_much_later(predictor, lookahead, edges):
    features = features_of(24)
    stream = Stream(predictor, lookahead, edges=edges)
    pushed = [motion for feature in features if (motion := stream.push(feature))]
    motions = pushed + stream.finish()
    assert [motion.frames[0] for motion in motions] == list(range(24))
    for target in (0, 5, 9, 17, 23):
        motion = motions[target]
        assert_same(motion, predictor.predict(features[: target + lookahead + 1], edges=edges), target)


def test_memory_does_not_grow_with_the_frames(predictor):
    stream = Stream(predictor)
    for feature in features_of(100):
        stream.push(feature)
    assert len(stream._seen) == 16


def test_after_the_end_it_starts_anew(predictor):
    stream, features = Stream(predictor, lookahead=2), features_of(5)
    first = [stream.push(feature) for feature in features][2:] + stream.finish()
    again = [stream.push(feature) for feature in features][2:] + stream.finish()
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.rotmat, other.rotmat)
        assert one.frames.tolist() == other.frames.tolist()
    assert stream.finish() == []


def test_frame_numbers_boxes_and_cameras_stay_with_their_frames(predictor):
    static, boxes = (
        features_of(20),
        np.linspace([10, 20, 110, 120], [60, 20, 160, 120], 20).astype(np.float32),
    )
    cameras = PinholeCamera(900.0, (640.0, 360.0)).crop_cameras(torch.from_numpy(boxes))
    features = Features(static, np.arange(100, 120), boxes)
    offline, stream = predictor.predict(features, 25.0, cameras=cameras), Stream(predictor, fps=25.0)
    motions = [stream.push(features.part(slice(i, i + 1)), cameras.rows(slice(i, i + 1))) for i in range(20)]
    for motion in motions[15:]:
        row = motion.frames[0] - 100
        assert_same(motion, offline, row)
        np.testing.assert_allclose(motion.transl_m[0], offline.transl_m[row], rtol=1e-4)
        np.testing.assert_array_equal(motion.boxes_xyxy_px[0], boxes[row])
        assert motion.fps == 25


def test_a_known_height_is_kept_to(predictor):
    boxes = torch.tensor([[10.0, 20, 110, 120]]).expand(12, 4)
    cameras = PinholeCamera(900.0, (640.0, 360.0)).crop_cameras(boxes)
    features = Features(features_of(12), np.arange(12), boxes.numpy())
    offline = with_height(predictor.predict(features, cameras=cameras), 1.5, cameras, predictor.body)
    stream = Stream(predictor, height_m=1.5)
    pushed = [stream.push(features.part(slice(i, i + 1)), cameras.rows(slice(i, i + 1))) for i in range(12)]
    for row, motion in enumerate([*filter(None, pushed), *stream.finish()]):
        if row >= 5:  # those before were estimated from a clip that seemed to end sooner
            assert_same(motion, offline, row)
            np.testing.assert_allclose(motion.transl_m[0], offline.transl_m[row], rtol=1e-4)


def test_a_model_without_windows_remembers_for_a_while(predictor):
    config = replace(predictor.tcmr.config, window=0)
    torch.manual_seed(0)
    whole = Predictor(TCMR(config).eval(), predictor.body, "whole 0")
    features = features_of(90)
    stream = Stream(whole, lookahead=4)
    motions = [stream.push(feature) for feature in features]
    for last in (4, 40, 80, 89):
        first = max(0, last - 4 - 64)
        assert_same(motions[last], whole.predict(features[first : last + 1]), last - 4 - first)


@pytest.mark.parametrize("lookahead", [-1, 8])
def test_a_window_looks_no_further(predictor, lookahead):
    with pytest.raises(TcmrError, match="0 to 7"):
        Stream(predictor, lookahead)


@pytest.mark.parametrize("feature", [np.zeros(11), np.full(12, np.nan)])
def test_features_of_another_kind_are_refused(predictor, feature):
    with pytest.raises(TcmrError, match="features"):
        Stream(predictor).push(feature)
