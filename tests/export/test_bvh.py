"""What is particular to .bvh: angles."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from tcmr.export.bvh import euler_zxy_deg

ANGLE = st.floats(-180, 180)


@given(st.tuples(ANGLE, st.floats(-90, 90), ANGLE))
def test_angles_are_those_of_z_then_x_then_y(angles):
    z, x, y = (
        Rotation.from_euler(axis, angle, degrees=True) for axis, angle in zip("zxy", angles, strict=True)
    )
    rotmat = (z * x * y).as_matrix().astype(np.float32)
    found = euler_zxy_deg(rotmat[None, None])[0, 0]
    again = Rotation.from_euler("ZXY", found, degrees=True).as_matrix()
    np.testing.assert_allclose(again, rotmat, atol=2e-3)


def test_a_full_turn_goes_on_counting():
    turns = np.arange(0, 720, 10)
    rotmat = Rotation.from_euler("y", turns[:, None], degrees=True).as_matrix().astype(np.float32)[:, None]
    np.testing.assert_allclose(euler_zxy_deg(rotmat)[:, 0, 2], turns, atol=1e-2)
