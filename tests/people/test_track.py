from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from people.street import FPS, HEIGHT, WIDTH, Street, Walker
from tcmr.features.blazepose import BlazePose
from tcmr.features.tuned import OPEN, weights_named
from tcmr.joints import BLAZEPOSE_33, indices
from tcmr.people.detect import MoveNetDetector
from tcmr.people.track import Tracker
from tcmr.types import Detections, Dropped, Frame, Region, Track


def follow(street: Street, count: int, **finish) -> tuple[list[Track], list[Dropped]]:
    tracker = Tracker(street.detect, street, detect_every=8)
    for frame in street.frames(count):
        tracker.step(frame)
    return tracker.finish(**finish)


def middle_px(track: Track) -> np.ndarray:
    """Where a track is, frame by frame, left to right."""
    return track.xy_px[..., 0].mean(axis=1)


def test_everybody_is_followed_in_all_frames_with_few_detections():
    street = Street(Walker(lambda t: 200 + 5 * t), Walker(lambda t: 900.0))
    tracks, dropped = follow(street, 40)
    assert [(track.id, track.segment, len(track.frames)) for track in tracks] == [(1, 0, 40), (2, 0, 40)]
    assert not dropped
    np.testing.assert_allclose(middle_px(tracks[0]), 200 + 5 * np.arange(40))
    assert not any(track.bridged.any() for track in tracks)
    assert street.detections == 5


def test_who_comes_between_two_detections_is_read_from_the_first_frame_on():
    street = Street(Walker(lambda t: 200.0), Walker(lambda t: 900 - 6 * t, is_there=lambda t: t >= 11))
    _, late = follow(street, 40)[0]
    assert (late.frames[0], late.frames[-1]) == (11, 39)
    np.testing.assert_allclose(middle_px(late), 900 - 6 * np.arange(11, 40))
    assert street.detections == 5


def test_who_cannot_be_read_in_the_first_region_is_read_in_the_next():
    class BehindDesk(Street):
        def regions_around(self, rgb: np.ndarray, box: np.ndarray) -> list[Region]:
            nowhere = Region((0.0, 0.0), 10.0, 0.0)
            return [nowhere, *super().regions_around(rgb, box)]

    (track,), dropped = follow(BehindDesk(Walker(lambda t: 500.0)), 20)
    assert len(track.frames) == 20
    assert not dropped


def test_who_is_found_late_in_a_shot_is_not_looked_for_in_the_shot_before():
    street = Street(Walker(lambda t: 500.0, is_detected=lambda t: t >= 26))
    tracker = Tracker(street.detect, street, detect_every=8)
    for frame in street.frames(40):
        if frame.index == 22:
            tracker.cut()
        tracker.step(frame)
    ((track,), _) = tracker.finish()
    assert (track.frames[0], track.frames[-1]) == (22, 39)


def test_who_steps_out_from_behind_another_is_read_back_as_far_as_seen():
    front, behind = Walker(lambda t: 500.0), Walker(lambda t: 505 + 7.0 * t)
    one, other = follow(Street(front, behind), 40)[0]
    assert len(one.frames) == 40
    assert 1 < other.frames[0] < 8
    np.testing.assert_allclose(middle_px(other), [behind.x_px(t) for t in other.frames])


def test_unless_asked_nobody_is_read_before_being_found():
    street = Street(Walker(lambda t: 900.0, is_there=lambda t: t >= 5))
    tracker = Tracker(street.detect, street, detect_every=8, look_back=False)
    for frame in street.frames(20):
        tracker.step(frame)
    ((track,), _) = tracker.finish()
    assert track.frames[0] == 8


@pytest.mark.parametrize("heights_px", [(300, 300), (300, 260), (300, 340)])
@pytest.mark.parametrize("speeds_px", [(8, -8), (5, -11), (12, -4)])
def test_ids_survive_a_crossing(speeds_px, heights_px):
    front, behind = (
        Walker(lambda t, v=v: 640 + v * (t - 45), height_px=height)
        for v, height in zip(speeds_px, heights_px, strict=True)
    )
    tracks, _ = follow(Street(front, behind), 90)
    assert {track.id for track in tracks} == {1, 2}
    for track in tracks:
        walker = front if abs(middle_px(track)[0] - front.x_px(track.frames[0])) < 1 else behind
        np.testing.assert_allclose(middle_px(track), [walker.x_px(t) for t in track.frames], atol=15)
    both_ends = [{track.id for track in tracks if t in track.frames} for t in (0, 89)]
    assert both_ends == [{1, 2}, {1, 2}]


def test_somebody_larger_than_the_picture_is_followed():
    """As before a webcam: the detector gives the whole person's box, most of which nobody can see."""
    tracks, dropped = follow(Street(Walker(lambda t: 600 + 4 * t, height_px=3000)), 20)
    assert [len(track.frames) for track in tracks] == [20]
    assert not dropped


def test_nobody_is_followed_across_a_cut():
    """After it somebody else stands in the same place, and is found at once."""

    class Edited(Street):
        def frames(self, count: int) -> Iterator[Frame]:
            for frame in super().frames(count):
                frame.rgb[1:, : WIDTH // 2 if frame.index < 20 else None : 1 if frame.index < 20 else 3] = 200
                yield frame

    street = Edited(Walker(lambda t: 500.0))
    tracker = Tracker(street.detect, street, detect_every=8)
    for frame in street.frames(40):
        tracker.step(frame)
    tracks, _ = tracker.finish()
    assert tracker.shots == [0, 20]
    assert [(track.id, track.frames[0], track.frames[-1]) for track in tracks] == [(1, 0, 19), (2, 20, 39)]


def test_a_shot_ends_where_a_source_is_known_to_be_cut():
    """As when a live source comes again: the pictures need not tell."""
    street = Street(Walker(lambda t: 500.0))
    tracker = Tracker(street.detect, street, detect_every=8)
    for frame in street.frames(40):
        if frame.index == 20:
            tracker.cut()
        tracker.step(frame)
    tracks, _ = tracker.finish()
    assert tracker.shots == [0, 20]
    assert [(track.id, track.frames[0], track.frames[-1]) for track in tracks] == [(1, 0, 19), (2, 20, 39)]


def test_ids_survive_when_the_readings_change_over_in_the_crossing():
    rightward, leftward = Walker(lambda t: 640 + 8 * (t - 45)), Walker(lambda t: 640 - 8 * (t - 45))

    class Changing(Street):
        """A street in which the other walker is in front from the moment at which both are in one place."""

        def _seen(self, rgb, most_covered):
            self._walkers = (rightward, leftward) if rgb[0, 0, 0] < 45 else (leftward, rightward)
            return super()._seen(rgb, most_covered)

    tracks, _ = follow(Changing(), 90)
    assert {track.id for track in tracks} == {1, 2}
    for track in tracks:
        walker = rightward if track.id == tracks[0].id else leftward
        # In the crossing itself a reading may be of the other, who is half a body away at most.
        np.testing.assert_allclose(middle_px(track), [walker.x_px(t) for t in track.frames], atol=50)


def test_who_stands_behind_another_is_read_with_the_one_in_front_painted_over():
    class Marked(Street):
        """A street in which each walker bears a white mark on the head, and is not seen without it."""

        def frames(self, count):
            for frame in super().frames(count):
                for walker in self._walkers:
                    frame.rgb[self.mark(walker, frame.index)] = 255
                yield frame

        def mark(self, walker, index):
            return 605 - walker.height_px, round(walker.x_px(index))

        def _seen(self, rgb, most_covered):
            everybody, index = self._walkers, int(rgb[0, 0, 0])
            self._walkers = [each for each in everybody if rgb[self.mark(each, index)][0] == 255]
            seen = super()._seen(rgb, most_covered)
            self._walkers = everybody
            return seen

    front, behind = Walker(lambda t: 640 + 0.5 * (t - 45)), Walker(lambda t: 640 - 0.5 * (t - 45), 480)
    tracks, _ = follow(Marked(front, behind), 90)
    unpainted, _ = follow(Street(front, behind), 90)
    parts = [track for track in tracks if np.ptp(track.xy_px[0, :, 1]) > 400]
    assert sum((~part.bridged).sum() for part in parts) > 80
    assert sum((~track.bridged).sum() for track in unpainted) < 90 + 60
    for part in parts:
        np.testing.assert_allclose(middle_px(part), [behind.x_px(t) for t in part.frames], atol=1)


def test_a_second_box_on_a_person_makes_nobody():
    class Double(Street):
        """A street whose detector also sees the upper halves of people."""

        def detect(self, rgb):
            detections = super().detect(rgb)
            halves = detections.boxes_xyxy_px * [1, 1, 1, 0] + [0, 0, 0, 450]
            return Detections(np.concatenate([detections.boxes_xyxy_px, halves]), detections.scores.repeat(2))

    tracks, dropped = follow(Double(Walker(lambda t: 600.0)), 40)
    assert [len(track.frames) for track in tracks] == [40]
    assert [each.frame_count for each in dropped] == [0]


def test_who_stands_hidden_behind_another_is_not_followed_there():
    front = Walker(lambda t: 300 + 6 * t)
    behind = Walker(lambda t: 600.0)
    tracks, _ = follow(Street(front, behind), 100)
    hidden = [t for t in range(100) if abs(front.x_px(t) - 600) < 25]
    of_behind = [track for track in tracks if abs(np.median(middle_px(track)) - 600) < 1]
    read = np.concatenate([track.frames[~track.bridged] for track in of_behind])
    assert not set(hidden) & set(read)
    assert len({track.id for track in of_behind}) == 1


def test_a_short_absence_is_bridged():
    walker = Walker(lambda t: 200 + 5 * t, is_there=lambda t: not 20 <= t < 25)
    (track,), dropped = follow(Street(walker), 40)
    np.testing.assert_array_equal(np.flatnonzero(track.bridged), np.arange(20, 25))
    np.testing.assert_allclose(middle_px(track), 200 + 5 * np.arange(40), rtol=1e-5)
    assert not dropped


def test_who_comes_back_soon_keeps_the_id_in_a_new_segment():
    walker = Walker(lambda t: 600.0, is_there=lambda t: not 20 <= t < 20 + FPS)
    tracks, _ = follow(Street(walker), 80)
    assert [(track.id, track.segment) for track in tracks] == [(1, 0), (1, 1)]
    assert tracks[0].frames[-1] == 19
    assert 20 + FPS <= tracks[1].frames[0] <= 20 + FPS + 8


def test_who_comes_much_later_is_somebody_new():
    walker = Walker(lambda t: 600.0, is_there=lambda t: not 20 <= t < 20 + 3 * FPS)
    tracks, _ = follow(Street(walker), 140)
    assert [track.id for track in tracks] == [1, 2]


def test_landmarks_go_on_where_the_detector_fails():
    walker = Walker(lambda t: 200 + 5 * t, is_detected=lambda t: t < 20 or t > 60)
    (track,), _ = follow(Street(walker), 80)
    assert len(track.frames) == 80
    assert not track.bridged.any()


def test_a_thing_that_is_detected_once_is_no_person():
    thing = Walker(lambda t: 600.0, is_detected=lambda t: t == 0)
    tracks, (dropped,) = follow(Street(thing), 60)
    assert not tracks
    assert "only once" in dropped.reason


def test_readings_that_leave_their_person_return_at_the_next_detection():
    class Slipping(Street):
        """A street whose landmarks slip off to the side in frame 10."""

        def __call__(self, rgb, region):
            if 10 <= rgb[0, 0, 0] < 16:
                x, y = region.center_xy_px
                return self.landmarks(region, np.array([x, y - 150, x + 100, y + 150]), 0.9)
            return super().__call__(rgb, region)

    walker = Walker(lambda t: 600.0)
    (track,), dropped = follow(Slipping(walker), 60)
    assert len(track.frames) == 60
    np.testing.assert_allclose(middle_px(track)[16:], 600)
    assert not dropped


def test_the_most_prominent_stay_and_the_others_are_named():
    street = Street(
        Walker(lambda t: 200.0, height_px=150),
        Walker(lambda t: 600.0),
        Walker(lambda t: 900.0, is_there=lambda t: t > 30),
    )
    tracks, dropped = follow(street, 40, max_persons=1)
    assert [track.id for track in tracks] == [2]
    assert [(each.id, each.frame_count) for each in dropped] == [(1, 40), (3, 9)]
    assert "less prominent" in dropped[0].reason
    assert "9 frames, fewer than 10" in dropped[1].reason


def test_a_clip_of_one_frame_has_its_person():
    tracks, dropped = follow(Street(Walker(lambda t: 600.0)), 1)
    assert [(track.id, list(track.frames)) for track in tracks] == [(1, [0])]
    assert not dropped


def test_an_empty_street_has_nobody():
    assert follow(Street(), 20) == ([], [])


def test_who_runs_on_unread_is_found_where_the_way_leads():
    class Blurred(Street):
        """A street in which nobody can be read for five frames."""

        def __call__(self, rgb, region):
            unread = self.landmarks(region, np.array([*region.center_xy_px] * 2), 0.1)
            return unread if 20 <= rgb[0, 0, 0] < 25 else super().__call__(rgb, region)

    runner = Walker(lambda t: 100 + 30 * t, is_detected=lambda t: t < 20)
    tracks, _ = follow(Blurred(runner), 35)
    assert [(track.id, len(track.frames)) for track in tracks] == [(1, 35)]
    assert tracks[0].bridged.sum() == 5
    np.testing.assert_allclose(middle_px(tracks[0]), 100 + 30 * np.arange(35), atol=1)


def test_ids_follow_the_order_of_appearance():
    street = Street(
        *[Walker(lambda t, k=k: 200.0 + 300 * k, is_there=lambda t, k=k: t >= 20 * (2 - k)) for k in range(3)]
    )
    tracks, _ = follow(street, 80)
    first = [track.frames[0] for track in tracks]
    assert [track.id for track in tracks] == [1, 2, 3]
    assert all(a < b for a, b in pairwise(first))


class TexturedStreet(Street):
    """The same, before a wall that is different everywhere and stands still."""

    def frames(self, count: int) -> Iterator[Frame]:
        wall = np.random.default_rng(0).integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
        for frame in super().frames(count):
            rgb = wall.repeat(8, 0).repeat(8, 1)
            rgb[0, 0, 0] = frame.index
            yield replace(frame, rgb=rgb)


def test_how_the_picture_moved_is_known_since_the_frame_before():
    street = TexturedStreet(Walker(lambda t: 600.0, is_there=lambda t: t not in (10, 11)))
    (track,), _ = follow(street, 20)
    known = (track.flow_certainty > 0).mean(1)
    assert track.frames[known == 0].tolist() == [0, 10, 11, 12]
    assert (known[known > 0] > 0.9).all()
    np.testing.assert_allclose(track.flow_px, 0, atol=1e-3)


def test_unless_it_is_not_to_be_measured():
    street = TexturedStreet(Walker(lambda t: 600.0))
    tracker = Tracker(street.detect, street, measure_flow=False)
    for frame in street.frames(3):
        tracker.step(frame)
    (track,), _ = tracker.finish(min_frames=1)
    assert not track.flow_certainty.any()


def test_real_persons_are_followed(street_frames):
    tracker = Tracker(MoveNetDetector(), BlazePose(weights=weights_named(OPEN)))
    for frame in street_frames:
        tracker.step(frame)
    tracks, dropped = tracker.finish()
    assert not dropped
    assert [(len(track.frames), track.bridged.any()) for track in tracks] == [(len(street_frames), False)] * 2
    man, woman = sorted(tracks, key=lambda track: middle_px(track)[0])
    nose = BLAZEPOSE_33.index("nose")
    np.testing.assert_allclose(man.xy_px[0, nose], [632, 112], atol=20)
    np.testing.assert_allclose(woman.xy_px[0, nose], [1508, 592], atol=20)
    assert (np.diff(middle_px(woman)[::4]) < -5).all()
    assert np.ptp(middle_px(woman)) > 80
    assert np.ptp(middle_px(man)) < 40
    shoulders = indices(BLAZEPOSE_33, ["left_shoulder", "right_shoulder"])
    went, flowed = np.diff(woman.xy_px[:, shoulders, 0], axis=0), woman.flow_px[1:, shoulders, 0]
    assert flowed.sum(0) == pytest.approx(went.sum(0), rel=0.25)
    assert np.abs(np.diff(flowed, axis=0)).mean() < 0.7 * np.abs(np.diff(went, axis=0)).mean()
