import numpy as np
import pytest

from people.street import BODY
from tcmr.people.appearance import colours, difference

WIDTH, HEIGHT = 200, 400


def dressed(upper: list[int], lower: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture that a person fills, of one colour above the hips and another below, and landmarks."""
    xy_px = (BODY * [WIDTH, HEIGHT]).astype(np.float32)
    rgb = np.empty((HEIGHT, WIDTH, 3), np.uint8)
    hips = int(xy_px[[23, 24], 1].mean())
    rgb[:hips], rgb[hips:] = upper, lower
    return rgb, xy_px


def test_the_colours_are_those_of_the_clothes():
    seen = colours(*dressed([255, 0, 0], [0, 0, 51]))
    np.testing.assert_allclose(seen, [[1, 0, 0], [0, 0, 0.2], [0, 0, 0.2]])


def test_what_is_out_of_the_picture_has_no_colour_and_tells_nothing():
    rgb, xy_px = dressed([255, 0, 0], [0, 0, 255])
    hips = int(xy_px[[23, 24], 1].mean())
    cut = colours(rgb[:hips], xy_px)
    assert np.isnan(cut[1:]).all()
    assert difference(cut, colours(rgb, xy_px)) == 0
    assert difference(cut, np.full((3, 3), np.nan)) == 0


@pytest.mark.parametrize("swap", [False, True])
def test_difference_grows_with_the_clothes(swap):
    red, dark, blue = (colours(*dressed(c, [0, 0, 0])) for c in ([200, 0, 0], [160, 0, 0], [0, 0, 200]))
    near, far = ((dark, red), (blue, red)) if swap else ((red, dark), (red, blue))
    assert 0 < difference(*near) < difference(*far) < 1
