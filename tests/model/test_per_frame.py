import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.model import per_frame
from tcmr.model.per_frame import FramePredictor, frame_predictor_of
from tcmr.model.weights import FrameModel, OpenModel
from tcmr.types import Features

CAMERA = PinholeCamera(900.0, (640.0, 360.0))


@pytest.fixture(scope="module")
def predictor(open_body) -> FramePredictor:
    torch.manual_seed(0)
    sizes = {"feature_size": 12, "hidden_size": 6, "layers": 1, "regressor_size": 5}
    model = OpenModel(FrameModel.build(sizes).eval(), None, "small", None, "0d1e")
    return frame_predictor_of(model, open_body)


def features_of(rows: slice) -> Features:
    values = np.random.default_rng(0).random((6, 12), dtype=np.float32)
    return Features(values[rows], np.arange(6)[rows])


def test_a_frame_knows_nothing_of_the_others(predictor):
    boxes = torch.tensor([[100.0, 100.0, 300.0, 300.0]]).expand(6, 4)
    whole = predictor.predict(features_of(slice(6)), cameras=CAMERA.crop_cameras(boxes))
    single = predictor.predict(features_of(slice(4, 5)), cameras=CAMERA.crop_cameras(boxes[:1]))
    np.testing.assert_allclose(whole.rotmat[4], single.rotmat[0], atol=1e-5)
    np.testing.assert_allclose(whole.transl_m[4], single.transl_m[0], rtol=1e-5, atol=1e-5)


def test_a_long_track_is_regressed_in_stretches(predictor, monkeypatch):
    whole = predictor.predict(features_of(slice(6)))
    monkeypatch.setattr(per_frame, "STRETCH", 4)
    parts = predictor.predict(features_of(slice(6)))
    np.testing.assert_allclose(parts.rotmat, whole.rotmat, atol=1e-6)
    np.testing.assert_allclose(parts.joints_m, whole.joints_m, atol=1e-6)


def test_it_is_the_regressors_estimate_and_all_attention_is_on_the_frame(predictor):
    features = features_of(slice(6))
    motion = predictor.predict(features, fps=25.0)
    with torch.no_grad():
        estimate = predictor.regressor(torch.from_numpy(features.static))
    np.testing.assert_array_equal(motion.rotmat, estimate.rotmat.numpy())
    np.testing.assert_array_equal(motion.betas, estimate.betas.numpy())
    assert (motion.attention == [0, 1, 0]).all()
    assert (motion.weights, motion.fps, motion.transl_m) == ("small-per-frame 0d1e", 25.0, None)


def test_an_array_is_of_consecutive_frames(predictor):
    given = features_of(slice(6))
    motion = predictor.predict(given.static.astype(np.float64))
    np.testing.assert_array_equal(motion.rotmat, predictor.predict(given).rotmat)
    np.testing.assert_array_equal(motion.frames, np.arange(6))


@pytest.mark.parametrize("static", [np.zeros((6, 11)), np.zeros((0, 12)), np.full((6, 12), np.nan)])
def test_what_the_regressor_does_not_take_is_refused(static, predictor):
    with pytest.raises(TcmrError, match="static features must be"):
        predictor.predict(static)
