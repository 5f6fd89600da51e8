import threading
import time
from collections import deque

import numpy as np
import pytest

from people.street import Street, Walker
from tcmr.people.ahead import EarlyDetector, follow
from tcmr.people.track import Tracker
from tcmr.stages import Stages
from tcmr.types import Detections, Track
from tcmr.video.prefetch import prefetched


def street() -> Street:
    """Make a street on which one walks past another, one goes away for a moment and one comes late."""
    return Street(
        Walker(lambda t: 640 + 8 * (t - 45)),
        Walker(lambda t: 640 - 8 * (t - 45), height_px=260),
        Walker(lambda t: 100.0, is_there=lambda t: not 20 <= t < 33),
        Walker(lambda t: 1200.0, is_there=lambda t: t > 50),
    )


def tracks(street: Street, ahead: int, fps: float = 30.0) -> list[Track]:
    with EarlyDetector(street.detect) as detector:
        tracker = Tracker(detector, street, detect_every=8, fps=fps)
        deque(follow(street.frames(90), tracker, detector, ahead), maxlen=0)
    return tracker.finish()[0]


@pytest.mark.parametrize("ahead", [1, 3, 6, 20])
def test_looking_ahead_changes_nothing(ahead):
    for one, other in zip(tracks(street(), 0), tracks(street(), ahead), strict=True):
        assert (one.id, one.segment) == (other.id, other.segment)
        np.testing.assert_array_equal(one.frames, other.frames)
        np.testing.assert_array_equal(one.xy_px, other.xy_px)


def test_without_looking_ahead_nothing_is_detected_in_vain():
    eager, patient = street(), street()
    tracks(eager, 6)
    tracks(patient, 0)
    assert patient.detections <= eager.detections <= 1.5 * patient.detections


def test_the_detector_works_while_people_are_followed():
    """A detection that waits for the landmarks of an earlier frame would wait for ever, were it not for its thread."""
    quiet = Street(Walker(lambda t: 300.0))
    followed = threading.Event()

    def detect(rgb: np.ndarray) -> Detections:
        if rgb[0, 0, 0] == 8:
            assert followed.wait(timeout=20)
        return quiet.detect(rgb)

    def read(rgb, region):
        if rgb[0, 0, 0] == 5:
            followed.set()
        return quiet(rgb, region)

    read.regions_around = quiet.regions_around
    with EarlyDetector(detect) as detector:
        tracker = Tracker(detector, read)
        deque(follow(quiet.frames(12), tracker, detector, 6), maxlen=0)
    assert [len(track.frames) for track in tracker.finish()[0]] == [12]


@pytest.mark.parametrize("threads", [1, 2])
def test_with_two_threads_only_one_works_ahead(threads):
    """Decoding and the detector would else keep both from the landmarks, which cannot begin earlier."""
    quiet = Street(Walker(lambda t: 300.0))
    decoding, detecting = threading.Event(), threading.Event()

    def pictures():
        for frame in quiet.frames(60):
            decoding.set()
            assert not detecting.is_set()
            time.sleep(0.001)
            decoding.clear()
            yield frame

    def detect(rgb: np.ndarray) -> Detections:
        detecting.set()
        assert not decoding.is_set()
        time.sleep(0.005)
        detecting.clear()
        return quiet.detect(rgb)

    stages = Stages(threads=threads)
    with EarlyDetector(detect, stages.turn) as detector:
        tracker = Tracker(detector, quiet)
        deque(
            follow(prefetched(pictures(), stages.ahead(8), stages.turn), tracker, detector, stages.ahead(6)),
            maxlen=0,
        )
    assert [len(track.frames) for track in tracker.finish()[0]] == [60]


def test_an_error_of_the_detector_is_raised_where_it_is_asked():
    def fail(rgb: np.ndarray) -> Detections:
        raise MemoryError

    with EarlyDetector(fail) as detector, pytest.raises(MemoryError):
        deque(follow(street().frames(3), Tracker(detector, street()), detector, 6), maxlen=0)


def test_people_are_looked_for_as_often_in_seconds_at_any_rate():
    seldom = Street(Walker(lambda t: 300.0))
    (track,) = tracks(seldom, 0, fps=120.0)
    assert len(track.frames) == 90
    assert seldom.detections == 3
