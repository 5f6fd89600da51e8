import numpy as np

from people.street import BODY
from tcmr.people.erase import MARGIN, erased

GREEN, RED = [0, 200, 0], [200, 0, 0]
BOX = np.array([40, 20, 80, 140])


def somebody() -> tuple[np.ndarray, np.ndarray]:
    """Return a green picture with a red person in a box, and the landmarks."""
    rgb = np.full((160, 120, 3), GREEN, np.uint8)
    left, top, right, bottom = BOX
    rgb[top:bottom, left:right] = RED
    return rgb, (BOX[:2] + BODY * (BOX[2:] - BOX[:2])).astype(np.float32)


def test_the_person_is_gone_and_the_rest_is_as_it_was():
    rgb, xy_px = somebody()
    painted = erased(rgb, xy_px)
    assert not (painted == RED).all(-1).any()
    margin_px = int(np.ceil(MARGIN * 120))
    outside = np.ones(rgb.shape[:2], bool)
    outside[20 - margin_px : 141 + margin_px, 40 - margin_px : 81 + margin_px] = False
    np.testing.assert_array_equal(painted[outside], rgb[outside])
    assert (rgb == somebody()[0]).all(), "the picture given stays as it is"


def test_a_person_partly_out_of_the_picture_can_be_erased():
    rgb, xy_px = somebody()
    for shift in ([-60, 0], [60, 100], [-30, -100], [500, 500], [-500, 0]):
        painted = erased(rgb, xy_px + np.float32(shift))
        assert painted.shape == rgb.shape


def test_landmarks_on_a_line_erase_nothing():
    rgb, xy_px = somebody()
    np.testing.assert_array_equal(erased(rgb, xy_px * np.float32([0, 1])), rgb)
