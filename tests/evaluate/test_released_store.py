"""Converted test sets by the published protocol and mended, against the same worked out in plain numpy."""

import json

import numpy as np
import pytest
import torch

from released_files import COMMON, h36m, mpii3d, threedpw, truth, write
from tcmr.data.released.convert import convert_database
from tcmr.data.released.kinds import FEATURE_SIZE
from tcmr.errors import TcmrError
from tcmr.evaluate.labelled_store import StoreTest
from tcmr.evaluate.released_store import evaluate_store
from tcmr.joints import H36M_14, SPIN_49, SPIN_49_MPII3D_17
from tcmr.model.predictor import Predictor
from tcmr.model.tcmr import TCMR, TCMRConfig

LENGTHS = (30, 20, 12)
HIPS_OF_14, PELVIS_OF_17 = [2, 3], [14]


@pytest.fixture(scope="module")
def tcmr() -> TCMR:
    torch.manual_seed(0)
    model = TCMR(TCMRConfig(FEATURE_SIZE, 8, 1, 16, 16)).eval()
    for parameter in model.parameters():
        parameter.data.normal_(std=0.2)
    return model


@pytest.fixture(scope="module")
def videos(open_body):
    return truth(open_body, LENGTHS)


def convert(folder, kind, arrays):
    return convert_database(write(folder / "db.pt", arrays), kind, folder / f"{kind}_test").store


def estimated(tcmr, body, static: np.ndarray, edges: str, joints: str) -> np.ndarray:
    motion = Predictor(tcmr, body, "").predict(static, edges=edges)
    posed = body.with_shape(torch.from_numpy(motion.betas)).with_pose(torch.from_numpy(motion.rotmat))
    if joints == "14":
        return posed.joints(H36M_14).numpy().astype(float)
    return posed.joints(SPIN_49).numpy().astype(float)[:, list(SPIN_49_MPII3D_17)]


def aligned(predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Align one frame by a similarity, by the singular value decomposition."""
    middle, middle_true = predicted.mean(0), true.mean(0)
    moved, moved_true = predicted - middle, true - middle_true
    left, values, right = np.linalg.svd(moved.T @ moved_true)
    signs = np.array([1, 1, np.sign(np.linalg.det(left @ right))])
    scale = (values * signs).sum() / (moved**2).sum()
    return scale * moved @ (left * signs) @ right + middle_true


def errors(predicted: np.ndarray, true: np.ndarray, root: list[int]) -> dict[str, np.ndarray]:
    """Work out each frame's errors in mm, and each inner frame's acceleration error."""
    predicted = predicted - predicted[:, root].mean(1, keepdims=True)
    true = true - true[:, root].mean(1, keepdims=True)
    turned = np.stack([aligned(*pair) for pair in zip(predicted, true, strict=True)])
    second = [each[:-2] - 2 * each[1:-1] + each[2:] for each in (predicted, true)]
    return {
        "mpjpe_mm": 1000 * np.sqrt(((predicted - true) ** 2).sum(-1)).mean(-1),
        "pa_mpjpe_mm": 1000 * np.sqrt(((turned - true) ** 2).sum(-1)).mean(-1),
        "accel_mm": 1000 * np.sqrt(((second[0] - second[1]) ** 2).sum(-1)).mean(-1),
    }


def assert_figures(found: dict[str, float], parts: list[dict[str, np.ndarray]]) -> None:
    for name in parts[0]:
        expected = np.concatenate([part[name] for part in parts]).mean()
        assert found[name] == pytest.approx(expected, rel=1e-4), name


def test_3dpw_as_published_leaves_invalid_frames_out_and_passes_over_gaps(tcmr, videos, open_body, tmp_path):
    """Of 30, 20 and 12 frames: two are missing, five invalid; the last video is shorter than a window."""
    arrays = threedpw(videos, tested=True)
    arrays["valid"][[0, 8, 9, 35, 36]] = 0
    present = np.delete(np.arange(62), [20, 21])
    arrays = {name: rows[present] for name, rows in arrays.items()}
    store = convert(tmp_path, "3dpw", arrays)
    parts, bodies = [], []
    for name in ("courtyard_0_0", "courtyard_1_0"):
        kept = (arrays["vid_name"] == name) & (arrays["valid"] == 1)
        predicted = estimated(tcmr, open_body, arrays["features"][kept], "static", "14")
        parts.append(errors(predicted, arrays["joints3D"][kept].astype(float), HIPS_OF_14))
        bodies.append(kept.sum())
    found = StoreTest(store, open_body, "static", "published").score(tcmr)
    assert_figures(found, parts)
    assert found["frames"] == sum(bodies) == 25 + 18
    assert found["mpvpe_mm"] > 0


def test_mpii3d_as_published_on_its_17_joints(tcmr, videos, open_body, tmp_path):
    """Frames that do not count are seen, and accelerations next to them count, but for the clips' own ends."""
    arrays = mpii3d(videos[:2], tested=True)
    arrays["valid_i"][[0, 5, 6, 49]] = 0
    store = convert(tmp_path, "mpii3d", arrays)
    parts = []
    for first, last in ((0, 30), (30, 50)):
        predicted = estimated(tcmr, open_body, arrays["features"][first:last], "static", "17")
        part = errors(predicted, arrays["joints3D"][first:last][:, list(SPIN_49_MPII3D_17)], PELVIS_OF_17)
        counts = arrays["valid_i"][first:last, 0] > 0
        parts.append({
            "mpjpe_mm": part["mpjpe_mm"][counts],
            "pa_mpjpe_mm": part["pa_mpjpe_mm"][counts],
            "accel_mm": part["accel_mm"][counts[1:-1]],
        })  # fmt: skip
    found = StoreTest(store, open_body, "static", "published").score(tcmr)
    assert_figures(found, parts)
    assert found["frames"] == 46
    assert "mpvpe_mm" not in found


def test_mpii3d_mended(tcmr, videos, open_body, tmp_path):
    """Accelerations count where all three frames do."""
    arrays = mpii3d(videos[:1], tested=True)
    arrays["valid_i"][[0, 10]] = 0
    store = convert(tmp_path, "mpii3d", arrays)
    predicted = estimated(tcmr, open_body, arrays["features"], "reflect", "17")
    part = errors(predicted, arrays["joints3D"][:, list(SPIN_49_MPII3D_17)], PELVIS_OF_17)
    counts = arrays["valid_i"][:, 0] > 0
    part["accel_mm"] = part["accel_mm"][[row for row in range(28) if row + 1 not in (1, 9, 10, 11)]]
    part |= {name: part[name][counts] for name in ("mpjpe_mm", "pa_mpjpe_mm")}
    assert_figures(StoreTest(store, open_body, "reflect").score(tcmr), [part])


def test_a_video_of_mpii3d_without_a_frame_that_counts_is_no_trouble(tcmr, videos, open_body, tmp_path):
    """Subject 6 of the released test set begins with such a segment."""
    arrays = mpii3d(videos[:2], tested=True)
    arrays["valid_i"][:30] = 0
    store = convert(tmp_path, "mpii3d", arrays)
    for protocol in ("published", "mended"):
        assert StoreTest(store, open_body, "static", protocol).score(tcmr)["frames"] == 20
    arrays["valid_i"][:] = 0
    none = convert(tmp_path / "none", "mpii3d", arrays)
    with pytest.raises(TcmrError, match="no valid frame"):
        StoreTest(none, open_body, "static", "published").score(tcmr)


def test_h36m_as_published(tcmr, videos, open_body, tmp_path):
    store = convert(tmp_path, "h36m", h36m(videos, smpl=False))
    parts = [
        errors(
            estimated(tcmr, open_body, video["static"], "static", "14"),
            video["joints_m"][:, COMMON].astype(float),
            HIPS_OF_14,
        )
        for video in videos[:2]
    ]
    found = StoreTest(store, open_body, "static", "published").score(tcmr)
    assert_figures(found, parts)
    assert found["frames"] == 50
    assert "mpvpe_mm" not in found


def test_bodies_of_some_frames_only_give_no_vertex_error(tcmr, videos, open_body, tmp_path):
    arrays = h36m(videos)
    for name in ("pose", "shape"):
        arrays[name][:30] = 0
    assert "mpvpe_mm" not in StoreTest(convert(tmp_path, "h36m", arrays), open_body).score(tcmr)


def test_ours_stands_beside_the_papers(tcmr, videos, open_body, tmp_path):
    store = convert(tmp_path, "mpii3d", mpii3d(videos, tested=True))
    report = evaluate_store(
        store, Predictor(tcmr, open_body, "w"), edges="reflect", smooths=("none", "slerp"), command="c"
    )
    assert list(report.rows) == [
        "ours, as published",
        "ours, mended",
        "ours + slerp, as published",
        "ours + slerp, mended",
        "paper, Table 4",
        "paper, Table 6",
    ]
    assert json.loads(report.json_line())["rows"]["paper, Table 6"]["acceleration_error_mm"] == 9.5
    smoothed, plain = (
        report.rows[name].acceleration_error_mm for name in ("ours + slerp, mended", "ours, mended")
    )
    assert smoothed != plain
    assert "17 joints, relative to pelvis_mpii" in report.protocol
