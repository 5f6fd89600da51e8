import io
import os
import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tcmr.errors import TcmrError
from tcmr.video import VideoWriter, open_clip

Array = np.ndarray


def _write(path: Path, frames: list[Array] | Array, times_s=None, **options) -> Path:
    height, width = frames[0].shape[:2]
    with VideoWriter(path, **{"width": width, "height": height, "fps": 30.0, **options}) as writer:
        for index, rgb in enumerate(frames):
            writer.write(rgb, None if times_s is None else float(times_s[index]))
    return path


def _sound(path: Path) -> tuple[Array, int, float]:
    """Return the first channel's samples, their rate, and the time of the first."""
    with av.open(str(path)) as container:
        frames = list(container.decode(audio=0))
        rate = frames[0].rate
        start_s = float(frames[0].pts * frames[0].time_base) - (container.start_time or 0) / av.time_base
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(np.float64), rate, start_s


def _pitch_hz(samples: Array, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(spectrum.argmax() * rate / len(samples))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(width=st.integers(1, 70), height=st.integers(1, 70))
def test_any_size_is_kept(tmp_path: Path, width: int, height: int) -> None:
    path = _write(tmp_path / "clip.mp4", [np.full((height, width, 3), (200, 60, 30), np.uint8)] * 3)
    with open_clip(path) as reader:
        assert (reader.clip.width, reader.clip.height) == (width, height)
        for frame in reader:
            assert np.abs(frame.rgb.reshape(-1, 3).mean(0) - (200, 60, 30)).max() < 4


def test_pictures_colours_and_rate_survive(tmp_path: Path, sample_clip: Path) -> None:
    with open_clip(sample_clip, max_side=640) as reader:
        frames = [frame.rgb for frame, _ in zip(reader, range(12), strict=False)]
    path = _write(tmp_path / "clip.mp4", frames, fps=30000 / 1001)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert float(stream.average_rate) == pytest.approx(30000 / 1001, rel=1e-4)
        assert (stream.frames, stream.pix_fmt, stream.codec_context.name) == (12, "yuv420p", "h264")
    with open_clip(path) as reader:
        for frame, truth in zip(reader, frames, strict=True):
            assert np.abs(frame.rgb.astype(int) - truth).mean() < 4
    capture = cv2.VideoCapture(str(path))
    for truth in frames:
        assert np.abs(capture.read()[1][:, :, ::-1].astype(int) - truth).mean() < 6
    assert not capture.read()[0]


def test_variable_times_are_kept(tmp_path: Path, counting_frames) -> None:
    times_s = np.cumsum([0.0, *np.random.default_rng(1).choice([0.02, 0.033, 0.1, 0.5], 39)])
    path = _write(tmp_path / "clip.mp4", counting_frames, times_s)
    with open_clip(path) as reader:
        levels = [round(float(frame.rgb.mean()) / 6) for frame in reader]
    assert levels == list(range(40))
    np.testing.assert_allclose(reader.timestamps_s, times_s, atol=2e-5)


def test_the_index_comes_first(tmp_path: Path, counting_frames) -> None:
    content = _write(tmp_path / "clip.mp4", counting_frames).read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(("name", "audio_codec"), [("source.mp4", "aac"), ("source.avi", "libmp3lame")])
def test_sound_is_copied_untouched(
    tmp_path: Path, make_clip, counting_frames, name: str, audio_codec: str
) -> None:
    source = make_clip(name, counting_frames, tone_hz=440, audio_codec=audio_codec)
    path = _write(tmp_path / "clip.mp4", counting_frames, audio_from=source)
    packets = []
    for file in (source, path):
        with av.open(str(file)) as container:
            sound = container.demux(audio=0)
            packets.append([(p.pts * p.time_base, bytes(p)) for p in sound if p.size])
    assert packets[0] == packets[1]
    assert len(packets[0]) > 50


@pytest.mark.parametrize(
    ("name", "audio_codec"),
    [("source.mkv", "pcm_s16le"), ("source.avi", "mp2"), ("source.avi", "libmp3lame")],
)
def test_other_sound_is_converted(
    tmp_path: Path, make_clip, counting_frames, monkeypatch, name: str, audio_codec: str
) -> None:
    monkeypatch.setattr(
        "tcmr.video.sound._COPIED_CODECS", frozenset()
    )  # MP3, too, whose clock is coarse in an AVI
    source = make_clip(name, counting_frames, codec="mpeg4", tone_hz=440, audio_codec=audio_codec)
    path = _write(tmp_path / "clip.mp4", counting_frames, audio_from=source)
    samples, rate, start_s = _sound(path)
    assert _pitch_hz(samples, rate) == pytest.approx(440, abs=2)
    assert len(samples) / rate == pytest.approx(40 / 30, abs=0.06)
    assert start_s == pytest.approx(0, abs=0.03)


def test_sound_stays_in_step_where_the_clock_does_not_start_at_zero(
    tmp_path: Path, make_clip, counting_frames
) -> None:
    source = make_clip("source.ts", counting_frames, tone_hz=440)
    with av.open(str(source)) as container:
        assert container.start_time != 0
        offset_s = (container.streams.audio[0].start_time - container.streams.video[0].start_time) / 90_000
    with open_clip(source) as reader:
        frames = list(reader)
    path = _write(tmp_path / "clip.mp4", [f.rgb for f in frames], reader.timestamps_s, audio_from=source)
    with av.open(str(path)) as container:
        sound, film = container.streams.audio[0], container.streams.video[0]
        kept_s = float(sound.start_time * sound.time_base - film.start_time * film.time_base)
    assert kept_s == pytest.approx(offset_s, abs=0.03)


def test_sound_whose_clock_goes_back_is_left_out_there(tmp_path: Path, make_clip, counting_frames) -> None:
    once = make_clip("once.ts", counting_frames, tone_hz=440).read_bytes()
    (source := tmp_path / "twice.ts").write_bytes(once + once)
    path = _write(tmp_path / "clip.mp4", [*counting_frames, *counting_frames], audio_from=source)
    samples, rate, _ = _sound(path)
    assert _pitch_hz(samples, rate) == pytest.approx(440, abs=2)
    assert len(samples) / rate == pytest.approx(40 / 30, abs=0.1)


def test_a_clip_without_sound_gives_none(tmp_path: Path, make_clip, counting_frames) -> None:
    source = make_clip("source.mp4", counting_frames)
    path = _write(tmp_path / "clip.mp4", counting_frames, audio_from=source)
    with av.open(str(path)) as container:
        assert not container.streams.audio


def test_failure_leaves_nothing_and_the_old_file_untouched(tmp_path: Path, counting_frames) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"old")

    def fail() -> None:
        with VideoWriter(path, width=64, height=48, fps=30.0) as writer:
            writer.write(counting_frames[0])
            assert path.read_bytes() == b"old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    with pytest.raises(ValueError, match="no frame"), VideoWriter(path, width=64, height=48, fps=30.0):
        pass
    with pytest.raises(ValueError, match="does not fit"):
        _write(path, [counting_frames[0]], width=66)
    with pytest.raises(TcmrError, match=r"missing.mp4"):
        _write(path, counting_frames, audio_from=tmp_path / "missing.mp4")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["clip.mp4"]


def test_an_unwritable_folder_is_named(tmp_path: Path, counting_frames) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "missing" / "clip.mp4", tmp_path / "file" / "clip.mp4"):
        with pytest.raises(TcmrError, match=r"clip.mp4: cannot be written"):
            _write(path, counting_frames)


def _tone(container: str, codec: str, rate: int) -> bytes:
    """Return half a second of a tone."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate)
        wave = (8000 * np.sin(np.arange(rate // 2) * 2 * np.pi * 440 / rate)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
        frame.sample_rate, frame.pts = rate, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize("rate", [1, 100, 3_000_000, 1_950_202_752])
def test_sound_of_a_rate_that_no_recording_has_is_left_out_at_once(tmp_path: Path, rate: int) -> None:
    wav = bytearray(_tone("wav", "pcm_s16le", 48_000))
    wav[24:28] = rate.to_bytes(4, "little")
    (tmp_path / "sound.wav").write_bytes(wav)
    black = np.zeros((16, 16, 3), np.uint8)
    began = time.process_time()
    path = _write(tmp_path / "clip.mp4", [black] * 3, audio_from=tmp_path / "sound.wav", threads=1)
    assert time.process_time() - began < 1
    with av.open(str(path)) as container:
        assert not container.streams.audio


def test_sound_that_changes_its_rate_ends_there(tmp_path: Path) -> None:
    (tmp_path / "sound.ts").write_bytes(_tone("mpegts", "mp2", 48_000) + _tone("mpegts", "mp2", 32_000))
    black = np.zeros((16, 16, 3), np.uint8)
    path = _write(tmp_path / "clip.mp4", [black] * 30, audio_from=tmp_path / "sound.ts")
    samples, rate, _ = _sound(path)
    assert rate == 48_000
    assert len(samples) / rate == pytest.approx(0.5, abs=0.1)
