import numpy as np
import pytest

from tcmr.synth.hidden_face import hide_faces


def noisy_frames() -> list[np.ndarray]:
    return [np.random.default_rng(index).integers(0, 255, (80, 80, 3), dtype=np.uint8) for index in range(2)]


@pytest.mark.parametrize("seed", range(8))
def test_a_face_loses_its_detail_and_the_rest_stays(seed):
    frames = noisy_frames()
    hide_faces(
        frames, np.array([[30.0, 40.0], [50.0, 40.0]]), np.array([15.0, 15.0]), np.random.default_rng(seed)
    )
    rows, columns = np.mgrid[:80, :80] + 0.5
    for frame, before, x in zip(frames, noisy_frames(), (30, 50), strict=True):
        away = np.hypot(columns - x, rows - 40)
        np.testing.assert_array_equal(frame[away > 1.3 * 15], before[away > 1.3 * 15])
        inside = away < 0.7 * 15
        assert frame[inside].std() < 0.6 * before[inside].std()
        assert frame[inside].mean() == pytest.approx(before[inside].mean(), abs=15)


@pytest.mark.parametrize("center", [(0.0, 0.0), (79.0, 40.0), (-200.0, 40.0), (40.0, 500.0)])
def test_a_face_at_the_border_or_out_of_the_picture_is_no_trouble(center):
    frames = noisy_frames()
    hide_faces(frames, np.array([center] * 2), np.array([10.0, 10.0]), np.random.default_rng(0))
    changed = (frames[0] != noisy_frames()[0]).any()
    assert changed == (-10 < center[0] < 90 and center[1] < 90)
