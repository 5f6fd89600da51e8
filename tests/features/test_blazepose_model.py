from pathlib import Path

import numpy as np
import pytest

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.features.blazepose_model import OUTPUT_SHAPES, read_without_segmentation, with_weights
from tcmr.people.network import Network, read_model


def test_the_remaining_outputs_are_those_of_the_whole_model():
    path = fetch("blazepose-landmarks")
    picture = np.random.default_rng(0).random((256, 256, 3), np.float32)
    landmarks, score, _, heatmaps, world = Network(read_model(path, OUTPUT_SHAPES))(picture)
    *others, pooled = Network(read_without_segmentation(path))(picture)
    for ours, theirs in zip(others, (landmarks, score, heatmaps, world), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert pooled.size == 1152
    assert pooled.std() > 0


def test_another_model_is_refused():
    with pytest.raises(TcmrError, match="another model than expected"):
        read_without_segmentation(fetch("movenet"))


def test_a_truncated_model_is_refused(tmp_path: Path):
    path = tmp_path / "cut.tflite"
    path.write_bytes(fetch("blazepose-landmarks").read_bytes()[:1_000_000])
    with pytest.raises(TcmrError, match=r"cut\.tflite is damaged"):
        read_without_segmentation(path)


def test_weights_are_replaced_by_their_names():
    content = read_without_segmentation(fetch("blazepose-landmarks"))
    name, shape = "model_1/model/convworld_3d/Conv2D", (117, 2, 2, 288)
    picture = np.random.default_rng(0).random((256, 256, 3), np.float32)
    before = Network(content)(picture)
    after = Network(with_weights(content, {name: np.zeros(shape, np.float16)}))(picture)
    for index in (0, 1, 2, 4):
        np.testing.assert_array_equal(after[index], before[index])
    assert np.abs(after[3] - before[3]).max() > 0.1


@pytest.mark.parametrize(
    ("name", "shape"), [("model_1/model/no_such", (3,)), ("model_1/model/convworld_3d/Conv2D", (117, 288))]
)
def test_weights_that_the_model_does_not_have_are_refused(name, shape):
    content = read_without_segmentation(fetch("blazepose-landmarks"))
    with pytest.raises(TcmrError, match=name):
        with_weights(content, {name: np.zeros(shape, np.float16)})
