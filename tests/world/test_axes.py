"""A walk before a camera that turns is the walk before one that does not; each shot has a camera of its own."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tcmr.types import Motion
from tcmr.world.axes import steadied, turned
from tcmr.world.place import place


def panned(motion: Motion) -> Motion:
    """See a motion with a camera that follows it round and shakes: 110 degrees in all, to behind its first back."""
    time = np.linspace(0, 1, len(motion))
    shake = 0.02 * np.random.default_rng(0).normal(size=(len(motion), 3))
    turns = Rotation.from_rotvec(shake + np.outer(time, np.deg2rad([5, -110, 3])))
    back = turns.inv().as_matrix().astype(np.float32)
    return replace(turned(motion, back), camera_rotmat=turns.as_matrix().astype(np.float32))


def test_what_turned_is_turned_back(across):
    steady = steadied(panned(across.seen))
    assert steady.camera_rotmat is None
    for name in ("rotmat", "joints_m", "transl_m"):
        np.testing.assert_allclose(getattr(steady, name), getattr(across.seen, name), atol=1e-5)


@pytest.mark.parametrize("how", ["smooth", "level", "ground"])
def test_people_are_placed_as_if_the_camera_had_stood_still(how, across, open_body):
    still = place([across.seen], how, open_body).motions[0]
    found = place([panned(across.seen)], how, open_body).motions[0]
    np.testing.assert_allclose(found.transl_m, still.transl_m, atol=2e-3)
    np.testing.assert_allclose(found.rotmat, still.rotmat, atol=1e-3)


def test_as_estimated_means_before_the_camera_that_turns(across, open_body):
    seen = panned(across.seen)
    assert place([seen], "camera", open_body).motions == [seen]


def test_each_shot_has_its_own_down_and_floor(across, towards, open_body):
    """The second camera hangs upside down; all stay in their order, whoever comes first."""
    over = np.diag([-1.0, -1.0, 1.0]).astype(np.float32)
    first = replace(across.seen, person=1)
    second = replace(turned(towards.seen, over), person=2, shot=200)
    together = place([second, first], "ground", open_body)
    assert [motion.person for motion in together.motions] == [2, 1]
    alone = [place([motion], "ground", open_body) for motion in (second, first)]
    for motion, apart in zip(together.motions, alone, strict=True):
        np.testing.assert_array_equal(motion.transl_m, apart.motions[0].transl_m)
        np.testing.assert_array_equal(motion.rotmat, apart.motions[0].rotmat)
    assert [report.person for report in together.reports] == [2, 1]
