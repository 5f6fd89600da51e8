import numpy as np
import pytest

from tcmr.view.label import draw_number


def written(number: int, dot_px: int = 1) -> np.ndarray:
    rgb = np.zeros((60, 120, 3), np.uint8)
    draw_number(rgb, number, (60.0, 50.0), (255.0, 200.0, 100.0), dot_px)
    return rgb


def test_digits_differ_from_each_other():
    pictures = {written(digit).tobytes() for digit in range(10)}
    assert len(pictures) == 10


def test_digits_read_as_in_print():
    ink = (written(14)[..., 0] == 255)[42:49, 55:66]
    assert ["".join("#" if dot else "." for dot in row) for row in ink] == [
        "..#......#.",
        ".##.....##.",
        "..#....#.#.",
        "..#...#..#.",
        "..#...#####",
        "..#......#.",
        ".###.....#.",
    ]


def test_the_plate_stands_on_the_given_point():
    rows, columns = np.nonzero(written(5, dot_px=2).any(-1))
    assert rows.max() == 49
    assert columns.mean() == pytest.approx(59.5, abs=1)


def test_larger_dots_are_the_same_picture_enlarged():
    small, large = (written(3, dot_px)[..., 0] == 255 for dot_px in (1, 3))
    assert large.sum() == 9 * small.sum()


@pytest.mark.parametrize("point", [(0.0, 3.0), (119.0, 59.0), (-50.0, -50.0), (300.0, 300.0), (60.0, 0.0)])
def test_what_is_out_of_the_picture_is_left_out(point):
    rgb = np.zeros((60, 120, 3), np.uint8)
    draw_number(rgb, 42, point, (255.0, 255.0, 255.0), 2)
    inside = -20 < point[0] < 140 and 0 < point[1] < 80
    assert rgb.any() == inside
