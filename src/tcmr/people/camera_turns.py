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
from jaxtyping import Bool, Float, Float32, Int64, UInt8
from scipy.spatial.transform import Rotation, Slerp

from tcmr.camera import CameraMovement, PinholeCamera
from tcmr.people.focal import told_focal_px
from tcmr.people.turn import LEAST_SPREAD_PX, Points, left_px, turn_between
from tcmr.types import Frame

Array = np.ndarray
Grey = UInt8[Array, "height width"]
Box = Float[Array, "4"]

MEASURED_FPS = 30.0  # of more frames a second, some are passed over
LONG_SIDE_PX = 480  # of the grey picture in which corners are followed; the lengths below are its pixels
# Far apart, so that nothing that moves has most of them.
MOST_CORNERS, LEAST_QUALITY, APART_PX = 150, 0.003, 24
MARGIN = 0.1  # of a person's box, around it
WINDOW_PX, HALVINGS = 15, 4  # of Lucas and Kanade
MOST_DISAGREEMENT_PX = 0.5  # of a corner that is followed there and back
# Where so many of the corners lie where they lay, the camera has not turned, whatever else goes by.
STILL_PX, STILL_SHARE = 0.6, 0.4
# New corners are looked for where fewer are left, or a smaller share, or where they have gone farther.
FEWEST, LEAST_SHARE, FARTHEST_PX = 12, 0.6, 60.0
MOST_OFF_PX = 1.5  # of a corner; what is farther off goes its own way
# It is asked how much of the corners' way the turn explains where they have gone so far, in so many of the frames.
FAR_PX, LEAST_MOVING = 5.0, 0.1
# Corners that have gone so far tell the focal length; of each choice of corners those places are kept, the latest ones.
TELLING_PX, MOST_PAIRS = 25.0, 100
MOST_LEFT = 0.4  # of the corners' way: a turn that leaves more than this unexplained is none


class CameraTurns:
    """Measures, frame after frame, how the camera is turned against the first frame of the shot."""

    def __init__(self, camera: PinholeCamera, width: int, height: int, fps: float):
        self._scale = min(1.0, LONG_SIDE_PX / max(width, height))
        self._height, self._width = (max(1, round(side * self._scale)) for side in (height, width))
        x, y = camera.center_xy_px
        self._camera = PinholeCamera(camera.focal_px * self._scale, (x * self._scale, y * self._scale))
        self._every = max(1, round(fps / MEASURED_FPS))
        self._shots, self._frames = array("q"), array("q")  # of the frames that were measured
        self._quaternions, self._unexplained = array("d"), array("d")
        self._pairs: deque[tuple[Points, Points]] = deque(maxlen=MOST_PAIRS)

    def step(self, frame: Frame, people_xyxy_px: Iterable[Box], shot: int) -> None:
        """Take in the next frame, the boxes of people in it, and the first frame of its shot."""
        begins = not self._shots or self._shots[-1] != shot
        if not begins and (frame.index - shot) % self._every:
            return
        grey = self._small(frame.rgb)
        people = [_widened(box * self._scale) for box in people_xyxy_px]
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
        measured = slice(bisect_left(self._shots, shot), bisect_right(self._shots, shot))
        at, turns = self._frames[measured], self._turns()[measured]
        if not turns.magnitude().any():
            return None
        return Slerp(at, turns)(np.clip(frames, at[0], at[-1])).as_matrix().astype(np.float32)

    def movement(self) -> CameraMovement:
        """Return how the camera moved, all in all."""
        turned_rad = float(self._turns().magnitude().max(initial=0))
        moves = len(self._unexplained) > LEAST_MOVING * len(self._frames)
        focal_px = told_focal_px(self._pairs, self._camera)
        return CameraMovement(
            turned_deg=math.degrees(turned_rad),
            unexplained=float(np.median(self._unexplained)) if moves else 0.0,
            focal_px=None if focal_px is None else focal_px / self._scale,
        )

    def _turns(self) -> Rotation:
        return Rotation.from_quat(np.array(self._quaternions).reshape(-1, 4))

    def _start(self, grey: Grey, people: Sequence[Box], turn: Rotation, moving: Sequence[Box] = ()) -> None:
        """Look for new corners; where else something moves only if there are too few."""
        found = corners(grey, [*people, *moving])
        self._first_px = self._now_px = found if len(found) >= FEWEST else corners(grey, people)
        self._count = len(self._first_px)
        self._first_turn = self._turn = turn
        self._farthest_px = TELLING_PX

    def _follow(self, grey: Grey, people: Sequence[Box]) -> None:
        """Follow the corners into the next picture, and see how the camera turned."""
        now_px, found = followed(self._before, grey, self._now_px)
        found &= ~_in_boxes(now_px, people)
        self._first_px, self._now_px = self._first_px[found], now_px[found]
        gone_px = np.linalg.norm(self._now_px - self._first_px, axis=1)
        if len(gone_px) >= FEWEST:
            self._measure(float(np.median(gone_px)))
        if len(gone_px) < max(FEWEST, LEAST_SHARE * self._count) or np.median(gone_px) > FARTHEST_PX:
            off_px = self._left_px(self._first_turn.inv() * self._turn)
            moving = [_square(point) for point in self._now_px[off_px > MOST_OFF_PX]]
            self._start(grey, people, self._turn, moving)

    def _measure(self, way_px: float) -> None:
        """See how the camera turned, by corners that have gone so far (median)."""
        since_first = self._turn_since_first()
        off_px = float(np.median(self._left_px(since_first)))
        if off_px <= max(MOST_LEFT * way_px, LEAST_SPREAD_PX):
            self._turn = self._first_turn * since_first
        if way_px > FAR_PX:
            self._unexplained.append(off_px / way_px)
        if way_px > self._farthest_px:
            if self._farthest_px > TELLING_PX:
                self._pairs.pop()
            self._pairs.append((self._first_px, self._now_px))
            self._farthest_px = way_px

    def _turn_since_first(self) -> Rotation:
        stays = np.linalg.norm(self._now_px - self._first_px, axis=1) < STILL_PX
        if stays.mean() >= STILL_SHARE:
            return Rotation.identity()
        likely = self._first_turn.inv() * self._turn
        return turn_between(self._first_px, self._now_px, self._camera, likely)

    def _left_px(self, since_first: Rotation) -> Float[Array, " points"]:
        return left_px(self._first_px, self._now_px, self._camera, since_first)

    def _small(self, rgb: UInt8[Array, "_ _ 3"]) -> Grey:
        size = self._width, self._height
        grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def corners(grey: Grey, people: Sequence[Box]) -> Points:
    """Return corners of the picture outside boxes of people."""
    background = np.full(grey.shape, 255, np.uint8)
    for left, top, right, bottom in people:
        background[max(0, int(top)) : max(0, int(bottom)), max(0, int(left)) : max(0, int(right))] = 0
    found = cv2.goodFeaturesToTrack(grey, MOST_CORNERS, LEAST_QUALITY, APART_PX, mask=background)
    return np.empty((0, 2), np.float32) if found is None else found[:, 0]


def followed(before: Grey, now: Grey, points: Points) -> tuple[Points, Bool[Array, " points"]]:
    """Return where points of a picture lie in the next, and which were found there.

    Source: Lucas and Kanade, "An iterative image registration technique", IJCAI 1981; Bouguet's pyramids.
    """
    if not len(points):
        return points, np.zeros(0, bool)
    there, found = _tracked(before, now, points)
    back, found_again = _tracked(now, before, there)
    return there, found & found_again & (np.linalg.norm(back - points, axis=1) < MOST_DISAGREEMENT_PX)


def _tracked(one: Grey, other: Grey, points: Points) -> tuple[Points, Bool[Array, " points"]]:
    found, status, _ = cv2.calcOpticalFlowPyrLK(
        one, other, points[:, None], np.empty(0, np.float32), winSize=(WINDOW_PX,) * 2, maxLevel=HALVINGS
    )
    return found[:, 0], status[:, 0] > 0


def _widened(box: Box) -> Box:
    margin_px = MARGIN * (box[2:] - box[:2]).max()
    return box + margin_px * np.array([-1, -1, 1, 1])


def _square(point: Float32[Array, "2"]) -> Box:
    """Return the surroundings of a corner."""
    return np.concatenate([point - APART_PX, point + APART_PX]).astype(np.float64)


def _in_boxes(points: Points, boxes: Sequence[Box]) -> Bool[Array, " points"]:
    """Tell which points lie in any of the boxes."""
    inside = np.zeros(len(points), bool)
    for box in boxes:
        inside |= ((points > box[:2]) & (points < box[2:])).all(1)
    return inside
