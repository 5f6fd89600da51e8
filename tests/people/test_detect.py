import numpy as np
import pytest

from tcmr.people.boxes import overlap
from tcmr.people.detect import BlazePoseDetector, Detector, MoveNetDetector, resized

# Drawn by hand in the first of the street frames: left, top, right, bottom.
MAN, WOMAN = [533, 80, 768, 458], [1443, 557, 1580, 943]


@pytest.fixture(scope="module", params=[MoveNetDetector, BlazePoseDetector])
def detector(request) -> Detector:
    return request.param()


def test_movenet_finds_both_persons(street_frames):
    detections = MoveNetDetector()(street_frames[0].rgb)
    overlaps = overlap(detections.boxes_xyxy_px, np.array([MAN, WOMAN], np.float64))
    assert overlaps.shape == (2, 2)
    assert (overlaps.max(axis=0) > 0.75).all()
    assert list(detections.scores) == sorted(detections.scores, reverse=True)


def test_blazepose_encloses_one_person(street_frames):
    left, top, right, bottom = MAN
    alone = np.ascontiguousarray(street_frames[0].rgb[:500, 350:950])
    detections = BlazePoseDetector()(alone)
    assert len(detections.scores) == 1
    box = detections.boxes_xyxy_px[0] + [350, 0, 350, 0]
    assert box[0] < left + 30
    assert box[1] < top + 30
    assert box[2] > right - 30
    assert box[3] > bottom - 30
    assert np.ptp(box[[1, 3]]) < 2 * (bottom - top)


@pytest.mark.parametrize(("height", "width"), [(8, 8), (1, 400), (400, 1), (720, 1280), (2160, 3840)])
def test_nobody_is_seen_in_grey_of_any_size(detector, height, width):
    detections = detector(np.full((height, width, 3), 128, np.uint8))
    assert detections.boxes_xyxy_px.shape == (0, 4)
    assert detections.scores.shape == (0,)


def test_a_smaller_picture_has_the_means_of_the_pixels():
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (60, 80, 3), np.uint8)
    means = picture.reshape(15, 4, 20, 4, 3).mean((1, 3))
    assert np.abs(resized(picture, 15, 20) - means).max() <= 2
