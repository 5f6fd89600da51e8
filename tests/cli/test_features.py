import numpy as np

from tcmr.cli import main
from tcmr.model.predictor import load_model

FEATURE_SIZE = 32  # of the untrained weights


def test_features_are_what_predict_takes(street, untrained, tmp_path):
    main(["features", str(street), "-o", str(tmp_path), "--weights", str(untrained)])
    files = sorted((tmp_path / "street").iterdir())
    assert files
    for file in files:
        with np.load(file) as arrays:
            count = len(arrays["frames"])
            assert arrays["static"].shape == (count, FEATURE_SIZE)
            assert arrays["landmarks"].shape == (count, 33, 2)
            assert arrays["world_landmarks"].shape == (count, 33, 3)
            assert arrays["boxes"].shape == (count, 4)
            np.testing.assert_array_equal(np.diff(arrays["frames"]), 1)
            assert len(load_model(untrained).predict(arrays["static"])) == count
