"""A landmarker for tests of all that is around one."""

import numpy as np

from tcmr.types import Landmarks, Region


class BrightnessReader:
    """A landmarker that costs nothing: all it "sees" depends on the picture, and it never loses the person."""

    def __init__(self, landmark_weights: str = ""):
        self.landmark_weights = landmark_weights

    def __call__(self, rgb: np.ndarray, region: Region) -> Landmarks:
        beliefs = np.full(33, 0.9, np.float32)
        points = np.full((33, 2), rgb.mean(), np.float32)
        return Landmarks(
            region=region,
            next_region=region,
            xy_px=points,
            visibility=beliefs,
            presence=beliefs,
            world_m=np.zeros((33, 3), np.float32),
            score=0.9,
            spread_px=np.zeros(33, np.float32),
            pooled=np.full(1152, rgb.std(), np.float32),
        )
