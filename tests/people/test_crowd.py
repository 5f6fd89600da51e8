import numpy as np
import pytest

from tcmr.assets import fetch
from tcmr.people.boxes import overlap, suppressed
from tcmr.people.crowd import look_closer
from tcmr.people.detect import MoveNetDetector
from tcmr.video.read import open_clip

FULL = 6


class Glances:
    """A detector that finds up to six bright squares; what is left of its slots is empty."""

    def __init__(self):
        self.count = 0

    def __call__(self, rgb):
        self.count += 1
        seen = [index for index in np.unique(rgb[..., 0]) if index][:FULL]
        boxes, scores = np.zeros((FULL, 4)), np.zeros(FULL)
        for slot, index in enumerate(seen):
            rows, columns = np.nonzero(rgb[..., 0] == index)
            boxes[slot] = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
            scores[slot] = 0.5
        return boxes, scores


def squares(count: int, side: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Paint squares in rows of eight; return the picture and their boxes."""
    picture = np.zeros((720, 1280, 3), np.uint8)
    row, column = np.divmod(np.arange(count), 8)
    left, top = 30 + 155 * column, 40 + 170 * row
    for index, (x, y) in enumerate(zip(left, top, strict=True)):
        picture[y : y + side, x : x + side] = index + 1
    return picture, np.stack([left, top, left + side, top + side], 1).astype(float)


@pytest.mark.parametrize(("count", "looks"), [(0, 1), (3, 1), (5, 1)])
def test_few_are_found_at_a_glance(count, looks):
    picture, _ = squares(count)
    glances = Glances()
    _, scores = look_closer(glances, picture, 0.1, 512)
    assert (scores > 0).sum() == count
    assert glances.count == looks


@pytest.mark.parametrize("count", [7, 12, 20, 32])
@pytest.mark.parametrize("side", [20, 40, 60])
def test_all_of_many_are_found_and_nobody_cut_in_half(count, side):
    picture, truth = squares(count, side)
    boxes, scores = look_closer(Glances(), picture, 0.1, 200)
    boxes = boxes[scores > 0]
    overlaps = overlap(truth, boxes)
    assert (overlaps.max(axis=1) == 1).all()
    assert (overlaps.max(axis=0) == 1).all()


def test_it_stops_where_there_are_no_more_pixels():
    glances = Glances()
    look_closer(glances, squares(32)[0], 0.1, 1280)
    assert glances.count == 1


def test_movenet_finds_twenty_persons():
    with open_clip(fetch("four-camera-clip-3"), max_side=360) as frames:
        man = next(iter(frames)).rgb
    height, width = man.shape[:2]
    picture = np.full((1080, 1920, 3), 128, np.uint8)
    corners = [(row * height, 35 + column * 274) for row in range(3) for column in range(7)]
    for top, left in corners:
        picture[top : top + height, left : left + width] = man
    boxes = MoveNetDetector()(picture).boxes_xyxy_px
    middles = (boxes[:, :2] + boxes[:, 2:]) / 2
    found = [((middles > [x, y]) & (middles < [x + width, y + height])).all(axis=1).any() for y, x in corners]
    assert all(found)
    assert len(suppressed(boxes, np.ones(len(boxes)), 0.3)) == 21
