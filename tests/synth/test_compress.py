import numpy as np
import pytest

from tcmr.synth.compress import Compression, draw_compression

H264 = Compression("libx264", "h264", "yuv420p", {"preset": "ultrafast", "crf": "23"})
JPEG = Compression("mjpeg", "mjpeg", "yuvj420p", {"qmin": "5", "qmax": "5"})


def moving_square(count: int) -> list[np.ndarray]:
    frames = []
    for index in range(count):
        rgb = np.full((64, 96, 3), 60, np.uint8)
        rgb[20:40, 4 * index : 4 * index + 20] = (220, 120, 40)
        frames.append(rgb)
    return frames


@pytest.mark.parametrize("compression", [H264, JPEG], ids=["video", "jpeg"])
def test_all_frames_come_back_in_order_and_about_the_same(compression):
    frames = moving_square(15)
    decoded = compression.roundtrip(frames)
    assert len(decoded) == len(frames)
    for before, after in zip(frames, decoded, strict=True):
        assert after.shape == before.shape
        assert after.dtype == np.uint8
        difference = np.abs(after.astype(int) - before)
        assert difference.mean() < 5
        assert difference.max() > 0


def test_a_single_frame_comes_back():
    assert len(H264.roundtrip(moving_square(1))) == 1


def test_stronger_compression_leaves_more_marks():
    rng = np.random.default_rng(0)
    frames = [
        np.kron(rng.integers(0, 255, (16, 16, 3)), np.ones((4, 4, 1))).astype(np.uint8) for _ in range(4)
    ]
    errors = []
    for quantiser in ("2", "15"):
        decoded = Compression("mjpeg", "mjpeg", "yuvj420p", {"qmin": quantiser, "qmax": quantiser}).roundtrip(
            frames
        )
        errors.append(
            np.mean([np.abs(a.astype(int) - b).mean() for a, b in zip(frames, decoded, strict=True)])
        )
    assert errors[1] > 1.5 * errors[0]


def test_what_is_drawn_works_and_varies():
    drawn = [draw_compression(np.random.default_rng(seed)) for seed in range(40)]
    encoders = {None if compression is None else compression.encoder for compression in drawn}
    assert encoders == {None, "libx264", "mjpeg"}
    for compression in [compression for compression in drawn if compression][:6]:
        assert len(compression.roundtrip(moving_square(3))) == 3
