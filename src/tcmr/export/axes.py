"""From the camera's axes to those of other programs: exports and the viewer's page swap axes by these alone."""

import numpy as np
from jaxtyping import Float32

Array = np.ndarray

# Camera (x right, y down, z forward) to y up (x right, z towards the viewer): glTF, BVH, USD, OpenSim.
Y_UP_FROM_CAMERA = np.diag([1, -1, -1]).astype(np.float32)
# Y up to z up (x right, y away from the viewer): AMASS.
Z_UP_FROM_Y_UP = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]], np.float32)


def turned_points(axes: Float32[Array, "3 3"], points_m: Float32[Array, "*batch 3"]) -> Array:
    """Return the coordinates of points in the other axes."""
    return points_m @ axes.T


def turned_root(
    axes: Float32[Array, "3 3"], rotmat: Float32[Array, "frames 24 3 3"]
) -> Float32[Array, "frames 24 3 3"]:
    """Return a pose in the other axes: only the pelvis' rotation is relative to them."""
    return np.concatenate([axes @ rotmat[:, :1], rotmat[:, 1:]], 1)
