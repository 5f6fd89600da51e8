"""What BlazePose says of somebody whom it sees clearly, without a picture."""

import numpy as np

from tcmr.types import Landmarks, Region

HERE = Region((0.0, 0.0), 1.0, 0.0)
NOWHERE = np.zeros((33, 2), np.float32)


def landmarks(
    region: Region = HERE,
    xy_px: np.ndarray = NOWHERE,
    score: float = 1.0,
    next_region: Region | None = None,
) -> Landmarks:
    """Make landmarks, all of them visible, on which both readings agree."""
    return Landmarks(
        region=region,
        next_region=next_region or region,
        xy_px=xy_px.astype(np.float32),
        visibility=np.ones(33, np.float32),
        presence=np.ones(33, np.float32),
        world_m=np.zeros((33, 3), np.float32),
        score=score,
        spread_px=np.zeros(33, np.float32),
    )
