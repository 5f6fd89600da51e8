import numpy as np
import pytest

from people.test_detect import MAN, WOMAN
from tcmr.people.boxes import overlap
from tcmr.people.choose import SecondLook, available_detector
from tcmr.people.detect import BlazePoseDetector, MoveNetDetector


@pytest.fixture
def cut_off(street_frames) -> np.ndarray:
    """Return a picture of the man on the roof, cut off at the hips."""
    left, top, right, bottom = MAN
    return np.ascontiguousarray(street_frames[0].rgb[: (top + bottom) // 2, left - 100 : right + 100])


def test_the_first_detector_is_believed_where_it_finds_anybody(street_frames):
    rgb = street_frames[0].rgb
    both = SecondLook(MoveNetDetector(), BlazePoseDetector())(rgb)
    overlaps = overlap(both.boxes_xyxy_px, np.array([MAN, WOMAN], np.float64))
    assert (overlaps.max(axis=0) > 0.75).all()


def test_the_second_looks_where_the_first_finds_nobody(street_frames):
    man = np.ascontiguousarray(street_frames[0].rgb[:500, 350:950])
    blind = MoveNetDetector(least_score=1.1)
    assert len(blind(man).scores) == 0
    found, alone = SecondLook(blind, BlazePoseDetector())(man), BlazePoseDetector()(man)
    assert len(found.scores) == 1
    np.testing.assert_array_equal(found.boxes_xyxy_px, alone.boxes_xyxy_px)


def test_somebody_cut_off_at_the_hips_is_found(cut_off):
    detector, warnings = available_detector()
    assert not warnings
    assert len(detector(cut_off).scores) == 1
