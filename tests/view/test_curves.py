from dataclasses import replace

import numpy as np
import pytest

from tcmr.view.curves import acceleration_m_s2, mean_known, speed_m_s


@pytest.fixture
def thrown(make_motion):
    """Return a motion in which every joint falls: 4.905 m/s^2 times time squared, with a gap."""
    frames = np.r_[0:6, 10:12, 20]
    motion = make_motion(1, frames)
    joints_m = np.zeros_like(motion.joints_m)
    joints_m[..., 1] = (4.905 * (frames / motion.fps) ** 2)[:, None]
    return replace(motion, joints_m=joints_m)


def test_speed_is_that_of_the_fall(thrown):
    middles = (thrown.frames - 0.5) / thrown.fps
    expected = np.where(np.isin(thrown.frames, [0, 10, 20]), np.nan, 9.81 * middles)
    np.testing.assert_allclose(speed_m_s(thrown), expected, rtol=1e-3)


def test_acceleration_is_gravity_and_unknown_at_the_ends_of_stretches(thrown):
    expected = np.where(np.isin(thrown.frames, [1, 2, 3, 4]), 9.81, np.nan)
    np.testing.assert_allclose(acceleration_m_s2(thrown), expected, rtol=1e-3)
    assert mean_known(acceleration_m_s2(thrown)) == pytest.approx(9.81, rel=1e-3)


def test_of_one_frame_nothing_is_known(make_motion):
    alone = make_motion(1, np.array([4]))
    assert np.isnan(speed_m_s(alone)).all()
    assert mean_known(acceleration_m_s2(alone)) == 0
