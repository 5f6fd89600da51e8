from dataclasses import replace

import numpy as np
import pytest
import torch

from tcmr.evaluate import metrics
from tcmr.model.ablation import Ablation
from tcmr.studies.held_out import HeldOut
from tcmr.studies.measures import AttentionWhere, ShippedAttention, Trained, fastest, frames_of
from tcmr.studies.recipe import QUICK, Recipe
from tcmr.studies.workshop import Workshop


def not_asked_for(*_: object) -> None:
    raise AssertionError


@pytest.fixture
def workshop(material, tmp_path) -> Workshop:
    return Workshop(material, tmp_path, QUICK, not_asked_for, not_asked_for)


@pytest.fixture(scope="module")
def held_out(material, studio_folder) -> HeldOut:
    clips = material.read(studio_folder / "test")
    return HeldOut(clips, material.describe(clips), material.body, material.points)


def test_thirds_by_speed_are_thirds_and_in_order(held_out):
    slow, medium, fast = (frames_of(part, held_out) for part in ("slow", "medium", "fast"))
    assert (slow.int() + medium.int() + fast.int() == 1).all()
    assert slow.float().mean().item() == pytest.approx(1 / 3, abs=0.05)
    speed = metrics.speed(metrics.root_relative(held_out.true_m))
    parts = [speed[part[:, 1:].numpy()] for part in (slow, medium, fast)]
    assert parts[0].max() <= parts[1].min()
    assert parts[1].max() <= parts[2].min()


def test_landmarks_that_were_disturbed_are_the_unsure_ones(held_out):
    world = held_out.clips.world_m.clone()
    world[0] += 0.1 * torch.randn(world[0].shape, generator=torch.Generator().manual_seed(0))
    disturbed = replace(held_out, clips=replace(held_out.clips, world_m=world))
    unsure, sure = frames_of("unsure landmarks", disturbed), frames_of("sure landmarks", disturbed)
    assert unsure[0].float().mean() > unsure[1].float().mean()
    assert not sure[0].any()


def test_attention_sums_to_one_everywhere(workshop):
    figures = AttentionWhere(Recipe(), "fast")(workshop, seed=0)
    assert sum(figures[f"attention_{part}"] for part in ("past", "present", "future")) == pytest.approx(1)


def test_the_shipped_weights_attend_somewhere(workshop):
    figures = ShippedAttention("all")(workshop, seed=0)
    assert sum(figures[f"attention_{part}"] for part in ("past", "present", "future")) == pytest.approx(1)
    assert figures == ShippedAttention("all")(workshop, seed=1)


def test_influence_adds_up_and_is_nothing_for_a_present_that_nobody_sees(workshop):
    blind = Trained(Recipe(Ablation(bidirectional=False)), influence=True)(workshop, seed=0)
    assert blind["influence_present"] == 0
    assert blind["influence_past"] + blind["influence_future"] == pytest.approx(100)
    assert np.isfinite(list(blind.values())).all()


def test_the_fastest_of_several_is_taken():
    sizes = iter([300, 1, 300, 300, 300])
    short = fastest(lambda: [torch.randn(200, 200) @ torch.randn(200, 200) for _ in range(next(sizes))])
    assert short < fastest(lambda: [torch.randn(200, 200) @ torch.randn(200, 200) for _ in range(100)])
