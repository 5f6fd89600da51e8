from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tcmr import assets

Array = np.ndarray
MakeClip = Callable[..., Path]


@pytest.fixture(scope="session")
def sample_clip() -> Path:
    return assets.fetch("sample-clip")


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    """Give a function that writes frames into a video file by PyAV alone, and returns its path."""

    def make(
        name: str,
        frames: Sequence[Array] | Array,
        *,
        codec: str = "libx264",
        pix_fmt: str = "yuv420p",
        times_s: Sequence[float] | None = None,
        fps: int = 30,
        display_matrix: Sequence[int] | None = None,
        tone_hz: float | None = None,
        audio_codec: str = "aac",
        options: dict[str, str] | None = None,
    ) -> Path:
        path = tmp_path / name
        height, width = frames[0].shape[:2]
        with av.open(str(path), "w", options=options or {}) as container:
            stream = container.add_stream(codec, rate=fps)
            stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
            stream.codec_context.bit_rate = 4_000_000
            if display_matrix is not None:
                stream.set_display_matrix(display_matrix)
            if times_s is not None:
                stream.codec_context.time_base = Fraction(1, 1000)
            if tone_hz is not None:
                sound = container.add_stream(audio_codec, rate=44_100)
                container.mux(sound.encode(_tone(tone_hz, len(frames) / fps)))
                container.mux(sound.encode(None))
            for index, rgb in enumerate(frames):
                frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
                if times_s is not None:
                    frame.time_base, frame.pts = Fraction(1, 1000), round(1000 * times_s[index])
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return make


def _tone(frequency_hz: float, duration_s: float) -> av.AudioFrame:
    phase = 2 * np.pi * frequency_hz * np.arange(round(44_100 * duration_s)) / 44_100
    samples = (8000 * np.sin(phase)).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.rate = 44_100
    return frame


@pytest.fixture(scope="session")
def counting_frames() -> Array:
    """Give forty small frames; frame i is grey of level 6 i."""
    levels = 6 * np.arange(40, dtype=np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (40, 48, 64, 3)).copy()


@pytest.fixture(scope="session")
def corners() -> Array:
    """Give a picture of which every turn and mirror image differs."""
    rgb = np.zeros((48, 64, 3), np.uint8)
    rgb[:24, :32] = 255, 0, 0
    rgb[:24, 32:] = 0, 255, 0
    rgb[24:, :32] = 0, 0, 255
    return rgb
