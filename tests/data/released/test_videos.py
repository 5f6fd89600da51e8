"""Which rows are one video's, and which frames they are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcmr.data.released.videos import Video, counted, find_videos, frame_numbers


def test_videos_are_found_across_blocks():
    lengths = (65530, 6, 1, 70000, 3)
    names = np.repeat([f"video {number}" for number in range(5)], lengths)
    ends = np.cumsum(lengths).tolist()
    expected = [
        Video(f"video {number}", slice(first, last))
        for number, (first, last) in enumerate(zip([0, *ends], ends, strict=False))
    ]
    assert find_videos(names) == expected
    assert find_videos(names.astype(np.bytes_)) == expected
    assert find_videos(names.astype(object)) == expected


def test_a_name_that_comes_back_is_refused():
    with pytest.raises(ValueError, match="video a ends at row 1 and comes back at row 3"):
        find_videos(np.array(["a", "a", "b", "a"]))


def test_numbers_are_read_from_pictures_names():
    told = np.array(["x1/img_000012.jpg", "frame_000013", "000014.png", "s_01_ca_02_000015.jpeg"])
    assert frame_numbers(told).tolist() == [12, 13, 14, 15]
    assert frame_numbers(told.astype(np.bytes_)).tolist() == [12, 13, 14, 15]
    assert frame_numbers(np.array([3, 5], np.uint8)).tolist() == [3, 5]
    with pytest.raises(ValueError, match=r"'img\.jpg' does not end in the number"):
        frame_numbers(np.array(["img.jpg"]))


@given(st.lists(st.integers(1, 5), min_size=1, max_size=30), st.integers(0, 1000))
def test_the_smallest_step_is_one_frame_and_a_larger_one_a_gap(steps, first):
    rows = counted(first + np.cumsum([0, *steps]))
    assert len(rows) == len(steps) + 1
    assert (np.diff(rows) > 1).tolist() == [step > min(steps) for step in steps]
    assert (np.diff(rows) >= 1).all()


@pytest.mark.parametrize("frames", [[0, 1, 1], [4, 3]])
def test_frames_that_do_not_ascend_are_refused(frames):
    with pytest.raises(ValueError, match=f"frame {frames[-1]} comes after frame {frames[-2]}"):
        counted(np.array(frames))


def test_one_frame_alone():
    assert counted(np.array([7])).tolist() == [0]
