"""Static features of one person as they come -> the motion of each frame, a few frames later, in constant memory.

The motion of a frame is what `Predictor.predict` gives for a clip that ends `lookahead` frames after it. With all
of a window's 7 this is the offline result; with fewer, what the window lacks is made up as at the end of any clip.
"""

from collections import deque
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from tcmr.camera import CropCameras
from tcmr.errors import TcmrError
from tcmr.model.height import with_height
from tcmr.model.predictor import Predictor, checked_features
from tcmr.model.tcmr import WHOLE_CLIP
from tcmr.model.windows import Edges
from tcmr.requirements import require_above_zero, require_one_of
from tcmr.types import Features, Motion

MOST_LOOKAHEAD = 7
# What a model without windows remembers: it could look back for ever, at a cost that grows with it.
PAST_FRAMES_WITHOUT_WINDOWS = 64


@dataclass(frozen=True)
class _Seen:
    """One frame as it was pushed."""

    features: Features
    camera: CropCameras | None


class Stream:
    """Motion of one person from features that come one at a time.

    `lookahead` is the latency in frames, 0 to 7: fewer is sooner and less accurate (docs/live.md has a table).
    `height_m` is the person's height, if it is known; it takes placed motions.
    """

    def __init__(
        self,
        model: Predictor,
        lookahead: int = MOST_LOOKAHEAD,
        fps: float = 30.0,
        edges: Edges = "reflect",
        height_m: float | None = None,
    ):
        """Begin with the first frame of a clip.

        Raises:
            TcmrError: the lookahead is not one of 0 to 7, or there are no such `edges`, or no such `fps`.
        """
        require_above_zero("fps", fps)
        require_one_of("edges", edges, Edges)
        if not 0 <= lookahead <= MOST_LOOKAHEAD:
            raise TcmrError(f"lookahead must be 0 to {MOST_LOOKAHEAD} frames, not {lookahead}")
        window = model.tcmr.config.window
        past = PAST_FRAMES_WITHOUT_WINDOWS if window == WHOLE_CLIP else window // 2
        self.lookahead = lookahead
        self._model, self._fps, self._edges, self._height_m = model, fps, edges, height_m
        self._seen: deque[_Seen] = deque(maxlen=past + 1 + lookahead)
        self._count = 0
        self._waiting = 0

    def push(
        self, feature: Features | Float[np.ndarray, " size"], camera: CropCameras | None = None
    ) -> Motion | None:
        """Take in the next frame; return the motion, one frame long, of the frame `lookahead` before it.

        `feature` is one static feature, or `Features` of one frame, which keep their frame number and box. With
        the crop's `camera` (a batch of one) the motion is placed in the frame's camera. None: there is no such
        frame yet.

        Raises:
            TcmrError: the feature is not what the model takes.
        """
        if not isinstance(feature, Features):
            feature = Features(np.asarray(feature, np.float32)[None], np.array([self._count]))
        checked_features(feature, self._model.tcmr.config.feature_size)
        self._seen.append(_Seen(feature, camera))
        self._count += 1
        self._waiting += 1
        return self._next() if self._waiting > self.lookahead else None

    def finish(self) -> list[Motion]:
        """Return the motion of the frames that are still waiting, and start anew."""
        motions = [self._next() for _ in range(self._waiting)]
        self._seen.clear()
        self._count = 0
        return motions

    def _next(self) -> Motion:
        """Return the motion of the frame that has waited longest."""
        row = len(self._seen) - self._waiting
        self._waiting -= 1
        features = Features(
            np.concatenate([seen.features.static for seen in self._seen]),
            np.concatenate([seen.features.frames for seen in self._seen]),
        )
        target = self._seen[row]
        motion = self._model.predict_frame(features, row, self._fps, self._edges, target.camera)
        if self._height_m is not None and target.camera is not None:
            motion = with_height(motion, self._height_m, target.camera, self._model.body)
        return replace(motion, boxes_xyxy_px=target.features.boxes_xyxy_px)
