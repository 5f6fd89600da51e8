import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from tcmr.synth.lens import Lens, blurred, draw_lens


@pytest.mark.parametrize("sigma_px", [0.4, 1.0, 2.2])
@pytest.mark.parametrize("shape", [(40, 30, 3), (5, 7, 3), (1, 1, 3)])
def test_blur_is_scipys(sigma_px, shape):
    picture = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    reach = max(1, int(np.ceil(3 * sigma_px)))
    expected = gaussian_filter(picture, (sigma_px, sigma_px, 0), mode="nearest", radius=(reach, reach, 0))
    np.testing.assert_allclose(blurred(picture, sigma_px), expected, atol=1e-2)


def test_a_clean_lens_keeps_a_plain_picture():
    lens = Lens(blur_px=0.8, noise=None, gamma=1.0, shutter=0.0)
    picture = np.full((32, 32, 3), 77.4, np.float32)
    assert (lens.expose(picture, np.random.default_rng(0)) == 77).all()


def test_too_much_light_saturates():
    lens = Lens(blur_px=0.5, noise=None, gamma=1.0, shutter=0.0)
    picture = np.concatenate([np.full((16, 32, 3), 400), np.full((16, 32, 3), -50)]).astype(np.float32)
    taken = lens.expose(picture, np.random.default_rng(0))
    assert taken[0, 0, 0] == 255
    assert taken[-1, 0, 0] == 0


def test_gamma_is_a_power_of_the_tone():
    lens = Lens(blur_px=0.5, noise=None, gamma=1.3, shutter=0.0)
    taken = lens.expose(np.full((8, 8, 3), 100, np.float32), np.random.default_rng(0))
    assert taken[0, 0, 0] == int(255 * (100 / 255) ** 1.3)


def test_noise_has_its_strength_and_changes_from_frame_to_frame():
    rng = np.random.default_rng(0)
    lens = Lens(blur_px=0.5, noise=rng.normal(0, 5, (96, 96, 1)).astype(np.float32), gamma=1.0, shutter=0.0)
    first, second = (lens.expose(np.full((32, 32, 3), 120, np.float32), rng) for _ in range(2))
    assert first.std() == pytest.approx(5, rel=0.15)
    assert (first != second).mean() > 0.5


def test_lenses_vary():
    lenses = [draw_lens(64, np.random.default_rng(seed)) for seed in range(60)]
    assert 0.15 < np.mean([lens.shutter > 0 for lens in lenses]) < 0.5
    assert 0.2 < np.mean([lens.noise is not None for lens in lenses]) < 0.55
    assert min(lens.blur_px for lens in lenses) < 0.5
    assert max(lens.blur_px for lens in lenses) > 1.2
