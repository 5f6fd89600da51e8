"""Tests on feature stores: figures against what can be worked out by hand, and the two protocols."""

import numpy as np
import pytest
import torch

from synthetic_store import ALL_FIELDS, sequence, write_store
from tcmr.body import BodyModel
from tcmr.data.store import FeatureStore, StoreWriter
from tcmr.errors import TcmrError
from tcmr.evaluate.labelled_store import StoreTest
from tcmr.evaluate.metrics import acceleration_error, mpjpe, pa_mpjpe, root_relative
from tcmr.joints import H36M_14, SPIN_49_COMMON_14
from tcmr.model.predictor import Predictor
from tcmr.model.tcmr import TCMR, TCMRConfig
from tcmr.rotations import rotmat_from_axis_angle

LENGTHS = (20, 9, 1)


@pytest.fixture(scope="module")
def tcmr() -> TCMR:
    torch.manual_seed(0)
    model = TCMR(TCMRConfig(24, 8, 1, 16, 16)).eval()
    for parameter in model.parameters():
        parameter.data.normal_(std=0.2)
    return model


@pytest.fixture
def store(tmp_path, open_body) -> FeatureStore:
    return write_store(tmp_path / "labelled", open_body, LENGTHS)


def pairs(tcmr: TCMR, body: BodyModel) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return each sequence's estimated and true 14 joints, worked out without the store."""
    result = []
    for number, frames in enumerate(LENGTHS):
        made = sequence(body, frames, number, 24)
        motion = Predictor(tcmr, body, "").predict(made["static"], edges="cut")
        posed = body.with_shape(torch.from_numpy(motion.betas)).with_pose(torch.from_numpy(motion.rotmat))
        true = made["joints_m"][:, list(SPIN_49_COMMON_14)]
        joints = posed.joints(H36M_14).numpy()
        result.append((root_relative(joints, H36M_14), root_relative(true, H36M_14)))
    return result


def test_means_are_over_frames_not_over_videos(tcmr, store, open_body):
    figures = StoreTest(store, open_body).score(tcmr)
    both = pairs(tcmr, open_body)
    for name, measure in {"mpjpe_mm": mpjpe, "pa_mpjpe_mm": pa_mpjpe}.items():
        each = [measure(*pair) for pair in both]
        assert figures[name] == pytest.approx(np.concatenate(each).mean(), rel=1e-5)
        assert figures[name] != pytest.approx(np.mean([errors.mean() for errors in each]), rel=1e-3)
    assert figures["frames"] == sum(LENGTHS)


def test_accelerations_do_not_cross_from_sequence_to_sequence(tcmr, store, open_body):
    both = pairs(tcmr, open_body)
    inside = np.concatenate([acceleration_error(*pair) for pair in both[:2]]).mean()
    assert StoreTest(store, open_body).score(tcmr)["accel_mm"] == pytest.approx(inside, rel=1e-5)


def test_or_they_do_as_in_the_released_code(tcmr, store, open_body):
    joined = [np.concatenate(column) for column in zip(*pairs(tcmr, open_body), strict=True)]
    figures = StoreTest(store, open_body, protocol="validation").score(tcmr)
    assert figures["accel_mm"] == pytest.approx(acceleration_error(*joined).mean(), rel=1e-5)


def test_vertices_are_compared_with_the_labelled_body(tcmr, store, open_body):
    expected = []
    for number, frames in enumerate(LENGTHS):
        made = sequence(open_body, frames, number, 24)
        motion = Predictor(tcmr, open_body, "").predict(made["static"], edges="cut")
        bodies = [
            open_body.with_shape(torch.from_numpy(betas)).with_pose(rotmat).vertices()
            for betas, rotmat in (
                (motion.betas, torch.from_numpy(motion.rotmat)),
                (
                    made["betas"],
                    rotmat_from_axis_angle(torch.from_numpy(made["pose"]).unflatten(-1, (24, 3))),
                ),
            )
        ]
        expected.append(1000 * (bodies[0] - bodies[1]).norm(dim=-1).mean(-1))
    figures = StoreTest(store, open_body).score(tcmr)
    assert figures["mpvpe_mm"] == pytest.approx(torch.cat(expected).mean().item(), rel=1e-5)


def partly_valid(folder, body: BodyModel, valid: np.ndarray, fields=ALL_FIELDS) -> FeatureStore:
    writer = StoreWriter(folder, "partly", fields, feature_size=24)
    made = sequence(body, len(valid), 0, 24) | {"valid": valid.astype(np.float32)}
    writer.add(np.arange(len(valid)), **{name: made[name] for name in fields})
    return writer.close()


def test_invalid_frames_do_not_count_nor_do_accelerations_beside_them(tcmr, tmp_path, open_body):
    valid = np.ones(20, bool)
    valid[[0, 10]] = False
    test = StoreTest(partly_valid(tmp_path, open_body, valid), open_body)
    joints, true = pairs(tcmr, open_body)[0]
    figures = test.score(tcmr)
    assert figures["frames"] == 18
    assert figures["mpjpe_mm"] == pytest.approx(mpjpe(joints, true)[valid].mean(), rel=1e-5)
    # Accelerations about frames 1 to 18: those about 1, 9, 10 and 11 rest on an invalid frame.
    kept = [row for row in range(18) if row + 1 not in (1, 9, 10, 11)]
    assert figures["accel_mm"] == pytest.approx(acceleration_error(joints, true)[kept].mean(), rel=1e-5)


def test_or_they_count_as_in_the_released_code(tcmr, tmp_path, open_body):
    store = partly_valid(tmp_path, open_body, np.arange(20) > 4)
    assert StoreTest(store, open_body, protocol="validation").score(tcmr)["frames"] == 20


def test_a_sequence_without_a_valid_frame_is_no_trouble_and_a_store_of_them_is_refused(
    tcmr, tmp_path, open_body
):
    writer = StoreWriter(tmp_path / "mixed", "mixed", ALL_FIELDS, feature_size=24)
    for number, valid in enumerate((0.0, 1.0)):
        made = sequence(open_body, 10, number, 24) | {"valid": np.full(10, valid, np.float32)}
        writer.add(np.arange(10), **made)
    assert StoreTest(writer.close(), open_body).score(tcmr)["frames"] == 10
    none = partly_valid(tmp_path / "none", open_body, np.zeros(6, bool))
    with pytest.raises(TcmrError, match="no valid frame"):
        StoreTest(none, open_body).score(tcmr)


def test_without_bodies_there_is_no_vertex_error(tcmr, tmp_path, open_body):
    """The released code compares with a body of zero parameters there."""
    store = partly_valid(tmp_path, open_body, np.ones(6, bool), ("static", "joints_m", "valid"))
    assert set(StoreTest(store, open_body).score(tcmr)) == {"pa_mpjpe_mm", "mpjpe_mm", "accel_mm", "frames"}
