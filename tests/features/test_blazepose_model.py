from pathlib import Path

import numpy as np
import pytest

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.features.blazepose_model import OUTPUT_SHAPES, read_without_segmentation
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
