import json
from dataclasses import replace

import pytest
import torch

from tcmr.model.ablation import Ablation
from tcmr.model.tcmr import TCMR, WHOLE_CLIP
from tcmr.studies.recipe import QUICK, Recipe, Scale, trained
from tcmr.studies.sources import RenderedAtRate, Simulated
from tcmr.studies.workshop import Workshop


def nothing(*_: object) -> None:
    raise AssertionError("not asked for here")


@pytest.fixture
def workshop(material, tmp_path) -> Workshop:
    return Workshop(material, tmp_path, QUICK, nothing, nothing)


def tensors(network: TCMR) -> list[torch.Tensor]:
    return list(network.state_dict().values())


def same(one: TCMR, other: TCMR) -> bool:
    return all(torch.equal(a, b) for a, b in zip(tensors(one), tensors(other), strict=True))


def test_what_was_trained_is_read_again_and_a_seed_gives_the_same_again(workshop, material, tmp_path):
    first = workshop.train(Recipe(), seed=0)
    folder = workshop.folder_of(Recipe(), 0)
    assert not (folder / "checkpoint.pt").exists()
    written = (folder / "weights.safetensors").stat().st_mtime_ns
    assert same(first, workshop.train(Recipe(), seed=0))
    assert (folder / "weights.safetensors").stat().st_mtime_ns == written
    elsewhere = Workshop(material, tmp_path / "elsewhere", QUICK, nothing, nothing)
    assert same(first, elsewhere.train(Recipe(), seed=0))
    assert not same(first, workshop.train(Recipe(), seed=1))


def test_training_is_recorded(workshop):
    workshop.train(Recipe(), seed=3)
    record = json.loads((workshop.folder_of(Recipe(), 3) / "record.json").read_text())
    assert record["config"]["seed"] == 3
    assert record["config"]["network"]["recipe"] == repr(Recipe())


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(Ablation(residual=True, forecast=False)),
        Recipe(Ablation(bidirectional=False)),
        Recipe(Ablation(integration="concatenation")),
        Recipe(window=4),
        Recipe(window=WHOLE_CLIP, frames=20),
        Recipe(source=Simulated(clips=5)),
        Recipe(source=Simulated(clips=5, errors=False, flip_chance=0.0)),
    ],
    ids=lambda recipe: repr(recipe)[:60],
)
def test_every_kind_of_recipe_learns(recipe, workshop):
    before = recipe.build(QUICK, workshop.material.compact.regressor)
    after = workshop.train(recipe, seed=0)
    assert not same(before, after)
    assert all(tensor.isfinite().all() for tensor in tensors(after))


def test_recipes_scales_and_seeds_have_folders_of_their_own():
    named = {
        recipe.digest(scale, seed, shipped)
        for recipe in (Recipe(), Recipe(window=8), Recipe(source=RenderedAtRate(15)))
        for scale in (Scale(), QUICK)
        for seed in (0, 1)
        for shipped in (("weights", "body"), ("others", "body"), ("weights", "another"))
    }
    assert len(named) == 36


def test_what_was_trained_on_other_weights_or_another_body_is_trained_anew(workshop):
    material = workshop.material
    others = (
        replace(material, weights_sha256="0" * 64),
        replace(material, body=replace(material.body, sha256="0" * 64)),
    )
    folders = {
        replace(workshop, material=each).folder_of(Recipe(), 0)
        for each in (material, replace(material), *others)
    }
    assert len(folders) == 3


def test_training_brings_the_network_nearer_to_its_clips(material, tmp_path):
    scale = Scale(components=8, hidden_size=8, steps=20, batch=4, targets=2, learning_rate=1e-2)
    clips = RenderedAtRate(60).load(material)

    def error_after(steps: int) -> float:
        short, folder = replace(scale, steps=steps), tmp_path / str(steps)
        network = trained(Recipe(), short, 0, clips, material.compact.regressor, material, folder)
        with torch.no_grad():
            estimate, _ = network.forward_clips(clips.static)
        return float((estimate.rotmat - clips.truth.rotmat).square().mean())

    assert error_after(20) < 0.9 * error_after(1)
