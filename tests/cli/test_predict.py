import numpy as np
import pytest

from tcmr.cli import main
from tcmr.model.predictor import load_model

FEATURE_SIZE = 32  # of the untrained weights


@pytest.fixture
def features(tmp_path):
    path = tmp_path / "features.npy"
    np.save(path, np.random.default_rng(0).random((20, FEATURE_SIZE), np.float32))
    return path


@pytest.mark.parametrize("edges", ["reflect", "static"])
def test_predict_gives_the_contracts_keys(features, untrained, tmp_path, edges):
    output = tmp_path / "new" / "motion.npz"
    main(
        [
            "predict",
            str(features),
            "-o",
            str(output),
            "--weights",
            str(untrained),
            "--edges",
            edges,
            "--fps",
            "25",
        ]
    )
    with np.load(output) as arrays:
        shapes = {
            "poses": (20, 72),
            "betas": (20, 10),
            "cam": (20, 3),
            "joints": (20, 24, 3),
            "rotmat": (20, 24, 3, 3),
            "attention": (20, 3),
        }
        for key, shape in shapes.items():
            assert (arrays[key].shape, arrays[key].dtype) == (shape, np.float32), key
        np.testing.assert_array_equal(arrays["frames"], np.arange(20))
        assert arrays["frames"].dtype == np.int64
        assert float(arrays["mocap_framerate"]) == 25
        assert not {"transl", "boxes"} & set(arrays)  # they need a video
    assert [path.name for path in output.parent.iterdir()] == ["motion.npz"]


def test_every_frame_of_a_clip_of_any_length_gets_an_output(untrained):
    model = load_model(untrained)
    static = np.random.default_rng(1).random((40, FEATURE_SIZE), np.float32)
    for count in range(1, 41):
        motion = model.predict(static[:count])
        assert len(motion) == len(motion.rotmat) == len(motion.betas) == count
        assert np.isfinite(motion.joints_m).all()


def test_features_of_another_size_are_refused(refused, untrained, tmp_path):
    np.save(tmp_path / "wrong.npy", np.zeros((5, FEATURE_SIZE + 1), np.float32))
    said = refused("predict", tmp_path / "wrong.npy", "-o", tmp_path / "out.npz", "--weights", untrained)
    assert str(FEATURE_SIZE) in said
    assert not (tmp_path / "out.npz").exists()


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_files_that_are_no_arrays_are_refused(refused, untrained, tmp_path, content):
    (tmp_path / "bad.npy").write_bytes(content)
    said = refused("predict", tmp_path / "bad.npy", "-o", tmp_path / "out.npz", "--weights", untrained)
    assert "bad.npy" in said


def test_arrays_of_objects_are_refused(refused, untrained, tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    assert "objects.npy" in refused(
        "predict", tmp_path / "objects.npy", "-o", tmp_path / "o.npz", "--weights", untrained
    )


def test_missing_features_are_refused(refused, untrained, tmp_path):
    assert "none.npy" in refused("predict", "none.npy", "-o", tmp_path / "out.npz", "--weights", untrained)
