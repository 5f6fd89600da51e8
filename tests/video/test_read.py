import resource
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcmr.errors import TcmrError
from tcmr.types import Frame
from tcmr.video import ClipReader, VideoWriter, open_clip

Array = np.ndarray
LOSSLESS = {"codec": "png", "pix_fmt": "rgb24"}
few = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def _read(path: Path, **options) -> tuple[ClipReader, list[Frame]]:
    with open_clip(path, **options) as reader:
        return reader, list(reader)


def _levels(frames: list[Frame]) -> Array:
    """Return which of the counting frames each is."""
    return np.array([float(frame.rgb.mean()) / 6 for frame in frames])


def _opencv_frames(path: Path) -> list[Array]:
    capture = cv2.VideoCapture(str(path))
    frames = []
    while (read := capture.read())[0]:
        frames.append(read[1][:, :, ::-1])
    capture.release()
    return frames


def test_a_real_clip_agrees_with_opencv_and_needs_constant_memory(sample_clip: Path) -> None:
    capture = cv2.VideoCapture(str(sample_clip))
    compared = 20
    with open_clip(sample_clip) as reader:
        assert (reader.clip.width, reader.clip.height) == (1768, 994)
        assert reader.clip.has_audio
        for frame in reader:
            if frame.index < compared:
                _, bgr = capture.read()
                assert np.abs(frame.rgb[::4, ::4].astype(int) - bgr[::4, ::4, ::-1]).mean() < 2
            assert frame.time_s == pytest.approx(frame.index / 30)
            if frame.index == compared:
                early_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert reader.clip.frame_count == len(reader.timestamps_s) == 230
    assert reader.clip.fps == pytest.approx(30)
    assert reader.warnings() == []
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early_kb
    assert grown_kb < 100_000  # the frames since then have 1,000,000


@few
@given(width=st.integers(1, 70), height=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
def test_any_size_is_read_exactly(make_clip, width: int, height: int, seed: int) -> None:
    truth = np.random.default_rng(seed).integers(0, 256, (3, height, width, 3), np.uint8)
    reader, frames = _read(make_clip("clip.mov", list(truth), **LOSSLESS))
    assert (reader.clip.width, reader.clip.height) == (width, height)
    assert reader.clip.frame_count == 3
    np.testing.assert_array_equal([frame.rgb for frame in frames], truth)


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt"),
    [
        ("h264.mp4", "libx264", "yuv420p"),
        ("h264_10bit.mp4", "libx264", "yuv420p10le"),
        ("h265_10bit.mkv", "libx265", "yuv420p10le"),
        ("grey.mkv", "ffv1", "gray"),
        ("grey_10bit.mkv", "ffv1", "gray10le"),
        ("mpeg4.avi", "mpeg4", "yuv420p"),
        ("h264.ts", "libx264", "yuv420p"),
        ("vp9.webm", "libvpx-vp9", "yuv420p"),
        ("mjpeg.mov", "mjpeg", "yuvj422p"),
        ("prores.mov", "prores_ks", "yuv422p10le"),
        ("raw.h264", "libx264", "yuv420p"),
    ],
)
def test_containers_and_pixel_formats(
    make_clip, counting_frames, name: str, codec: str, pix_fmt: str
) -> None:
    reader, frames = _read(make_clip(name, counting_frames, codec=codec, pix_fmt=pix_fmt, fps=25))
    np.testing.assert_allclose(_levels(frames), range(40), atol=0.6)
    assert frames[20].rgb.dtype == np.uint8
    assert np.ptp(frames[20].rgb) <= 4
    np.testing.assert_allclose(np.diff(reader.timestamps_s), 1 / 25, atol=1.1e-3)  # Matroska counts in ms
    assert reader.clip.fps == pytest.approx(25, rel=1e-3)
    assert reader.warnings() == []


def test_8_by_8_and_4k(make_clip) -> None:
    for width, height in ((8, 8), (3840, 2160)):
        reader, frames = _read(
            make_clip("clip.mp4", [np.full((height, width, 3), 120, np.uint8)], codec="mpeg4")
        )
        assert frames[0].rgb.shape == (height, width, 3)
        assert (reader.clip.frame_count, reader.clip.fps) == (1, 30)


def test_variable_frame_rate_keeps_its_times(make_clip, counting_frames) -> None:
    times_s = np.cumsum([0.0, *np.random.default_rng(1).choice([0.02, 0.033, 0.1, 0.5], 39)])
    for name in ("clip.mp4", "clip.mkv"):
        reader, frames = _read(make_clip(name, counting_frames, times_s=times_s))
        np.testing.assert_allclose(reader.timestamps_s, times_s, atol=1e-6)
        np.testing.assert_array_equal([frame.time_s for frame in frames], reader.timestamps_s)
        assert reader.clip.fps == pytest.approx(39 / (times_s[-1] - times_s[0]))
        assert reader.warnings() == []


ONE = 1 << 16
TURNS = {  # a b u c d v x y w, and what is to be seen of a stored picture
    "upright": ((ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30), lambda rgb: rgb),
    "clockwise": ((0, ONE, 0, -ONE, 0, 0, 0, 0, 1 << 30), lambda rgb: np.rot90(rgb, -1)),
    "upside down": ((-ONE, 0, 0, 0, -ONE, 0, 0, 0, 1 << 30), lambda rgb: np.rot90(rgb, 2)),
    "anticlockwise": ((0, -ONE, 0, ONE, 0, 0, 0, 0, 1 << 30), np.rot90),
    "mirrored": ((-ONE, 0, 0, 0, ONE, 0, 0, 0, 1 << 30), np.fliplr),
    "mirrored and turned": ((0, ONE, 0, ONE, 0, 0, 0, 0, 1 << 30), lambda rgb: rgb.swapaxes(0, 1)),
}


@pytest.mark.parametrize("turn", TURNS)
def test_rotation_is_applied(make_clip, corners, turn: str) -> None:
    matrix, seen = TURNS[turn]
    path = make_clip("clip.mov", [corners] * 2, codec="png", pix_fmt="rgb24", display_matrix=matrix)
    reader, frames = _read(path)
    np.testing.assert_array_equal(frames[1].rgb, seen(corners))
    assert (reader.clip.height, reader.clip.width) == frames[0].rgb.shape[:2]
    if "mirrored" not in turn:  # OpenCV knows turns only
        np.testing.assert_array_equal(frames[0].rgb, _opencv_frames(path)[0])


@pytest.mark.parametrize("turn", ["upright", "clockwise"])
def test_working_resolution(make_clip, sample_clip: Path, turn: str) -> None:
    with open_clip(sample_clip, max_side=900) as reader:
        picture = next(iter(reader)).rgb
    path = make_clip("clip.mov", [picture], codec="png", pix_fmt="rgb24", display_matrix=TURNS[turn][0])
    reader, frames = _read(path, max_side=320)
    seen = np.ascontiguousarray(TURNS[turn][1](picture))
    assert (reader.clip.height, reader.clip.width) == seen.shape[:2]
    height, width = frames[0].rgb.shape[:2]
    assert max(height, width) == 320
    assert width / height == pytest.approx(seen.shape[1] / seen.shape[0], rel=5e-3)
    expected = cv2.resize(seen, (width, height), interpolation=cv2.INTER_AREA)
    assert np.abs(frames[0].rgb.astype(int) - expected).mean() < 2
    assert _read(path, max_side=5000)[1][0].rgb.shape == seen.shape


def test_a_clip_can_be_read_again_and_left_early(make_clip, counting_frames) -> None:
    path = make_clip("clip.mp4", counting_frames)
    with open_clip(path) as reader:
        for frame in reader:
            if frame.index == 3:
                break
        assert len(list(reader)) == len(list(reader)) == 40
        assert len(reader.timestamps_s) == 40
        next(iter(reader))
        assert any(thread.name == "tcmr-prefetch" for thread in threading.enumerate())
    assert not any(thread.name == "tcmr-prefetch" for thread in threading.enumerate())


def _finished(path: Path, frames: list[Array]) -> Path:
    with VideoWriter(path, width=64, height=48, fps=30.0) as writer:
        for rgb in frames:
            writer.write(rgb)
    return path


def test_a_file_that_is_cut_off_gives_what_is_there_and_says_so(tmp_path: Path, counting_frames) -> None:
    noisy = np.random.default_rng(0).integers(0, 256, (40, 48, 64, 3), np.uint8)
    path = _finished(tmp_path / "clip.mp4", list(noisy))
    whole = [frame.rgb for frame in _read(path)[1]]
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 6 // 10])
    reader, frames = _read(path)
    assert 10 < len(frames) < 35
    for frame, truth in zip(frames[:-1], whole, strict=False):
        np.testing.assert_array_equal(frame.rgb, truth)
    assert reader.missing_s == pytest.approx((40 - len(frames)) / 30, abs=0.05)
    (warning,) = [text for text in reader.warnings() if "missing" in text]
    assert "clip.mp4" in warning


def test_damaged_frames_are_left_out_and_counted(make_clip) -> None:
    noisy = list(np.random.default_rng(0).integers(0, 256, (20, 48, 64, 3), np.uint8))
    path = make_clip("clip.mov", noisy, codec="png", pix_fmt="rgb24")
    content = bytearray(path.read_bytes())
    starts = [at for at in range(len(content)) if content[at : at + 4] == b"\x89PNG"]
    content[starts[5] : starts[5] + 8] = bytes(8)
    path.write_bytes(content)
    reader, frames = _read(path)
    np.testing.assert_array_equal([frame.rgb for frame in frames], noisy[:5] + noisy[6:])
    assert [frame.index for frame in frames] == list(range(19))
    assert frames[5].time_s == pytest.approx(6 / 30, abs=1e-3)
    assert reader.damaged_frames == 1
    assert "1 damaged" in reader.warnings()[0]


FUZZED = [("clip.mp4", "libx264"), ("clip.mkv", "libx264"), ("clip.avi", "mpeg4"), ("clip.ts", "libx264")]


@pytest.mark.parametrize(("name", "codec"), FUZZED)
@few
@given(
    cut=st.floats(0, 1),
    damage=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=9)), max_size=5),
)
def test_damage_anywhere_gives_frames_or_one_clear_line(
    make_clip, counting_frames, name: str, codec: str, cut: float, damage: list[tuple[float, bytes]]
) -> None:
    path = make_clip(
        name, counting_frames, codec=codec, options={"movflags": "faststart"} if "mp4" in name else {}
    )
    content = bytearray(path.read_bytes())
    for place, junk in damage:
        at = int(place * (len(content) - len(junk)))
        content[at : at + len(junk)] = junk
    path.write_bytes(content[: int(cut * len(content))])
    try:
        reader, frames = _read(path)
    except TcmrError as refusal:
        message = str(refusal)
    else:
        message = name
        assert all(frame.rgb.dtype == np.uint8 for frame in frames)
        assert all(np.diff(reader.timestamps_s) > 0)
    assert name in message
    assert "\n" not in message
    assert not any(thread.name == "tcmr-prefetch" for thread in threading.enumerate())
