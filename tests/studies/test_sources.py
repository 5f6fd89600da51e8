import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
import torch

import tcmr.model
from tcmr.errors import TcmrError
from tcmr.studies.sources import Mixed, Rendered, RenderedAtRate, Simulated, at_rate


def test_material_tells_the_weights_and_the_body_that_ship(material, open_body):
    weights = Path(tcmr.model.__path__[0]) / "open_weights.safetensors"
    assert material.shipped == (hashlib.sha256(weights.read_bytes()).hexdigest(), open_body.sha256)


def test_thinned_out_clips_keep_every_second_frame(exact_clips):
    clips = replace(exact_clips(count=2, frames=12), fps=60.0)
    half = at_rate(clips, 30)
    assert torch.equal(half.xy_px, clips.xy_px[:, ::2])
    assert torch.equal(half.rotmat, clips.rotmat[:, ::2])
    assert torch.equal(half.betas, clips.betas)
    assert half.fps == 30
    assert at_rate(clips, 15).score.shape == (2, 3)
    for rate, wanted in ((60, 25), (30, 60)):
        with pytest.raises(TcmrError, match=f"of {rate} .* thinned out to {wanted}: .* --fps 60"):
            at_rate(replace(clips, fps=float(rate)), wanted)


def test_each_rendered_clip_comes_in_two_crops_with_one_truth(material):
    clips = Rendered().load(material)
    first, second = clips.static.chunk(2)
    assert not torch.equal(first, second)
    torch.testing.assert_close(*clips.truth.rotmat[:, :, 1:].chunk(2))
    torch.testing.assert_close(*clips.truth.joints_m.norm(dim=-1).chunk(2), atol=1e-4, rtol=0)


def test_a_lower_rate_has_fewer_frames_of_the_same_people(material):
    high, low = RenderedAtRate(60, crops=1).load(material), RenderedAtRate(30, crops=1).load(material)
    assert low.static.shape[1] == high.static.shape[1] / 2
    torch.testing.assert_close(low.truth.rotmat[:, :, 1:], high.truth.rotmat[:, ::2, 1:])


def test_simulated_clips_are_the_same_each_time_and_differ_by_what_is_asked(material):
    first, again = (Simulated(clips=6).load(material) for _ in range(2))
    assert torch.equal(first.static, again.static)
    assert len(first.static) == 6
    without = Simulated(clips=6, errors=False, flip_chance=0.0).load(material)
    assert not torch.equal(first.static, without.static)
    torch.testing.assert_close(first.truth.rotmat[:, :, 1:], without.truth.rotmat[:, :, 1:])


def test_mixed_clips_are_of_both_kinds(material):
    simulated, rendered = Simulated(clips=5), Rendered(crops=1)
    mixed = Mixed(simulated, rendered).load(material)
    assert len(mixed.static) == 5 + len(rendered.load(material).static)
    assert torch.equal(mixed.static[:5], simulated.load(material).static)


def test_drawn_windows_are_of_frames_that_are_surely_seen(material):
    clips = Rendered(crops=1).load(material)
    clips.sure[:, :12] = False
    drawn = clips.draw(50, 6, torch.Generator().manual_seed(0))
    assert drawn.static.shape[:2] == (50, 6)
    assert drawn.sure.all()
    place = (clips.static[:, None] == drawn.static[:1, :1]).all(-1).nonzero()
    assert (place[:, 2] >= 12).all()
