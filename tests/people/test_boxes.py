import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tcmr.people.boxes import around, distance, overlap, suppressed

edge = st.integers(0, 30)
box = st.tuples(edge, edge, edge, edge).map(
    lambda e: np.array([min(e[0], e[2]), min(e[1], e[3]), max(e[0], e[2]), max(e[1], e[3])], np.float64)
)


def pixels(box: np.ndarray) -> np.ndarray:
    mask = np.zeros((30, 30), bool)
    left, top, right, bottom = box.astype(int)
    mask[top:bottom, left:right] = True
    return mask


@given(box, box)
def test_overlap_is_that_of_the_pixels(one, other):
    both, either = pixels(one) & pixels(other), pixels(one) | pixels(other)
    expected = both.sum() / either.sum() if either.any() else 0.0
    np.testing.assert_allclose(overlap(one[None], other[None]), [[expected]])


@given(box, box)
def test_distance_is_symmetric_and_zero_only_for_the_same_place_and_size(one, other):
    assert distance(one, one) == 0
    assert np.isclose(distance(one, other), distance(other, one))


def test_half_a_body_length_to_the_side():
    body = np.array([0.0, 0, 40, 100])
    assert np.isclose(distance(body, body + np.array([50, 0, 50, 0])), 0.5)


def test_around_leaves_out_what_is_off_the_picture():
    points = np.array([[-20.0, 10], [50, 30], [150, 40]])
    np.testing.assert_array_equal(around(points, width=100, height=80), [0, 10, 100, 40])


def test_suppressed_keeps_the_best_of_each_place():
    boxes = np.array([[0.0, 0, 10, 10], [1, 0, 11, 10], [50, 0, 60, 10]])
    np.testing.assert_array_equal(suppressed(boxes, np.array([0.3, 0.9, 0.5]), most_overlap=0.6), [1, 2])


def test_suppressed_takes_no_boxes():
    assert len(suppressed(np.zeros((0, 4)), np.zeros(0), most_overlap=0.6)) == 0
