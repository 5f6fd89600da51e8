import struct
import zlib

import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.synth.background import SIDE_PX, load_pictures, paint_background, resize, spread
from tcmr.synth.jpeg import encode_jpeg

RED = (200, 20, 20)


@pytest.fixture
def pictures(tmp_path):
    (tmp_path / "red.JPG").write_bytes(encode_jpeg(np.full((300, 400, 3), RED, np.uint8)))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


def test_backgrounds_vary_and_are_reproducible():
    painted = [paint_background([], np.random.default_rng(seed)) for seed in range(12)]
    for canvas in painted:
        assert canvas.shape == (SIDE_PX, SIDE_PX, 3)
        assert canvas.dtype == np.float32
        assert canvas.min() >= 0
        assert canvas.max() <= 255
    assert len({canvas.tobytes() for canvas in painted}) == len(painted)
    np.testing.assert_array_equal(painted[4], paint_background([], np.random.default_rng(4)))
    assert np.mean([canvas.std() > 5 for canvas in painted]) > 0.9


def test_pictures_of_the_user_are_used(pictures):
    loaded = load_pictures(pictures)
    assert [picture.shape for picture in loaded] == [(300, 400, 3)]
    painted = [paint_background(loaded, np.random.default_rng(seed)) for seed in range(12)]
    reddish = [np.median(canvas[..., 0]) > 2 * np.median(canvas[..., 2]) for canvas in painted]
    assert sum(reddish) >= 4


def test_large_pictures_are_made_smaller(tmp_path):
    (tmp_path / "large.jpg").write_bytes(encode_jpeg(np.zeros((1000, 4000, 3), np.uint8)))
    (picture,) = load_pictures(tmp_path)
    assert picture.shape == (SIDE_PX // 2, 2 * SIDE_PX, 3)


def test_a_folder_without_pictures_and_a_broken_picture_are_refused(tmp_path):
    with pytest.raises(TcmrError, match="no pictures"):
        load_pictures(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"not a png")
    with pytest.raises(TcmrError, match=r"broken\.png"):
        load_pictures(tmp_path)


def test_no_other_file_is_opened_on_behalf_of_a_picture(pictures):
    (pictures / "list.png").write_text("ffconcat version 1.0\nfile red.JPG\n")
    with pytest.raises(TcmrError, match=r"list\.png"):
        load_pictures(pictures)


def test_a_picture_that_would_take_all_memory_is_refused(tmp_path):
    def chunk(name, content):
        crc = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + crc

    head = struct.pack(">IIBBBBB", 16_000, 16_000, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 << 20))
    (tmp_path / "wide.png").write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
    with pytest.raises(TcmrError, match=r"wide\.png"):
        load_pictures(tmp_path)


def test_spread_keeps_the_corners_and_climbs_between():
    values = np.array([[[0.0], [10.0]], [[20.0], [50.0]]], np.float32)
    field = spread(values, 41, 31)
    assert field.shape == (31, 41, 1)
    np.testing.assert_allclose(field[[0, 0, -1, -1], [0, -1, 0, -1]], values.reshape(4, 1), atol=1e-4)
    assert (np.diff(field[..., 0], axis=1) >= 0).all()
    assert (np.diff(field[..., 0], axis=0) >= 0).all()
    assert field[15, 20, 0] == pytest.approx(20, abs=0.1)


def test_resize_keeps_colours_and_gives_the_size():
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[:, 30:] = RED
    larger = resize(picture, 120, 80)
    assert larger.shape == (80, 120, 3)
    np.testing.assert_allclose(larger[40, 100], RED, atol=4)
    np.testing.assert_allclose(larger[40, 20], 0, atol=4)
