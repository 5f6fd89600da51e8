"""Who is kept of those that were followed."""

from dataclasses import replace

import numpy as np

from tcmr.live.selection import select_motions
from tcmr.options import Options
from tcmr.types import Motion


def motion_of(person: int, frames: int, side_px: float) -> Motion:
    boxes = np.tile(np.array([0, 0, side_px, side_px], np.float32), (frames, 1))
    return Motion(
        rotmat=np.tile(np.eye(3, dtype=np.float32), (frames, 24, 1, 1)),
        betas=np.zeros((frames, 10), np.float32),
        camera=np.zeros((frames, 3), np.float32),
        joints_m=np.zeros((frames, 24, 3), np.float32),
        attention=np.zeros((frames, 3), np.float32),
        frames=np.arange(5, 5 + frames),
        fps=30.0,
        body="open",
        weights="none",
        person=person,
        boxes_xyxy_px=boxes,
    )


PEOPLE = [motion_of(1, 20, 100.0), motion_of(2, 3, 900.0), motion_of(3, 30, 200.0), motion_of(4, 40, 10.0)]


def test_who_was_seen_shortly_is_dropped():
    kept, dropped = select_motions(PEOPLE, Options(min_frames=10))
    assert [motion.person for motion in kept] == [1, 3, 4]
    (short,) = dropped
    assert (short.id, short.first_frame, short.last_frame, short.frame_count) == (2, 5, 7, 3)
    assert "fewer than 10" in short.reason


def test_the_most_prominent_stay_in_their_order():
    kept, dropped = select_motions(PEOPLE, replace(Options(min_frames=1), max_persons=2))
    assert [motion.person for motion in kept] == [2, 3]
    assert all("less prominent" in person.reason for person in dropped)


def test_nobody_is_nobody():
    assert select_motions([], Options()) == ([], [])
