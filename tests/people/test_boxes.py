import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from tcmr.joints import BLAZEPOSE_33
from tcmr.people.boxes import around, around_person, distance, overlap, suppressed

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


def standing(x_px: float, top_px: float, height_px: float) -> np.ndarray:
    """Landmarks of somebody who faces us with arms held out: eyes at `top_px`, feet `height_px` below."""
    across = {"left": 1, "right": -1}
    heights = {
        "eye": 0,
        "ear": 0.01,
        "mouth": 0.04,
        "shoulder": 0.12,
        "elbow": 0.12,
        "wrist": 0.12,
        "hip": 0.45,
        "knee": 0.7,
    }
    reaches = {
        "ear": 0.05,
        "shoulder": 0.1,
        "elbow": 0.28,
        "wrist": 0.45,
        "pinky": 0.5,
        "index": 0.5,
        "thumb": 0.5,
    }
    points = np.zeros((len(BLAZEPOSE_33), 2), np.float32)
    for row, name in enumerate(BLAZEPOSE_33):
        part = next((part for part in (*heights, *reaches) if part in name), "foot")
        hand = 0.12 if part in reaches else 1.0
        side = sum(sign for side, sign in across.items() if side in name)
        points[row] = side * reaches.get(part, 0.03), heights.get(part, 0.02 if name == "nose" else hand)
    return (points * height_px + [x_px, top_px]).astype(np.float32)


def test_a_person_in_full_view_has_the_box_of_the_landmarks():
    box = around_person(standing(300, 100, 400), width=600, height=600)
    np.testing.assert_allclose(box, [100, 100, 500, 500], atol=0.01)


def test_guessed_limbs_do_not_make_who_is_partly_out_of_the_picture_broader():
    shoulders_out = standing(300, 500, 1000)  # held-out arms and all else lie below the picture
    left, top, right, bottom = around_person(shoulders_out, width=600, height=600)
    np.testing.assert_allclose(
        [left, right], [300 - 91, 300 + 91], atol=4
    )  # where the neck leaves the picture
    np.testing.assert_allclose([top, bottom], [500 - 1.7 * 40, 600], atol=4)


def test_two_heads_side_by_side_before_a_camera_do_not_overlap():
    two = [standing(x, 500, 1000) for x in (200, 400)]
    apart, guessed = (
        [around_box(points, width=600, height=600)[None] for points in two]
        for around_box in (around_person, around)
    )
    assert overlap(*apart).item() == 0
    assert overlap(*guessed).item() > 0.5


@given(st.integers(-400, 800), st.integers(-400, 800), st.integers(20, 2000))
@example(0, 1, 20)  # an eye in the picture, of a head whose bones begin below it
def test_the_box_of_a_person_lies_in_the_picture_and_holds_the_landmarks_there(x, y, height):
    points = standing(x, y, height)
    left, top, right, bottom = around_person(points, width=600, height=400)
    assert 0 <= left <= right <= 600
    assert 0 <= top <= bottom <= 400
    inside = points[np.all((points > 0) & (points < [600, 400]), axis=1)]
    assert np.all((inside >= [left, top]) & (inside <= [right, bottom]))


def test_who_is_in_no_picture_has_an_empty_box():
    left, top, right, bottom = around_person(standing(-5000, 100, 400), width=600, height=600)
    assert (right - left) * (bottom - top) == 0
