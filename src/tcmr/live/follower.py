"""One person in pictures as they come: readings in, motion out."""

from dataclasses import replace

import numpy as np

from tcmr.camera import PinholeCamera
from tcmr.features.backbone import Pictures
from tcmr.features.boxes import smoothing_reach
from tcmr.features.extract import extract
from tcmr.loading import Models
from tcmr.model.stream import Stream
from tcmr.people.motion import Reading
from tcmr.people.readings import Readings
from tcmr.people.segments import segments
from tcmr.people.track import LONGEST_BRIDGE
from tcmr.types import Motion


class Follower:
    """Motion of one person over an unbroken stretch of frames.

    A frame is described `settle` frames after it was read, when its box can be smoothed, and its motion comes with
    the stream's lookahead after that. `pictures` gives the latest frames.
    """

    def __init__(
        self,
        first: Reading,
        *,
        person: int,
        models: Models,
        camera: PinholeCamera,
        stream: Stream,
        fps: float,
        settle: int,
        pictures: Pictures,
    ):
        self._person, self._models, self._camera = person, models, camera
        self._stream, self._fps, self._settle, self._pictures = stream, fps, settle, pictures
        self._last = first
        (self._track,) = segments(person, Readings([first]), LONGEST_BRIDGE)
        self._undescribed = 1
        self._bridged: dict[int, bool] = {first.frame_index: False}

    @property
    def last_frame(self) -> int:
        """The frame of the latest reading."""
        return self._last.frame_index

    def read(self, reading: Reading) -> list[Motion]:
        """Take in the next reading, after at most LONGEST_BRIDGE missed frames; return what is ready."""
        (pair,) = segments(self._person, Readings([self._last, reading]), LONGEST_BRIDGE)
        fresh = pair.part(slice(1, None))
        self._last = reading
        self._track = self._track.joined(fresh)
        self._undescribed += len(fresh.frames)
        self._bridged.update(zip(fresh.frames.tolist(), fresh.bridged.tolist(), strict=True))
        return self.ready()

    def ready(self) -> list[Motion]:
        """Return the motion of the frames that have waited long enough."""
        return self._described(leaving=self._settle)

    def finish(self) -> list[Motion]:
        """Return the motion of all frames that are still waiting."""
        return self._described(leaving=0) + [self._named(motion) for motion in self._stream.finish()]

    def _described(self, leaving: int) -> list[Motion]:
        motions = []
        while self._undescribed > leaving:
            row = len(self._track.frames) - self._undescribed
            rows = slice(row, row + 1)
            ((features, camera),) = extract(
                [self._track], self._models.backbone, self._camera, self._fps, self._pictures, rows
            )
            if motion := self._stream.push(features, camera):
                motions.append(self._named(motion))
            self._undescribed -= 1
            self._track = self._track.part(slice(max(0, row + 1 - smoothing_reach(self._fps)), None))
        return motions

    def _named(self, motion: Motion) -> Motion:
        bridged = self._bridged.pop(int(motion.frames[0]))
        return replace(motion, person=self._person, bridged=np.array([bridged]))
