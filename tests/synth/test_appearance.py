import numpy as np
import pytest

from tcmr.joints import SMPL_24, indices
from tcmr.synth.appearance import FEET, HANDS, Anatomy, dress, waves


@pytest.fixture(scope="module")
def anatomy(open_body) -> Anatomy:
    return Anatomy.of(open_body)


@pytest.fixture(scope="module")
def looks(anatomy):
    return [dress(anatomy, np.random.default_rng(seed)) for seed in range(40)]


def test_parts_of_the_body_are_where_they_belong(anatomy):
    x, y, z = anatomy.rest_m.T
    assert x[anatomy.moved_by(["left_wrist", "left_hand"])].min() > 0.4
    assert y[anatomy.moved_by(["left_foot", "right_foot"])].max() < y[anatomy.moved_by(["head"])].min()
    assert anatomy.point("nose")[2] > z[anatomy.moved_by(["head"])].mean()
    np.testing.assert_array_equal(anatomy.joint("pelvis"), anatomy.joints_m[indices(SMPL_24, "pelvis")[0]])


def test_distance_is_to_the_nearest_point(anatomy):
    distances = anatomy.distance_m("left_ear", "right_ear")
    assert distances[anatomy.moved_by(["head"])].min() == 0
    assert distances.min() == 0
    assert distances.max() == pytest.approx(
        max(
            np.linalg.norm(anatomy.rest_m - anatomy.point(ear), axis=1).max()
            for ear in ("left_ear", "right_ear")
        ),
        rel=0.2,
    )


def test_colours_and_cloth_stay_plausible(looks):
    for look in looks:
        assert look.rgb.min() >= 0
        assert look.rgb.max() <= 255
        assert look.thickness_m.min() >= 0
        assert look.thickness_m.max() < 0.05


def test_persons_look_different_and_each_is_reproducible(anatomy, looks):
    assert len({look.rgb.tobytes() for look in looks}) == len(looks)
    again = dress(anatomy, np.random.default_rng(3))
    np.testing.assert_array_equal(again.rgb, looks[3].rgb)
    np.testing.assert_array_equal(again.thickness_m, looks[3].thickness_m)


def test_some_go_bare_and_some_are_dressed(anatomy, looks):
    """Cloth stands off the skin: on the chest of most, on the feet of many, hardly ever on the hands."""
    chest = anatomy.moved_by(["spine2"])
    dressed = [np.mean(look.thickness_m[chest] > 0) > 0.5 for look in looks]
    assert 0.6 * len(looks) < sum(dressed) < len(looks)
    shod = [np.mean(look.thickness_m[anatomy.moved_by(FEET)] > 0) > 0.3 for look in looks]
    assert 0.4 * len(looks) < sum(shod) < len(looks)
    gloved = [np.mean(look.thickness_m[anatomy.moved_by(HANDS)] > 0) > 0.7 for look in looks]
    assert sum(gloved) < 0.3 * len(looks)


def test_eyes_are_dark(anatomy, looks):
    eye = anatomy.distance_m("left_eye", "right_eye") < 0.008
    front = anatomy.moved_by(["head"]) & (anatomy.normals[:, 2] > 0.2)
    assert np.mean([look.rgb[eye & front].mean() < look.rgb[front].mean() for look in looks]) > 0.8


def test_waves_are_smooth_and_in_range():
    rng = np.random.default_rng(0)
    line = np.stack([np.linspace(0, 1, 1000), np.zeros(1000), np.zeros(1000)], 1)
    values = waves(line, 10.0, rng)
    assert np.abs(values).max() <= 1.5
    assert np.abs(np.diff(values)).max() < 0.1
