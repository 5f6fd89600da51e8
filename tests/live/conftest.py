from collections.abc import Callable

import numpy as np
import pytest

from tcmr.types import Motion


@pytest.fixture(scope="session")
def motion_at() -> Callable[..., Motion]:
    """Return a maker of one frame's motion: somebody upright, three metres away."""

    def make(index: int, person: int = 1) -> Motion:
        rotmat = np.tile(np.eye(3, dtype=np.float32), (1, 24, 1, 1))
        rotmat[0, 0] = np.diag([1, -1, -1])
        return Motion(
            rotmat=rotmat,
            betas=np.zeros((1, 10), np.float32),
            camera=np.zeros((1, 3), np.float32),
            joints_m=np.zeros((1, 24, 3), np.float32),
            attention=np.zeros((1, 3), np.float32),
            frames=np.array([index]),
            fps=30.0,
            body="open",
            weights="none",
            person=person,
            transl_m=np.array([[0, 0, 3]], np.float32),
            boxes_xyxy_px=np.array([[10, 20, 30, 40.123456]], np.float32),
            bridged=np.array([False]),
        )

    return make
