"""SPIN's crop against the released code's; nothing is ever stretched."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity import synth
from tcmr.features.spin_crop import BOX_SCALE, IMAGENET_DEVIATION, IMAGENET_MEAN, spin_crop

PARITY = Path(__file__).parents[1] / "parity"
WIDTH, HEIGHT = 320, 240
STRETCHED = 5  # the one box of the fixture that is not square, which the released code stretches
ALLOWED = 0.04  # image libraries differ by up to three grey levels


@pytest.fixture(scope="module")
def released() -> dict[str, np.ndarray]:
    with np.load(PARITY / "crop.npz") as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def picture(released) -> np.ndarray:
    picture = synth.image_u8("crop", HEIGHT, WIDTH, 32)
    np.testing.assert_array_equal(picture[:2, ::32], released["img_head"])
    return picture


def scaled(box_cxcywh: np.ndarray, scale: float = 1.2) -> np.ndarray:
    middle, half = box_cxcywh[:2], box_cxcywh[2:] * scale / 2
    return np.concatenate([middle - half, middle + half])


@pytest.mark.parametrize("index", range(STRETCHED))
def test_crops_are_the_released_codes(picture, released, index):
    crop = spin_crop(picture, scaled(released["bbox_cxcywh"][index]))
    theirs = released["norm_sub12"][index].transpose(1, 2, 0)
    np.testing.assert_allclose(crop[::12, ::12], theirs, atol=ALLOWED)


def test_where_the_released_code_stretches_we_show_the_same_unstretched(picture, released):
    """A box of 40 x 80 comes out twice as wide there: its column c is our column 56 + c / 2."""
    crop = spin_crop(picture, scaled(released["bbox_cxcywh"][STRETCHED]))
    theirs = released["norm_sub12"][STRETCHED].transpose(1, 2, 0)
    np.testing.assert_allclose(crop[::12, 56:168:6], theirs, atol=ALLOWED)


def test_the_released_codes_way_from_keypoints_to_the_crop(released):
    x, y, _ = released["kp_in"].T
    extent = max(np.ptp(x), np.ptp(y))
    assert released["bbox_from_kp"][2:] * 1.2 == pytest.approx([BOX_SCALE * extent] * 2, rel=1e-5)


@st.composite
def discs(draw):
    """Draw a box of any shape about any point of the frame, and a disc within its square."""
    number = lambda low, high: draw(st.floats(low, high))  # noqa: E731
    middle, size = (
        np.array([number(0, WIDTH), number(0, HEIGHT)]),
        np.array([number(40, 300), number(40, 300)]),
    )
    shift = np.array([number(-0.15, 0.15), number(-0.15, 0.15)])
    return middle, size, shift * size.max(), number(0.2, 0.3) * size.max()


@given(discs())
def test_a_circle_stays_a_circle(scene):
    """Whatever the box's shape, at the frame's borders too, where the part within the frame is."""
    middle, size, shift, radius = scene
    frame = np.stack(np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT)), -1)
    disc = np.hypot(*np.moveaxis(frame - middle - shift, -1, 0)) < radius
    rgb = np.repeat(255 * disc[..., None].astype(np.uint8), 3, 2)
    crop = spin_crop(rgb, np.concatenate([middle - size / 2, middle + size / 2]))
    lit = (crop * IMAGENET_DEVIATION + IMAGENET_MEAN)[..., 0] > 0.5

    zoom = 224 / size.max()
    places = np.stack(np.meshgrid(np.arange(224), np.arange(224)), -1) - 112
    from_edge = np.hypot(*np.moveaxis(places - shift * zoom, -1, 0)) - radius * zoom
    in_frame = ((places / zoom + middle >= 0) & (places / zoom + middle <= (WIDTH - 1, HEIGHT - 1))).all(-1)
    pixel = max(1.0, zoom)  # on the edge itself either is right
    assert lit[in_frame & (from_edge < -pixel)].all()
    assert not lit[from_edge > pixel].any()


@pytest.mark.parametrize("box", [(-500, -500, -300, -300), (600, 0, 700, 400)])
def test_outside_the_frame_all_is_black(picture, box):
    black = -IMAGENET_MEAN / IMAGENET_DEVIATION
    np.testing.assert_allclose(
        spin_crop(picture, np.array(box, float)), np.broadcast_to(black, (224, 224, 3))
    )


def test_black_begins_where_the_frame_ends(picture):
    crop = spin_crop(np.full((HEIGHT, WIDTH, 3), 255, np.uint8), np.array([-112.0, 0.0, 112.0, 224.0]))
    lit = (crop * IMAGENET_DEVIATION + IMAGENET_MEAN)[..., 0]
    np.testing.assert_allclose(lit[:, :112], 0, atol=1e-6)
    np.testing.assert_allclose(lit[:, 112:], 1, atol=1e-6)
