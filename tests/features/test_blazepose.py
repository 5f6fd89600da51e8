from itertools import islice

import numpy as np
import pytest

from tcmr.assets import fetch
from tcmr.features.blazepose import BlazePose
from tcmr.features.region import region_around_box, to_region
from tcmr.features.tuned import OPEN, OWN, weights_named
from tcmr.joints import BLAZEPOSE_33, indices
from tcmr.people.sides import BACK_AND_FRONT
from tcmr.types import Landmarks, Region
from tcmr.video.read import open_clip

MAN, HIPS_Y = np.array([533.0, 80, 768, 458]), 265  # drawn by hand in the frame below


@pytest.fixture(scope="module")
def rgb() -> np.ndarray:
    with open_clip(fetch("sample-clip")) as reader:
        return next(islice(reader, 44, None)).rgb


@pytest.fixture(scope="module", params=[OWN, OPEN])
def blazepose(request) -> BlazePose:
    return BlazePose(weights=weights_named(request.param))


@pytest.fixture(scope="module")
def man(blazepose, rgb) -> Landmarks:
    first = blazepose(rgb, region_around_box(MAN))
    return blazepose(rgb, first.next_region)


def test_landmarks_are_where_the_eye_sees_them(man):
    seen = {"nose": (632, 112), "right_wrist": (547, 278), "left_wrist": (743, 265)}
    found = man.xy_px[indices(BLAZEPOSE_33, seen)]
    np.testing.assert_allclose(found, list(seen.values()), atol=20)
    assert man.score > 0.9
    assert man.visibility[indices(BLAZEPOSE_33, seen)].min() > 0.8


def test_world_landmarks_stand_upright_in_metres(man):
    nose, left_wrist, right_wrist, ankle = man.world_m[
        indices(BLAZEPOSE_33, ["nose", "left_wrist", "right_wrist", "left_ankle"])
    ]
    assert 1.2 < ankle[1] - nose[1] < 1.8
    assert left_wrist[0] > right_wrist[0]  # he faces the camera


def test_the_next_region_encloses_the_man_upright(man):
    inside = to_region(man.next_region, man.xy_px)
    assert inside.min() > 0
    assert inside.max() < 1
    assert abs(man.next_region.rotation_rad) < 0.2


def test_he_is_looked_for_where_all_of_him_is_also_where_a_desk_hides_his_legs(blazepose, rgb, man):
    """Shown head and chest alone, BlazePose's detector tells where the rest is."""
    desk = rgb.copy()
    desk[HIPS_Y:] = 90
    seen = np.array([*MAN[:3], HIPS_Y])
    whole, plain = blazepose.regions_around(desk, seen)
    assert plain == region_around_box(seen)
    assert whole.size_px == pytest.approx(man.next_region.size_px, rel=0.2)
    np.testing.assert_allclose(
        whole.center_xy_px, man.next_region.center_xy_px, atol=0.1 * man.next_region.size_px
    )
    read = blazepose(desk, whole)
    nose, shoulders = BLAZEPOSE_33.index("nose"), indices(BLAZEPOSE_33, ["left_shoulder", "right_shoulder"])
    np.testing.assert_allclose(read.xy_px[nose], man.xy_px[nose], atol=15)
    np.testing.assert_allclose(read.xy_px[shoulders], man.xy_px[shoulders], atol=25)


def test_a_box_that_reaches_out_of_the_picture_is_believed_first(blazepose, rgb):
    left, top, right, _ = MAN
    alone = np.ascontiguousarray(rgb[:HIPS_Y])
    first, whole = blazepose.regions_around(alone, MAN)
    assert first == region_around_box(MAN)
    assert next(blazepose.regions_around(alone, np.array([left, top, right, HIPS_Y]))) == whole


@pytest.mark.parametrize("box", [(-50.0, -50, -10, -10), (100.0, 100, 100, 300), (0.0, 0, 40, 40)])
def test_where_nobody_is_seen_the_box_is_all_there_is(blazepose, rgb, box):
    assert list(blazepose.regions_around(rgb, np.array(box))) == [region_around_box(np.array(box))]


def test_a_turned_picture_has_turned_landmarks(blazepose, rgb, man):
    """Turn the frame a quarter clockwise, and the region with it: the network sees the very same crop."""
    height = rgb.shape[0]
    (x, y), size_px = man.region.center_xy_px, man.region.size_px
    # Crops sample at their pixels' corners, so a turned grid of pixels is off by one.
    turned_region = Region((height - 1 - y, x), size_px, man.region.rotation_rad + np.pi / 2)
    turned = blazepose(np.ascontiguousarray(np.rot90(rgb, -1)), turned_region)
    x, y, z = man.world_m.T
    np.testing.assert_allclose(turned.world_m, np.stack([-y, x, z], axis=1), atol=1e-3)
    expected_px = np.stack([height - 1 - man.xy_px[:, 1], man.xy_px[:, 0]], axis=1)
    np.testing.assert_allclose(turned.xy_px, expected_px, atol=0.1)
    np.testing.assert_allclose(turned.pooled, man.pooled, atol=1e-2)


def test_nobody_in_the_sky(blazepose, rgb):
    assert blazepose(rgb, Region((200.0, 60.0), 100.0, 0.0)).score < 0.5


def test_a_mirrored_frame_has_mirrored_landmarks(blazepose, rgb, man):
    """Each crop is read in the mirror too, so the network has no side that it prefers."""
    width = rgb.shape[1]
    (x, y), size_px = man.region.center_xy_px, man.region.size_px
    # Crops sample at their pixels' corners, so a mirrored grid of pixels is off by one pixel of the crop.
    step_px = size_px / 256
    mirror = Region((width - 1 - x + step_px, y), size_px, -man.region.rotation_rad)
    seen = blazepose(np.ascontiguousarray(rgb[:, ::-1]), mirror)
    np.testing.assert_allclose(seen.world_m, man.world_m[BACK_AND_FRONT.other] * [-1, 1, 1], atol=0.02)
    expected_px = man.xy_px[BACK_AND_FRONT.other] * [-1, 1] + [width - 1, 0]
    np.testing.assert_allclose(seen.xy_px, expected_px, atol=2 * step_px)


@pytest.mark.parametrize("mirrored", [True, False])
def test_any_number_of_threads_reads_the_same(rgb, man, mirrored):
    one, two = (BlazePose(mirrored=mirrored, num_threads=threads)(rgb, man.region) for threads in (1, 2))
    np.testing.assert_array_equal(one.world_m, two.world_m)
    np.testing.assert_array_equal(one.xy_px, two.xy_px)


def test_once_is_what_the_network_says_of_the_crop(rgb, man):
    once, twice = (BlazePose(mirrored=mirrored)(rgb, man.region) for mirrored in (False, True))
    np.testing.assert_array_equal(once.pooled, twice.pooled)
    apart_m = np.linalg.norm(once.world_m - twice.world_m, axis=-1)
    assert 0 < apart_m.mean() < 0.1
