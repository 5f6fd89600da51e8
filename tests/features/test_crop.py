import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcmr.features.crop import crop
from tcmr.features.region import to_frame
from tcmr.types import Region

PICTURE = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
regions = st.builds(
    Region,
    st.tuples(st.floats(-50, 250), st.floats(-50, 200)),
    st.floats(2, 400),
    st.floats(-np.pi, np.pi),
)


@settings(max_examples=50, deadline=None)
@given(regions)
def test_the_same_as_opencv(region):
    side = 64
    corners = to_frame(region, np.array([[0.0, 0], [1, 0], [0, 1]])).astype(np.float32)
    to_picture = cv2.getAffineTransform(np.array([[0, 0], [side, 0], [0, side]], np.float32), corners)
    expected = cv2.warpAffine(
        PICTURE.astype(np.float32), to_picture, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    # OpenCV works in single precision, and the random picture is as steep as can be.
    np.testing.assert_allclose(crop(PICTURE, region, side), expected / 255, atol=2e-3)


def test_black_outside_the_frame():
    assert not crop(PICTURE, Region((1000.0, 1000.0), 100.0, 0.3)).any()


def test_a_region_of_the_frame_itself():
    picture = np.ascontiguousarray(PICTURE[:64, :64])
    np.testing.assert_allclose(crop(picture, Region((32.0, 32.0), 64.0, 0.0), 64), picture / 255, atol=1e-6)


@pytest.mark.benchmark
def test_speed_on_full_hd(benchmark):
    frame = np.zeros((1080, 1920, 3), np.uint8)
    benchmark(crop, frame, Region((900.0, 500.0), 900.0, 0.3))
