import json
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.features.blazepose import BlazePose
from tcmr.features.tuned import FORMAT, OPEN, OWN, weights_named
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.tensors import read_metadata, save_safetensors
from tcmr.types import Region
from tcmr.video.read import open_clip

WORLD_BIAS = "model_1/model/convworld_3d/BiasAdd;model_1/model/convworld_3d/Conv2D;"
WORLD_BIAS += "model_1/model/convworld_3d/BiasAdd/ReadVariableOp/resource"
MAN = Region((650.0, 270.0), 500.0, 0.0)


def saved(path: Path, tensor: torch.Tensor, name: str = WORLD_BIAS, format_name: str = FORMAT) -> Path:
    save_safetensors(path, {name: tensor}, {"format": format_name})
    return path


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    with open_clip(fetch("sample-clip")) as reader:
        return next(iter(reader)).rgb


def test_weights_take_the_place_of_blazeposes_own(tmp_path, rgb):
    """With another bias, all world landmarks move as far: here by the difference of two biases."""
    low, high = (
        BlazePose(weights=saved(tmp_path / f"{bias}.safetensors", torch.full((117,), bias)), mirrored=False)
        for bias in (0.0, 0.5)
    )
    one, two = low(rgb, MAN), high(rgb, MAN)
    np.testing.assert_allclose(two.world_m - one.world_m, 0.5, atol=1e-3)
    np.testing.assert_array_equal(one.xy_px, two.xy_px)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"tensor": torch.zeros(117), "format_name": "another"}, "holds no landmark weights"),
        ({"tensor": torch.zeros(116)}, r"no weights .*convworld_3d"),
        ({"tensor": torch.zeros(117), "name": "no such"}, "no weights 'no such'"),
        ({"tensor": torch.full((117,), torch.nan)}, "not finite"),
    ],
)
def test_weights_of_another_kind_are_refused(tmp_path, written, said):
    path = saved(tmp_path / "some.safetensors", **written)
    with pytest.raises(TcmrError, match=said) as caught:
        BlazePose(weights=path)
    assert "some.safetensors" in str(caught.value)


def test_a_run_that_names_them_needs_them(tmp_path):
    with pytest.raises(TcmrError, match=r"gone\.safetensors"):
        Models.load(Options(landmark_weights=str(tmp_path / "gone.safetensors")))


def test_the_open_weights_say_how_they_were_made():
    told = json.loads(read_metadata(weights_named(OPEN))["provenance"])
    assert told["config"]["stage"] == "landmarks"
    assert "mocap.cs.cmu.edu" in told["config"]["acknowledgment"]
    assert told["validation"]["error_percent"] < 3.354  # BlazePose's own, on the same pictures


def test_the_open_weights_read_a_real_person_otherwise_but_alike(rgb):
    own, tuned = (BlazePose(weights=weights_named(name))(rgb, MAN) for name in (OWN, OPEN))
    apart_px = np.linalg.norm(own.xy_px - tuned.xy_px, axis=-1)
    assert 0 < np.median(apart_px) < 0.02 * MAN.size_px
    assert tuned.score > 0.9


def test_a_name_is_a_file_unless_it_is_one_of_two():
    assert weights_named(OWN) is None
    assert weights_named("some.safetensors") == Path("some.safetensors")
