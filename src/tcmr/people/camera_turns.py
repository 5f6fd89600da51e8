"""How the camera turns, seen in what stands still: corners of the background, followed from picture to picture.

Only turning is measured, about the camera's own centre. That is all a camera does that is panned or shaken on one spot,
and it moves the whole background by one rule, near or far. People are left out, and what else moves is outvoted.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from jaxtyping import Float, Float32, Int64, UInt8
from scipy.spatial.transform import Rotation, Slerp

from tcmr.camera import CameraMovement, PinholeCamera
from tcmr.people.corners import Box, Grey, Points, corners, followed, in_boxes, surroundings, widened
from tcmr.people.focal import told_focal_px
from tcmr.people.turn import LEAST_SPREAD_PX, turn_between, unexplained_px
from tcmr.types import Frame

Array = np.ndarray

MEASURED_FPS = 30.0  # of more frames a second, some are passed over
LONG_SIDE_PX = 480  # of the grey picture in which corners are followed; the lengths below are its pixels
# Where so many of the corners lie where they lay, the camera has not turned, whatever else goes by.
STILL_PX, STILL_SHARE = 0.6, 0.4
# New corners are looked for where fewer are left, or a smaller share, or where they have gone farther.
FEWEST, LEAST_SHARE, FARTHEST_PX = 12, 0.6, 60.0
OWN_WAY_PX = 1.5  # that a turn leaves unexplained: such a corner goes by itself
# A turn that leaves so much of the corners' way unexplained is none. That is told of ways so long, if so many are.
MOST_UNEXPLAINED, LONG_WAY_PX, LEAST_MOVING = 0.4, 5.0, 0.1
# So long ways tell the focal length; the longest of each choice of corners is kept, of the latest choices.
TELLING_PX, MOST_PAIRS = 25.0, 20


class CameraTurns:
    """Measures, frame after frame, how the camera is turned against the first frame of the shot."""

    def __init__(self, camera: PinholeCamera, width: int, height: int, fps: float):
        self._scale = min(1.0, LONG_SIDE_PX / max(width, height))
        self._size = max(1, round(width * self._scale)), max(1, round(height * self._scale))
        x, y = camera.center_xy_px
        self._camera = PinholeCamera(camera.focal_px * self._scale, (x * self._scale, y * self._scale))
        self._every = max(1, round(fps / MEASURED_FPS))
        self._shots, self._frames = array("q"), array("q")  # of the frames that were looked at
        self._quaternions, self._unexplained = array("d"), array("d")
        self._blind = 0
        self._pairs: deque[tuple[Points, Points]] = deque(maxlen=MOST_PAIRS)

    def step(self, frame: Frame, people_xyxy_px: Iterable[Box], shot: int) -> None:
        """Take in the next frame, the boxes of people in it, and the first frame of its shot."""
        begins = not self._shots or self._shots[-1] != shot
        if not begins and (frame.index - shot) % self._every:
            return
        grey = self._small(frame.rgb)
        people = [widened(box * self._scale) for box in people_xyxy_px]
        if begins:
            self._start(grey, people, Rotation.identity())
        else:
            self._follow(grey, people)
        self._before = grey
        self._shots.append(shot)
        self._frames.append(frame.index)
        self._quaternions.extend(self._turn.as_quat())

    def rotmat(self, frames: Int64[Array, " frames"]) -> Float32[Array, "frames 3 3"] | None:
        """Return the turns from the camera's axes in frames of one shot to those that it had in the shot's first.

        None where it did not turn all through the shot.
        """
        shot = self._shots[bisect_right(self._frames, frames[0]) - 1]
        of_shot = slice(bisect_left(self._shots, shot), bisect_right(self._shots, shot))
        at, turns = self._frames[of_shot], self._turns(of_shot)
        if not turns.magnitude().any():
            return None
        return Slerp(at, turns)(np.clip(frames, at[0], at[-1])).as_matrix().astype(np.float32)

    def movement(self) -> CameraMovement:
        """Return how the camera moved, all in all."""
        moves = len(self._unexplained) > LEAST_MOVING * len(self._frames)
        focal_px = told_focal_px(self._pairs, self._camera)
        return CameraMovement(
            turned_deg=math.degrees(self._turns(slice(None)).magnitude().max(initial=0)),
            unexplained=float(np.median(self._unexplained)) if moves else 0.0,
            blind=self._blind / max(1, len(self._frames)),
            focal_px=None if focal_px is None else focal_px / self._scale,
        )

    def _turns(self, rows: slice) -> Rotation:
        return Rotation.from_quat(np.array(self._quaternions).reshape(-1, 4)[rows])

    def _start(self, grey: Grey, people: Sequence[Box], turn: Rotation, moving: Sequence[Box] = ()) -> None:
        """Look for new corners; where else something moves only if there are too few."""
        found = corners(grey, [*people, *moving])
        self._first_px = self._now_px = found if len(found) >= FEWEST else corners(grey, people)
        self._first_count = len(self._first_px)
        self._first_turn = self._turn = turn
        self._longest_way_px = TELLING_PX

    def _follow(self, grey: Grey, people: Sequence[Box]) -> None:
        """Follow the corners into the next picture, and see how the camera turned."""
        now_px, found = followed(self._before, grey, self._now_px)
        found &= ~in_boxes(now_px, people)
        self._first_px, self._now_px = self._first_px[found], now_px[found]
        ways_px = np.linalg.norm(self._now_px - self._first_px, axis=1)
        if len(ways_px) < FEWEST:
            self._blind += 1
        elif np.mean(ways_px < STILL_PX) >= STILL_SHARE:
            self._turn = self._first_turn
        else:
            self._measure(float(np.median(ways_px)))
        if len(ways_px) < max(FEWEST, LEAST_SHARE * self._first_count) or np.median(ways_px) > FARTHEST_PX:
            by_themselves = self._now_px[self._unexplained_px(self._since_first()) > OWN_WAY_PX]
            self._start(grey, people, self._turn, [surroundings(point) for point in by_themselves])

    def _measure(self, way_px: float) -> None:
        """See how the camera turned, by corners that have gone so far (median)."""
        turn = turn_between(self._first_px, self._now_px, self._camera, self._since_first())
        left_px = float(np.median(self._unexplained_px(turn)))
        if way_px > LONG_WAY_PX:
            self._unexplained.append(left_px / way_px)
        if left_px > max(MOST_UNEXPLAINED * way_px, LEAST_SPREAD_PX):
            return
        self._turn = self._first_turn * turn
        if way_px > self._longest_way_px:
            if self._longest_way_px > TELLING_PX:
                self._pairs.pop()
            self._pairs.append((self._first_px, self._now_px))
            self._longest_way_px = way_px

    def _since_first(self) -> Rotation:
        """Return the turn since the corners were chosen."""
        return self._first_turn.inv() * self._turn

    def _unexplained_px(self, since_first: Rotation) -> Float[Array, " points"]:
        return unexplained_px(self._first_px, self._now_px, self._camera, since_first)

    def _small(self, rgb: UInt8[Array, "_ _ 3"]) -> Grey:
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.resize(grey, self._size, interpolation=cv2.INTER_AREA), np.uint8)
