"""Everybody in pictures as they come: frames in, motion out, in constant memory."""

from collections import deque

from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.live.follower import Follower
from tcmr.loading import Models
from tcmr.model.predictor import Predictor
from tcmr.model.stream import MOST_LOOKAHEAD, Stream
from tcmr.options import Options
from tcmr.people.motion import Reading
from tcmr.people.track import LONGEST_BRIDGE, Tracker
from tcmr.types import Dropped, Frame, Motion, Track


class PeopleStream:
    """Motion of everybody in frames that come one at a time.

    The motion of a frame comes `lookahead + settle` frames after it; later where a person was out of sight for a
    moment, because the gap is bridged from both sides. `settle` frames (12 at 30 fps) wait for the smoothing of
    the crops to be what it is offline; without them it goes by the past alone. What following takes back
    offline when two persons have met, it cannot take back here. With `remember`, the landmarks of all frames are
    kept for `tracks`, and memory grows with them.
    """

    def __init__(
        self,
        models: Models,
        camera: PinholeCamera,
        fps: float,
        options: Options = Options(),
        lookahead: int = MOST_LOOKAHEAD,
        settle: int = 0,
        remember: bool = False,
    ):
        """Begin with the first frame.

        Raises:
            TcmrError: the lookahead is not one of 0 to 7, or a post-filter or motion without TCMR is asked for.
        """
        if not isinstance(models.predictor, Predictor):
            raise TcmrError("live motion is TCMR's: leave --temporal out")
        if options.smooth != "none":
            raise TcmrError("live motion has no post-filter: leave --smooth out")
        if settle < 0:
            raise TcmrError(f"settle must be 0 frames or more, not {settle}")
        self.latency = lookahead + settle
        self._models, self._camera, self._fps, self._options = models, camera, fps, options
        self._predictor, self._lookahead, self._settle = models.predictor, lookahead, settle
        self._remember = remember
        self._new_stream(height_m=None)  # so that a wrong lookahead is told at once
        self._tracker = Tracker(
            models.detector,
            models.landmarker,
            detect_every=options.detect_every,
            fps=fps,
            measure_flow=remember and options.fits,
            look_back=False,
        )
        self._followers: dict[int, Follower] = {}
        self._pictures: deque[Frame] = deque(maxlen=settle + LONGEST_BRIDGE + 1)

    def push(self, frame: Frame) -> list[Motion]:
        """Take in the next frame; return the motions that are ready, each one frame long."""
        self._pictures.append(frame)
        self._tracker.step(frame)
        motions = []
        for person, reading in self._tracker.latest().items():
            if person in self._followers:
                motions += self._followers[person].read(reading)
            else:
                self._followers[person] = self._new_follower(person, reading)
                motions += self._followers[person].ready()
        gone = [
            person
            for person, each in self._followers.items()
            if frame.index - each.last_frame > LONGEST_BRIDGE
        ]
        for person in gone:
            motions += self._followers.pop(person).finish()
        if not self._remember:
            self._tracker.forget()
        return motions

    def cut(self) -> list[Motion]:
        """Return the motions that are still waiting; in what comes next everybody is found anew, with a new id."""
        self._tracker.cut()
        self._pictures.clear()
        return self.finish()

    def finish(self) -> list[Motion]:
        """Return the motions that are still waiting."""
        motions = [motion for follower in self._followers.values() for motion in follower.finish()]
        self._followers.clear()
        return motions

    def tracks(self) -> tuple[list[Track], list[Dropped]]:
        """Return everybody's tracks as far as they are remembered, and who is hardly a person."""
        return self._tracker.finish(min_frames=1)

    def _new_follower(self, person: int, first: Reading) -> Follower:
        return Follower(
            first,
            person=person,
            models=self._models,
            camera=self._camera,
            stream=self._new_stream(self._options.height_m(person)),
            fps=self._fps,
            settle=self._settle,
            pictures=lambda: self._pictures,
        )

    def _new_stream(self, height_m: float | None) -> Stream:
        return Stream(self._predictor, self._lookahead, self._fps, self._options.edges, height_m)
