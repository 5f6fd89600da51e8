"""Frames wait for the motion in them."""

import numpy as np

from tcmr.live.moments import Moment, Moments
from tcmr.types import Frame


def frame_of(index: int) -> Frame:
    return Frame(index, index / 30, np.zeros((4, 4, 3), np.uint8))


def told(moments: list[Moment]) -> list[tuple[int, list[int]]]:
    return [(each.frame.index, [int(motion.frames[0]) for motion in each.motions]) for each in moments]


def test_each_frame_comes_with_its_own_motion_and_none_is_lost(motion_at):
    moments, seen = Moments(latency=2), []
    for index in range(6):
        seen.append(told(moments.push(frame_of(index), [motion_at(index - 2)] if index in (3, 5) else [])))
        assert moments.late == []
    assert seen == [[], [], [(0, [])], [(1, [1])], [(2, [])], [(3, [3])]]
    assert told(moments.finish([motion_at(5)])) == [(4, []), (5, [5])]


def test_what_comes_later_is_late(motion_at):
    moments = Moments(latency=1)
    for index in range(4):
        moments.push(frame_of(index), [])
    moments.push(frame_of(4), [motion_at(1), motion_at(2), motion_at(3)])
    assert [int(motion.frames[0]) for motion in moments.late] == [1, 2]
    assert told(moments.finish([])) == [(4, [])]


def test_without_latency_a_frame_comes_at_once(motion_at):
    moments = Moments(latency=0)
    assert told(moments.push(frame_of(0), [motion_at(0)])) == [(0, [0])]
    assert moments.finish([motion_at(0)]) == []
    assert len(moments.late) == 1
