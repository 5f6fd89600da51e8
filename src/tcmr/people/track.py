"""Following every person through a clip: detection now and then, landmark regions in between."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from tcmr.people.boxes import distance, overlap, within
from tcmr.people.detect import Detector
from tcmr.people.flow import landmark_flow
from tcmr.people.meeting import FrameReadings, hide_doubles, same_body, untangle
from tcmr.people.motion import Reading, Sighting
from tcmr.people.person import Person
from tcmr.people.reader import Landmarker, Reader
from tcmr.people.segments import segments
from tcmr.people.selection import select_persons
from tcmr.people.shots import ShotCuts
from tcmr.people.sightings import LEAST_SCORE, SURE_OVERLAP, boxes_of, confirm, reunions
from tcmr.types import Dropped, Frame, Track

Map = Callable[..., Iterable[Any]]

MOST_STEP = 0.3  # how far off that way a person is believed to be who is read behind another
PATIENCE_FRAMES = 5  # at 30 fps without a reading, until a person is lost
REUNION_S = 2.0  # how long a lost person is waited for
FAITH_S = 3.0  # how long a person is followed whom no detection confirms
LONGEST_BRIDGE = 10  # frames
MOST_BYTES = 256_000_000  # of earlier frames, to be looked back at
REMEMBERED = 300  # readings of each person, where a clip has no end: more than a reunion looks back


class Tracker:
    """Finds the persons of a clip and follows each through it, one frame at a time.

    A detector looks at every `detect_every`-th frame, and sooner when somebody is lost. In between, each
    person is followed from the landmarks of one frame to the region of the next. Only numbers are kept, and
    the latest pictures. Ids count from 1 in the order of first appearance. Where the video cuts to another shot
    everybody is looked for anew, and gets a new id. Whoever is new is then read in the frames before too, back to the
    detection before.

    Above 30 frames per second, `detect_every` stands for as many frames as pass in the same time. The
    landmarker is called through `map`, which may read several persons at once. Without `measure_flow` tracks
    do not tell how the pictures moved; without `look_back` people are read only from where they were found.
    """

    def __init__(
        self,
        detector: Detector,
        landmarker: Landmarker,
        *,
        detect_every: int = 8,
        fps: float = 30.0,
        measure_flow: bool = True,
        look_back: bool = True,
        map: Map = map,
    ):
        self._detector = detector
        self._reader = Reader(landmarker)
        pace = max(1.0, fps / 30)
        self._detect_every = round(pace * detect_every)
        self._patience = round(pace * PATIENCE_FRAMES)
        self._measure_flow = measure_flow
        self._map = map
        self._persons: list[Person] = []
        self._person_count = 0
        self._frames_since_detection = self._detect_every
        self._frame_count = 0
        self._frame_index, self._time_s = -1, 0.0
        self._looks_back = look_back
        self._earlier: deque[Frame] = deque(maxlen=self._detect_every if look_back else 1)
        self._begins_shot = ShotCuts()
        self._is_cut = False
        self.shots = [0]  # the first frame of each

    def step(self, frame: Frame) -> None:
        """Take in the next frame of the clip."""
        self._frame_count += 1
        self._frame_index, self._time_s = frame.index, frame.time_s
        if self._begins_shot(frame.rgb) or self._is_cut:
            self._leave_shot()
        followed = [person for person in self._persons if person.region is not None]
        regions = [person.region for person in followed]
        readings = dict(
            zip(followed, self._map(partial(self._reader.in_region, frame), regions), strict=True)
        )
        self._frames_since_detection += 1
        all_read = all(self._is_believed(person, reading) for person, reading in readings.items())
        if self._frames_since_detection >= self._wait(all_read):
            self._frames_since_detection = 0
            self._detect(frame, readings)
        believed = {person: each for person, each in readings.items() if self._is_believed(person, each)}
        hide_doubles(believed, partial(self._read_behind, frame))
        if self._looks_back:
            for person, reading in believed.items():
                if not person.readings:
                    self._look_back(person, reading)
        before = self._earlier[-1] if self._earlier else None
        moved = self._map(partial(self._with_flow, before, frame), believed, believed.values())
        for person, reading in zip(believed, moved, strict=True):
            person.record(reading)
        for person in readings:
            if person not in believed:
                person.miss(self._patience)
        self._remember(frame)

    def cut(self) -> None:
        """Let the next frame begin another shot, whatever it shows."""
        self._is_cut = True

    @property
    def frames_to_detection(self) -> int:
        """How many frames on the detector is asked next, unless somebody is lost or found by then."""
        all_read = all(person.missed == 0 for person in self._persons if person.region is not None)
        return max(1, self._wait(all_read) - self._frames_since_detection)

    def finish(
        self, *, min_frames: int = 10, max_persons: int | None = None
    ) -> tuple[list[Track], list[Dropped]]:
        """Return the tracks of the persons worth keeping, and who else was seen.

        A person counts who was read in `min_frames` frames, or in all frames of a shorter clip. Of more than
        `max_persons`, the most prominent stay.
        """
        kept, dropped = select_persons(
            self._persons, min(min_frames, self._frame_count), max_persons, self._detect_every
        )
        tracks = [segments(person.id, person.readings, LONGEST_BRIDGE) for person in kept]
        return list(chain.from_iterable(tracks)), dropped

    def latest(self) -> dict[int, Reading]:
        """Return who was read in the latest frame, by id."""
        followed = [person for person in self._persons if person.region is not None]
        last = {person.id: person.readings[-1] for person in followed if person.readings}
        return {id: reading for id, reading in last.items() if reading.frame_index == self._frame_index}

    def forget(self) -> None:
        """Drop what following goes without: persons who are lost for good, and readings of long ago.

        With it a clip may last for ever; `finish` knows only what is left.
        """
        self._persons = [
            person
            for person in self._persons
            if person.region is not None or self._time_s - person.last.time_s <= REUNION_S
        ]
        for person in self._persons:
            person.readings.forget(REMEMBERED)

    def _leave_shot(self) -> None:
        """Follow nobody on, and look for people at once."""
        self._is_cut = False
        self.shots.append(self._frame_index)
        self._frames_since_detection = self._detect_every
        self._earlier.clear()
        for person in self._persons:
            person.region = None

    def _remember(self, frame: Frame) -> None:
        """Keep the latest frames, no more than are looked back at."""
        self._earlier.append(frame)
        while len(self._earlier) > 1 and len(self._earlier) * frame.rgb.nbytes > MOST_BYTES:
            self._earlier.popleft()

    def _look_back(self, person: Person, found: Reading) -> None:
        """Record a new person's readings in earlier frames, as far back as they are sure and the person's own."""
        seen: list[tuple[Frame, Reading]] = []
        later = found
        for frame in reversed(self._earlier):
            later = self._reader.in_region(frame, later.landmarks.next_region)
            others = [each for other in self._persons if (each := other.reading_in(frame.index))]
            if later.landmarks.score < LEAST_SCORE or same_body(later, others):
                break
            seen.append((frame, later))
        before: Frame | None = None
        for frame, reading in reversed(seen):
            person.record(self._with_flow(before, frame, person, reading))
            person.first_frame = min(person.first_frame, frame.index)
            before = frame

    def _with_flow(self, before: Frame | None, frame: Frame, person: Person, reading: Reading) -> Reading:
        """Add how the person moved since the frame before, if the person was read in it."""
        last = person.reading_in(frame.index - 1)
        if not self._measure_flow or before is None or last is None:
            return reading
        flow = landmark_flow(before.rgb, frame.rgb, last.landmarks.xy_px, reading.landmarks.xy_px)
        return replace(reading, flow=flow)

    def _is_believed(self, person: Person, reading: Reading) -> bool:
        """Tell whether a reading is sure by itself, or lies where the person was just detected."""
        sighting = person.sighting
        if reading.landmarks.score >= LEAST_SCORE:
            return reading.time_s - sighting.time_s <= FAITH_S
        just_detected = reading.frame_index - sighting.frame_index <= self._detect_every
        return just_detected and overlap(boxes_of([reading]), boxes_of([sighting])).item() >= SURE_OVERLAP

    def _wait(self, all_read: bool) -> int:
        """Return after how many frames to look again: half as many while somebody is out of sight."""
        all_seen = all_read and not any(person.hiding for person in self._awaited())
        return self._detect_every if all_seen else self._detect_every // 2

    def _detect(self, frame: Frame, readings: FrameReadings) -> None:
        """Confirm who is followed, and add the readings of those who are found again or new."""
        whole = self._detector(frame.rgb).boxes_xyxy_px.astype(np.float64)
        height, width = frame.rgb.shape[:2]
        boxes = within(whole, width, height)
        sightings = [Sighting(frame.index, frame.time_s, *both) for both in zip(boxes, whole, strict=True)]
        unclaimed = confirm(readings, sightings)
        for person, sighting in reunions(self._awaited(), unclaimed):
            person.see(sighting)
            unclaimed.remove(sighting)
            others = [reading for other, reading in readings.items() if other is not person]
            if reading := self._reader.in_box(frame, sighting, boxes, others):
                readings[person] = reading
                untangle(person, readings)
        for sighting in unclaimed:
            self._person_count += 1
            person = Person(self._person_count, frame.index, sighting)
            self._persons.append(person)
            if reading := self._reader.in_box(frame, sighting, boxes, list(readings.values())):
                readings[person] = reading

    def _awaited(self) -> list[Person]:
        """Return the persons who may turn up again: seen not long ago in this shot, not by this frame's detections."""
        return [
            person
            for person in self._persons
            if self.shots[-1] <= person.last.frame_index
            and person.sighting.frame_index < self._frame_index
            and self._time_s - person.last.time_s <= REUNION_S
        ]

    def _read_behind(self, frame: Frame, person: Person, front: Reading) -> Reading | None:
        """Return the landmarks of a person just detected whose reading fell on the one in front."""
        just_detected = frame.index - person.sighting.frame_index <= 2 * self._detect_every
        if person.region is None or not just_detected:
            return None
        reading = self._reader.behind(frame, person.region, front)
        expected = person.box_since_sighting(frame.index)
        is_there = reading is not None and distance(expected, reading.box_xyxy_px) <= MOST_STEP
        return reading if is_there else None
