"""Static features -> motion: every frame of every clip, in the crop's camera or the frame's."""

import numpy as np
import pytest
import torch

from parity import synth
from tcmr.camera import PinholeCamera, project_in_crop
from tcmr.errors import TcmrError
from tcmr.model import predictor as predictor_module
from tcmr.model.predictor import Predictor, load_model
from tcmr.model.stream import Stream
from tcmr.model.weights import FrameModel, OpenModel, build_open_model, save_open_model
from tcmr.model.windows import window_indices
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Features, Motion


@pytest.fixture
def predictor(small, open_body) -> Predictor:
    return Predictor(small, open_body, "small 0")


def features_of(frames: int) -> np.ndarray:
    return np.random.default_rng(frames).normal(size=(frames, 12)).astype(np.float32)


@pytest.mark.parametrize("edges", ["reflect", "hold", "cut", "static"])
def test_every_frame_of_every_clip_gets_an_output(predictor, edges):
    for frames in range(1, 41):
        motion = predictor.predict(features_of(frames), edges=edges)
        assert motion.frames.tolist() == list(range(frames))
        for name in ("rotmat", "betas", "camera", "joints_m", "attention"):
            assert len(getattr(motion, name)) == frames
            assert np.isfinite(getattr(motion, name)).all()


@pytest.mark.usefixtures("without_checks_of_types")
@pytest.mark.parametrize(
    ("choice", "said"),
    [({"edges": "bogus"}, "edges must be 'reflect' or"), ({"fps": 0}, "fps must be above 0")],
)
def test_a_choice_that_there_is_not_is_refused(predictor, choice, said):
    with pytest.raises(TcmrError, match=said):
        predictor.predict(features_of(3), **choice)
    with pytest.raises(TcmrError, match=said):
        Stream(predictor, **choice)


@pytest.mark.parametrize("edges", ["reflect", "hold", "static"])
def test_a_clip_in_one_go_is_its_windows_one_by_one(predictor, edges, monkeypatch):
    features = torch.from_numpy(features_of(21))
    monkeypatch.setattr(predictor_module, "STRETCH", 8)  # 21 frames: two full stretches and a rest
    motion = predictor.predict(features.numpy(), edges=edges)
    for frame, window in enumerate(window_indices(21, 16, edges)):
        with torch.no_grad():
            estimate, attention = predictor.tcmr(features[window][None])
        close = {"atol": 1e-4, "rtol": 1e-4}
        np.testing.assert_allclose(motion.rotmat[frame], estimate.rotmat[0], **close)
        np.testing.assert_allclose(motion.betas[frame], estimate.betas[0], **close)
        np.testing.assert_allclose(motion.camera[frame], estimate.camera[0], **close)
        np.testing.assert_allclose(motion.attention[frame], attention[0], **close)


def test_a_cut_window_knows_only_what_the_clip_has(predictor):
    """The frame before the cut is as if the clip went on: its window has lost one frame, not gained one."""
    features = features_of(21)
    cut = predictor.predict(features, edges="cut")
    with torch.no_grad():
        alone = predictor.tcmr.encoder(torch.from_numpy(features[:8][None]), 0)
        estimate = predictor.tcmr.regressor(alone.integrated)
    np.testing.assert_allclose(cut.rotmat[0], estimate.rotmat[0], atol=1e-5)
    nothing = torch.relu(predictor.tcmr.encoder.linear_bef(torch.zeros(1, 10)))
    torch.testing.assert_close(torch.relu(alone.past), nothing)
    whole = predictor.predict(features, edges="reflect")
    np.testing.assert_array_equal(cut.rotmat[8:14], whole.rotmat[8:14])


def test_static_edges_are_the_released_codes(full_size, open_body, released_sequence):
    motion = Predictor(full_size, open_body, "seeded").predict(
        synth.features("seq40", 1, 40)[0], edges="static"
    )
    theta = released_sequence["theta"]
    np.testing.assert_allclose(motion.camera, theta[:, :3], atol=2e-5)
    np.testing.assert_allclose(motion.betas, theta[:, 75:], atol=2e-5)
    np.testing.assert_allclose(motion.attention, released_sequence["scores"], atol=2e-5)
    turned = rotmat_from_axis_angle(theta[:, 3:75].unflatten(1, (24, 3)))
    np.testing.assert_allclose(motion.rotmat, turned, atol=1e-4)


def test_the_joints_are_the_bodys_relative_to_the_pelvis(predictor):
    motion = predictor.predict(features_of(5))
    shaped = predictor.body.with_shape(torch.from_numpy(motion.betas))
    joints = shaped.with_pose(torch.from_numpy(motion.rotmat)).joints_m
    np.testing.assert_allclose(motion.joints_m, joints - joints[:, :1], atol=1e-5)
    assert motion.transl_m is None


def test_the_motion_says_what_it_was_made_with(predictor, tmp_path):
    features = Features(features_of(4), np.array([5, 6, 7, 8]), np.zeros((4, 4), np.float32))
    motion = predictor.predict(features, fps=25.0)
    assert motion.frames.tolist() == [5, 6, 7, 8]
    assert motion.boxes_xyxy_px is features.boxes_xyxy_px
    assert (motion.fps, motion.weights) == (25.0, "small 0")
    assert motion.body == f"open {predictor.body.sha256}"
    motion.save(tmp_path / "motion.npz")
    np.testing.assert_array_equal(Motion.load(tmp_path / "motion.npz").betas, motion.betas)


def test_in_the_frames_camera_the_body_lands_where_the_crop_shows_it(predictor):
    features = Features(features_of(3), np.arange(3))
    frame = PinholeCamera(900.0, (640.0, 360.0))
    boxes = torch.tensor(
        [[100.0, 100.0, 300.0, 300.0], [900.0, 50.0, 1300.0, 450.0], [500.0, 300.0, 600.0, 400.0]]
    )
    cameras = frame.crop_cameras(boxes)
    in_crop = predictor.predict(features)
    in_frame = predictor.predict(features, cameras=cameras)

    shaped = predictor.body.with_shape(torch.from_numpy(in_crop.betas))
    posed = shaped.with_pose(torch.from_numpy(in_crop.rotmat))
    camera = torch.from_numpy(in_crop.camera)
    camera[:, 0] = camera[:, 0].abs() + 0.5  # untrained: might stand behind the camera
    expected = project_in_crop(posed.joints_m, camera, cameras.focal_crop)

    placed = (
        torch.from_numpy(in_frame.joints_m)
        + cameras.translation_in_frame(camera, shaped.joints_m[:, 0])[:, None]
    )
    torch.testing.assert_close(cameras.normalise(frame.project(placed)), expected, atol=1e-4, rtol=1e-4)
    transl = cameras.translation_in_frame(torch.from_numpy(in_frame.camera), shaped.joints_m[:, 0])
    np.testing.assert_allclose(in_frame.transl_m, transl, atol=1e-4, rtol=1e-5)
    np.testing.assert_array_equal(in_frame.rotmat[:, 1:], in_crop.rotmat[:, 1:])


@pytest.mark.parametrize("shape", [(0, 12), (5, 11), (12,), (2, 5, 12)])
def test_features_of_another_shape_are_refused(predictor, shape):
    with pytest.raises(TcmrError, match=r"\[frames, 12\]"):
        predictor.predict(np.zeros(shape, np.float32))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(predictor, value):
    features = features_of(5)
    features[2, 3] = value
    with pytest.raises(TcmrError, match="finite"):
        predictor.predict(features)


def test_double_precision_and_read_only_features_will_do(predictor):
    features = features_of(5)
    expected = predictor.predict(features)
    features.setflags(write=False)
    np.testing.assert_array_equal(predictor.predict(features).rotmat, expected.rotmat)
    np.testing.assert_array_equal(predictor.predict(features.astype(np.float64)).rotmat, expected.rotmat)


def test_a_model_is_loaded_with_its_body(tmp_path):
    frame_model = FrameModel.build({"feature_size": 12, "hidden_size": 6, "layers": 1, "regressor_size": 5})
    path = tmp_path / "tiny.safetensors"
    save_open_model(path, OpenModel(frame_model, build_open_model(frame_model, {"hidden_size": 4})), {})
    loaded = load_model(path)
    assert loaded.weights.startswith("tiny ")
    assert loaded.body.name == "open"
    assert len(loaded.predict(features_of(3))) == 3
