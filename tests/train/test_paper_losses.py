"""The paper's loss against the released code's values and gradients, by itself and through the whole model."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from parity import synth
from tcmr.body import load_body
from tcmr.body.model import BodyModel
from tcmr.data.labels import Labels, joined_labels
from tcmr.model.regressor import Estimate
from tcmr.model.tcmr import TCMR
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.train.paper_losses import Mean, PaperLoss, PaperLossWeights, Prediction
from tcmr.train.paper_network import SupervisedTCMR

PARITY = Path(__file__).parents[1] / "parity"
NAMES = {
    "keypoints": "loss_kp_2d",
    "joints": "loss_kp_3d",
    "pose": "loss_pose",
    "shape": "loss_shape",
}
COUNT_2D = 5


@pytest.fixture(scope="module")
def released() -> dict[str, torch.Tensor]:
    with np.load(PARITY / "loss.npz") as arrays:
        return {name: torch.from_numpy(array) for name, array in arrays.items()}


@pytest.fixture(scope="module")
def labels(released) -> Labels:
    """Five samples with 2D labels, four with 3D, some of them without joints or body."""
    theta = released["in_3d_theta"][:, 0]
    with_3d = Labels(
        released["in_3d_kp_2d"][:, 0],
        released["in_3d_kp_3d"][:, 0],
        rotmat_from_axis_angle(theta[:, 3:75].unflatten(-1, (24, 3))),
        theta[:, 75:],
        released["in_3d_w_3d"][:, 0],
        released["in_3d_w_smpl"][:, 0],
    )
    return joined_labels([Labels.of(COUNT_2D, keypoints=released["in_2d_kp_2d"][:, 0]), with_3d])


def part(labels: Labels, chosen: slice) -> Labels:
    return Labels(**{name: tensor[chosen] for name, tensor in vars(labels).items()})


@pytest.fixture
def leaves(released) -> dict[str, torch.Tensor]:
    return {
        name: released[f"in_pred_{name}"].clone().requires_grad_() for name in ("theta", "kp_3d", "kp_2d")
    }


def prediction(leaves: dict[str, torch.Tensor], chosen: slice = slice(None)) -> Prediction:
    theta = leaves["theta"][chosen]
    rotmat = rotmat_from_axis_angle(theta[..., 3:75].unflatten(-1, (24, 3)))
    return Prediction(leaves["kp_2d"][chosen], leaves["kp_3d"][chosen], rotmat, theta[..., 75:])


def values(terms: dict[str, Mean]) -> dict[str, torch.Tensor]:
    return {name: mean.value() for name, mean in terms.items()}


def assert_terms(terms: dict[str, Mean], released: dict[str, torch.Tensor], case: str) -> torch.Tensor:
    """Compare with the released terms of a case (absent ones are zero); return the total."""
    ours = values(terms)
    for name, theirs in NAMES.items():
        expected = released.get(f"{case}_{theirs}", torch.tensor(0.0))
        torch.testing.assert_close(ours[name], expected, atol=0, rtol=1e-5)
    total = torch.stack(list(ours.values())).sum()
    torch.testing.assert_close(total, released[f"{case}_total"], atol=0, rtol=1e-5)
    return total


def test_terms_and_gradients_are_the_released_codes(released, labels, leaves):
    total = assert_terms(PaperLoss().terms(prediction(leaves), labels), released, "main")
    total.backward()
    for name, leaf in leaves.items():
        torch.testing.assert_close(leaf.grad, released[f"grad_{name}"], atol=2e-6, rtol=1e-5)


def test_a_batch_without_2d_samples_is_the_released_codes(released, labels, leaves):
    chosen = slice(COUNT_2D, None)
    assert_terms(PaperLoss().terms(prediction(leaves, chosen), part(labels, chosen)), released, "no2d")


def test_a_batch_without_bodies_is_the_released_codes(released, labels, leaves):
    without = replace(labels, body_weight=torch.zeros(9))
    assert_terms(PaperLoss().terms(prediction(leaves), without), released, "nosmpl")


def test_a_batch_without_any_3d_label_has_a_loss_and_finite_gradients(labels, leaves):
    """The released code raises there."""
    without = replace(labels, body_weight=torch.zeros(9), joints_weight=torch.zeros(9))
    terms = values(PaperLoss().terms(prediction(leaves), without))
    torch.stack(list(terms.values())).sum().backward()
    assert terms["keypoints"] > 0
    assert [terms[name].item() for name in ("joints", "pose", "shape")] == [0, 0, 0]
    assert all(leaf.grad.isfinite().all() for leaf in leaves.values())
    assert leaves["kp_3d"].grad.abs().max() == 0


def test_parts_of_a_batch_add_up_to_the_whole(labels, leaves):
    """What data-parallel training rests on."""
    whole = PaperLoss().terms(prediction(leaves), labels)
    parts = [
        PaperLoss().terms(prediction(leaves, chosen), part(labels, chosen))
        for chosen in (slice(0, None, 2), slice(1, None, 2))
    ]
    for name, mean in whole.items():
        joined = Mean(
            parts[0][name].total + parts[1][name].total, parts[0][name].weight + parts[1][name].weight
        )
        torch.testing.assert_close(joined.value(), mean.value())


def test_a_samples_weight_says_how_much_it_counts(labels, leaves):
    """Weight 2 is as good as being there twice."""
    twice = torch.tensor([*range(9), 5])
    joints_weight = labels.joints_weight.clone()
    joints_weight[5] = 2.0
    weighed = PaperLoss().terms(prediction(leaves), replace(labels, joints_weight=joints_weight))
    repeated = PaperLoss().terms(prediction(leaves, twice), part(labels, twice))
    torch.testing.assert_close(weighed["joints"].value(), repeated["joints"].value())


def test_the_weights_scale_their_terms(labels, leaves):
    usual = values(PaperLoss().terms(prediction(leaves), labels))
    weights = PaperLossWeights(keypoints=600.0, joints=30.0, pose=0.0, shape=0.12)
    other = values(PaperLoss(weights).terms(prediction(leaves), labels))
    for name, factor in {"keypoints": 2.0, "joints": 0.1, "pose": 0.0, "shape": 2.0}.items():
        torch.testing.assert_close(other[name], factor * usual[name])


@pytest.fixture(scope="module")
def parity_body(tmp_path_factory) -> BodyModel:
    folder = tmp_path_factory.mktemp("base_data")
    synth.write_base_data(folder)
    return load_body(folder)


def test_gradient_norms_through_the_whole_model_are_the_released_codes(labels, parity_body):
    released = json.loads((PARITY / "loss_gradnorm.json").read_text())
    with torch.device("meta"):
        model = TCMR()
    state = {name: torch.from_numpy(array) for name, array in synth.tcmr_state().items()}
    model.load_state_dict(state, strict=True, assign=True)
    model.train().requires_grad_(True)
    model.regressor.drop1.p = model.regressor.drop2.p = 0.0

    parameters, _ = SupervisedTCMR(model)(torch.from_numpy(synth.features("lossgrad", 9, 16)))
    terms = values(PaperLoss().terms(Prediction.of(Estimate(*parameters), parity_body), labels))
    total = torch.stack(list(terms.values())).sum()
    total.backward()

    assert total.item() == pytest.approx(released["total"], rel=1e-5)
    for name, theirs in NAMES.items():
        assert terms[name].item() == pytest.approx(released["terms"][theirs], rel=1e-5)
    norms = {name: parameter.grad.double().norm().item() for name, parameter in model.named_parameters()}
    assert norms == pytest.approx(released["grad_norm"], rel=1e-5)
