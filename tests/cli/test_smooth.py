"""`--smooth`, as `tcmr run` and `tcmr predict` take it, against `tcmr.smoothed` on the unfiltered motion."""

import numpy as np
import pytest

import tcmr
from tcmr.cli import main

FEATURE_SIZE = 32  # of the untrained weights
FILTERS = ("slerp", "one-euro", "gaussian")


def same(left: tcmr.Motion, right: tcmr.Motion) -> None:
    np.testing.assert_allclose(left.rotmat, right.rotmat, atol=1e-6)
    np.testing.assert_allclose(left.joints_m, right.joints_m, atol=1e-6)


@pytest.fixture(scope="module")
def predict(tmp_path_factory, untrained):
    """Return a function that predicts the motion of the same features with a post-filter."""
    folder = tmp_path_factory.mktemp("predict")
    # Untrained weights hardly move on less than this.
    np.save(folder / "features.npy", 100 * np.random.default_rng(0).random((20, FEATURE_SIZE), np.float32))

    def run(smooth: str) -> tcmr.Motion:
        output = folder / f"{smooth}.npz"
        command = ["predict", str(folder / "features.npy"), "-o", str(output), "--weights", str(untrained)]
        main([*command, "--smooth", smooth])
        return tcmr.Motion.load(output)

    return run


@pytest.mark.parametrize("smooth", FILTERS)
def test_predict_filters_as_python_does(predict, smooth):
    raw, filtered = predict("none"), predict(smooth)
    assert np.abs(filtered.rotmat - raw.rotmat).max() > 1e-4
    same(filtered, tcmr.smoothed(raw, smooth))


def test_run_filters_every_person_of_a_real_clip(street, untrained, tmp_path):
    command = ["run", str(street), "--no-overlay", "--weights", str(untrained), "-o", str(tmp_path)]
    main([*command, "--smooth", "gaussian"])
    raw = tcmr.run(street, tcmr.Options(weights=str(untrained)))
    assert raw
    for motion in raw:
        filtered = tcmr.Motion.load(tmp_path / f"street/person-{motion.person}.npz")
        same(filtered, tcmr.smoothed(motion, "gaussian"))
        np.testing.assert_array_equal(filtered.transl_m, motion.transl_m)
