"""Pictures of a cube, whose place and colours are known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import center_of_mass

from tcmr.synth.camera_motion import CameraPath
from tcmr.synth.lens import Lens
from tcmr.synth.light import Lighting
from tcmr.synth.render import Actor, Scene
from tcmr.synth.scenery import Box, Scenery

SIDE, FRAMES, FOCAL_PX = 96, 3, 100.0
CORNERS = np.float32([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
FACES = np.array(
    [
        [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
        [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
    ],
    np.int32,
)  # fmt: skip
SHARP = Lens(blur_px=0.2, noise=None, gamma=1.0, shutter=0.0)


def cube(
    center: tuple[float, float, float], step_m: float = 0.0, rgb=(200, 100, 50), thickness_m=0.0
) -> Actor:
    """Put a cube somewhere, moving along x by `step_m` a frame."""
    shift = np.array([[[step_m * frame, 0, 0]] for frame in range(FRAMES)])
    vertices = (CORNERS + np.array(center) + shift).astype(np.float32)
    return Actor(vertices, np.tile(np.float32(rgb), (8, 1)), np.full(8, thickness_m, np.float32), FACES)


@pytest.fixture
def scene() -> Scene:
    camera = CameraPath(
        np.tile(np.diag([1, -1, -1]).astype(np.float32), (FRAMES, 1, 1)),
        np.zeros((FRAMES, 3), np.float32),
        FOCAL_PX,
        SIDE,
    )
    even = Lighting(
        np.ones(3, np.float32), 0.0, np.float32([[0, 1, 0]] * 2), np.zeros((2, 3), np.float32), 0.0
    )
    scenery = Scenery(np.zeros((128, 128, 3), np.float32), np.zeros((FRAMES, 2)), (), SIDE)
    return Scene([cube((0.3, -0.2, 4), 0.1)], camera, even, scenery, SHARP)


def taken(scene: Scene) -> list[np.ndarray]:
    return list(scene.render(np.random.default_rng(0)))


def test_the_actor_is_where_the_truth_says_in_every_frame(scene):
    pictures = taken(scene)
    assert len(pictures) == FRAMES
    for frame, rgb in enumerate(pictures):
        front_face = np.array([0.3 + 0.1 * frame, -0.2]) * FOCAL_PX / 3.5 + SIDE / 2
        row, column = center_of_mass(rgb[..., 0] == 200)
        assert column + 0.5 == pytest.approx(front_face[0], abs=1.0)
        assert row + 0.5 == pytest.approx(front_face[1], abs=1.0)
    assert (pictures[0][..., 0] > 0).sum() == pytest.approx((FOCAL_PX / 3.5) ** 2, rel=0.1)


def test_clothes_make_the_actor_larger(scene):
    bare, dressed = (taken(replace(scene, actors=[cube((0, 0, 4), thickness_m=t)]))[0] for t in (0.0, 0.1))
    assert (dressed[..., 0] > 100).sum() > 1.15 * (bare[..., 0] > 100).sum()


def test_the_nearer_actor_hides_the_other_in_any_order(scene):
    near, far = cube((0, 0, 4), rgb=(0, 0, 250)), cube((0, 0, 6))
    for actors in ([near, far], [far, near]):
        assert tuple(taken(replace(scene, actors=actors))[0][SIDE // 2, SIDE // 2]) == (0, 0, 250)


def test_an_open_shutter_smears_what_moves_along_its_way(scene):
    still = replace(scene, actors=[cube((0, 0, 4))], lens=replace(SHARP, shutter=0.9))
    moving = replace(still, actors=[cube((-0.3, 0, 4), 0.3)])
    sharp = taken(replace(moving, lens=SHARP))[1]
    smeared = taken(moving)[1]
    np.testing.assert_array_equal(taken(still)[1], taken(replace(still, lens=SHARP))[1])
    between = [np.count_nonzero((rgb[..., 0] > 20) & (rgb[..., 0] < 180)) for rgb in (sharp, smeared)]
    assert between[1] > between[0] + 100
    assert center_of_mass(smeared[..., 0])[1] == pytest.approx(center_of_mass(sharp[..., 0])[1], abs=0.5)
    # It moves sideways: the rows at its top and bottom stay as they were.
    rows = [np.nonzero(rgb[..., 0].any(1))[0][[0, -1]].tolist() for rgb in (sharp, smeared)]
    assert rows[0] == rows[1]


def test_boxes_hide_the_actor(scene):
    box = Box(np.zeros(2), np.full(2, float(SIDE)), np.float32([9, 9, 9]))
    hidden = replace(scene, scenery=replace(scene.scenery, boxes=(box,)))
    assert all((rgb == 9).all() for rgb in taken(hidden))
