import numpy as np
import pytest

from people.test_detect import MAN, WOMAN
from tcmr.assets import fetch
from tcmr.people.boxes import overlap, within
from tcmr.people.choose import TwoDetectors, available_detector
from tcmr.people.detect import BlazePoseDetector, Detector, MoveNetDetector
from tcmr.types import Detections
from tcmr.video.read import open_clip


@pytest.fixture
def cut_off(street_frames) -> np.ndarray:
    """Return a picture of the man on the roof, cut off at the hips."""
    left, top, right, bottom = MAN
    return np.ascontiguousarray(street_frames[0].rgb[: (top + bottom) // 2, left - 100 : right + 100])


@pytest.fixture(scope="module")
def waist_up() -> np.ndarray:
    """Return a picture of a man whose shins, and a woman whose legs are beyond its lower edge."""
    with open_clip(fetch("two-person-clip-2")) as reader:
        rgb = next(iter(reader)).rgb
    height, width = rgb.shape[:2]
    return np.ascontiguousarray(rgb[height * 15 // 100 : height * 52 // 100, : width * 3 // 4])


def sees(*boxes: tuple[float, float, float, float]) -> Detector:
    return lambda rgb: Detections(np.array(boxes, np.float64).reshape(-1, 4), np.full(len(boxes), 0.7))


def found_by(many: Detector, whole: Detector) -> list[list[float]]:
    return TwoDetectors(many, whole)(np.zeros((480, 640, 3), np.uint8)).boxes_xyxy_px.tolist()


ONE = (100.0, 100.0, 200.0, 400.0)


@pytest.mark.parametrize(
    "other",
    [
        (100, 150, 200, 420),  # the same person
        (50, 150, 180, 450),  # perhaps the same
        (50, 50, 600, 450),  # somebody larger who would hide the first
    ],
)
def test_nobody_is_found_twice(other):
    assert found_by(sees(ONE), sees(other)) == [list(ONE)]


def test_somebody_whom_only_the_second_finds_is_added():
    assert found_by(sees(ONE), sees((400, 100, 500, 400), ONE)) == [list(ONE), [400, 100, 500, 400]]


def test_of_somebody_cut_off_the_whole_box_is_taken():
    half, whole = (100, 200, 300, 480), (80, 200, 320, 900)
    assert found_by(sees(ONE, half), sees(whole)) == [list(ONE), list(whole)]
    assert found_by(sees(whole), sees(half)) == [list(whole)]


def test_two_are_found_as_in_the_street(street_frames):
    rgb = street_frames[0].rgb
    both = TwoDetectors(MoveNetDetector(), BlazePoseDetector())(rgb)
    overlaps = overlap(both.boxes_xyxy_px, np.array([MAN, WOMAN], np.float64))
    assert (overlaps.max(axis=0) > 0.75).all()
    assert len(both.scores) == len(MoveNetDetector()(rgb).scores)


def test_the_second_looks_where_the_first_finds_nobody(street_frames):
    man = np.ascontiguousarray(street_frames[0].rgb[:500, 350:950])
    blind = MoveNetDetector(least_score=1.1)
    assert len(blind(man).scores) == 0
    found, alone = TwoDetectors(blind, BlazePoseDetector())(man), BlazePoseDetector()(man)
    assert len(found.scores) == 1
    np.testing.assert_array_equal(found.boxes_xyxy_px, alone.boxes_xyxy_px)


def test_somebody_cut_off_at_the_hips_is_found(cut_off):
    detector, warnings = available_detector()
    assert not warnings
    assert len(detector(cut_off).scores) == 1


def test_people_from_the_knees_and_hips_up_are_found_whole(waist_up):
    height, width = waist_up.shape[:2]
    man, woman = np.array([[395.0, 105, 745, height], [40, 345, 350, height]])
    alone = MoveNetDetector()(waist_up).boxes_xyxy_px
    assert overlap(alone, man[None]).max() < 0.3
    detector, _ = available_detector()
    boxes = detector(waist_up).boxes_xyxy_px
    seen = within(boxes, width, height)
    assert overlap(seen, man[None]).max() > 0.6
    of_woman = boxes[overlap(seen, woman[None]).argmax()]
    assert of_woman[3] > height + 200
