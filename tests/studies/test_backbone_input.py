import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from conftest import write_shard
from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.studies.backbone_input import BackboneInput, Seen, region_in_crop
from tcmr.studies.recipe import QUICK
from tcmr.studies.sources import Material
from tcmr.studies.workshop import Workshop


@pytest.fixture
def filmed(exact_clips, material, tmp_path) -> Material:
    """Make clips at 60 frames a second with a "pooled feature": the landmarks' depths, and noise."""
    rng = np.random.default_rng(0)
    for split, seed in (("train", 1), ("test", 2)):
        clips = replace(exact_clips(count=3, frames=50, seed=seed), fps=60.0)
        pooled = np.concatenate([clips.world_m[..., 2].numpy(), rng.normal(size=(3, 50, 5))], -1)
        region = np.tile([160.0, 120.0, 100.0, 0.3], (3, 50, 1))
        (tmp_path / split).mkdir()
        write_shard(
            tmp_path / split / "shard.npz",
            clips,
            pooled=pooled.astype(np.float16),
            region=region.astype(np.float32),
        )
    return replace(material, rendered_60=tmp_path)


def not_asked_for(*_: object) -> None:
    raise AssertionError


def test_a_region_that_is_the_crop_is_in_its_middle_and_spans_it():
    box = torch.tensor([[[100.0, 50.0, 180.0, 130.0]]])
    cameras = PinholeCamera(300.0, (160.0, 120.0)).crop_cameras(box)
    region = torch.tensor([[[140.0, 90.0, 80.0, math.pi / 2]]])
    expected = torch.tensor([0.0, 0.0, math.log(2), 1.0, 0.0])
    torch.testing.assert_close(region_in_crop(region, cameras)[0, 0], expected, atol=1e-5, rtol=0)


def test_what_is_seen_is_every_second_frame(filmed, tmp_path):
    seen = Seen.load(tmp_path / "train", filmed)
    with np.load(tmp_path / "train" / "shard.npz") as shard:
        np.testing.assert_allclose(seen.pooled[..., :38].numpy(), shard["pooled"][:, ::2].astype(np.float32))
        np.testing.assert_allclose(seen.clips.world_m.numpy(), shard["world_m"][:, ::2])
    landmarks, both = seen.vector("landmarks"), seen.vector("both")
    assert torch.equal(both, torch.cat([landmarks, seen.vector("pooled feature")], -1))


@pytest.mark.parametrize("chosen", ["landmarks", "pooled feature", "both"])
def test_each_input_is_trained_and_scored_and_found_again(chosen, filmed, tmp_path):
    workshop = Workshop(filmed, tmp_path / "studies", QUICK, not_asked_for, not_asked_for)
    figures = BackboneInput(chosen)(workshop, seed=0)
    assert figures["frame_mpjpe_mm"] > 0
    assert figures["mpjpe_mm"] > 0
    assert BackboneInput(chosen)(workshop, seed=0) == figures
    assert len(list((tmp_path / "studies" / "trained").iterdir())) == 2


def test_a_clip_without_the_pooled_feature_is_refused(filmed_folder, material):
    with pytest.raises(TcmrError, match="--pooled"):
        Seen.load(filmed_folder / "train", material)
