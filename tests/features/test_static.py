"""The static network's inputs and its feature."""

import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.features.static import INPUT_SIZE, StaticInputs, StaticNetwork


def inputs_of(*batch: int, seed: int = 0) -> StaticInputs:
    generator = torch.Generator().manual_seed(seed)
    return StaticInputs(
        points=0.5 * torch.randn(*batch, 33, 2, generator=generator),
        visibility=torch.rand(*batch, 33, generator=generator),
        world_m=0.3 * torch.randn(*batch, 33, 3, generator=generator),
        ray_xy=0.2 * torch.randn(*batch, 2, generator=generator),
        focal_crop=3 + 4 * torch.rand(*batch, generator=generator),
    )


@pytest.fixture
def network() -> StaticNetwork:
    torch.manual_seed(0)
    return StaticNetwork(feature_size=20, hidden_size=16, layers=2)


def test_landmarks_are_brought_into_their_crops():
    """In the middle of the frame the box alone says where -1 and 1 are."""
    cameras = PinholeCamera(800.0, (640.0, 360.0)).crop_cameras(torch.tensor([[540.0, 260.0, 740.0, 460.0]]))
    xy = torch.tensor([540.0, 460.0]).expand(1, 33, 2)
    visibility, world = torch.rand(1, 33), torch.randn(1, 33, 3)
    inputs = StaticInputs.of(cameras, xy, visibility, world)
    torch.testing.assert_close(inputs.points, torch.tensor([-1.0, 1.0]).expand(1, 33, 2))
    torch.testing.assert_close(inputs.focal_crop, torch.tensor([8.0]))
    torch.testing.assert_close(inputs.ray_xy, torch.zeros(1, 2))
    assert inputs.world_m is world
    assert inputs.visibility is visibility


def test_all_inputs_are_in_the_vector_each_in_its_own_place():
    inputs = inputs_of(1)
    vector = inputs.vector()
    assert vector.shape == (1, INPUT_SIZE)
    for name in ("points", "visibility", "world_m", "ray_xy", "focal_crop"):
        tensor = getattr(inputs, name)
        moved = StaticInputs(**{**inputs.__dict__, name: tensor * 1.5 + 0.1})
        assert (moved.vector() != vector).sum() == tensor.numel(), name


def test_the_vector_has_about_unit_spread():
    spread = inputs_of(500).vector().std(0)
    assert spread.min() > 0.2
    assert spread.max() < 3


def test_features_are_not_negative_like_pooled_pictures(network):
    features = network(inputs_of(50))
    assert features.shape == (50, 20)
    assert features.min() == 0
    assert (features > 0).float().mean() > 0.2


def test_every_frame_stands_for_itself(network):
    inputs = inputs_of(3, 5)
    whole = network(inputs)
    assert whole.shape == (3, 5, 20)
    single = StaticInputs(**{name: tensor[1, 2] for name, tensor in inputs.__dict__.items()})
    torch.testing.assert_close(network(single), whole[1, 2], atol=1e-5, rtol=1e-5)


def test_the_sizes_rebuild_the_network(network):
    again = StaticNetwork(**network.config)
    again.load_state_dict(network.state_dict())
    inputs = inputs_of(4)
    torch.testing.assert_close(again(inputs), network(inputs))
