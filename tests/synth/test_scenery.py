import numpy as np
import pytest

from tcmr.synth.background import SIDE_PX
from tcmr.synth.camera_motion import film
from tcmr.synth.scenery import Box, Scenery, draw_scenery

SIDE = 100
PATH = np.stack([np.linspace(0, 1.5, 24), np.full(24, 0.9), np.zeros(24)], 1).astype(np.float32)


@pytest.fixture
def scenery() -> Scenery:
    """Return a background whose colours tell their own place, seen 8 pixels further right in every frame."""
    rows, columns = np.mgrid[:200, :200].astype(np.float32)
    view = np.stack([40.0 + 8 * np.arange(4), np.full(4, 30.0)], 1)
    box = Box(np.array([50.0, 60.0]), np.array([20.0, 10.0]), np.float32([1, 2, 3]))
    return Scenery(np.stack([rows, columns, rows], -1), view, (box,), SIDE)


def test_the_view_moves_over_the_background(scenery):
    for frame, left in ((0.0, 40), (3.0, 64), (0.5, 44), (2.75, 62)):
        picture = scenery.behind(frame)
        assert picture.shape == (SIDE, SIDE, 3)
        assert tuple(picture[0, 0]) == (30, left, 30)


def test_what_is_drawn_over_a_view_leaves_the_background_as_it_was(scenery):
    scenery.behind(0.0)[:] = 0
    assert tuple(scenery.behind(0.0)[0, 0]) == (30, 40, 30)


@pytest.mark.parametrize(("frame", "left"), [(0.0, 50), (1.0, 42), (3.0, 26)])
def test_boxes_drift_with_the_background(scenery, frame, left):
    picture = scenery.behind(frame)
    scenery.cover(picture, frame)
    covered = (picture == [1, 2, 3]).all(-1)
    rows, columns = np.nonzero(covered)
    assert (rows.min(), rows.max()) == (60, 69)
    assert (columns.min(), columns.max()) == (left, left + 19)
    assert covered.sum() == 200


def test_a_box_out_of_the_picture_is_left_out(scenery):
    box = Box(np.array([-40.0, -40.0]), np.array([20.0, 20.0]), np.float32([1, 2, 3]))
    away = Scenery(scenery.background, scenery.left_top_px, (box,), SIDE)
    picture = away.behind(0.0)
    away.cover(picture, 0.0)
    np.testing.assert_array_equal(picture, away.behind(0.0))


def test_drawn_views_stay_on_the_background_and_some_have_boxes():
    boxes = 0
    for seed in range(16):
        rng = np.random.default_rng(seed)
        drawn = draw_scenery(film(PATH, 320, rng), [], rng)
        assert drawn.left_top_px.min() >= 0
        assert drawn.left_top_px.max() <= SIDE_PX - 320
        assert drawn.behind(23.0).shape == (320, 320, 3)
        boxes += bool(drawn.boxes)
    assert 0 < boxes < 12
