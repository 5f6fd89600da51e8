import socket
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition

from tcmr.errors import TcmrError
from tcmr.video import open_clip


def _refusal(path: Path) -> str:
    with pytest.raises(TcmrError) as caught:
        open_clip(path)
    message = str(caught.value)
    assert path.name in message
    assert "\n" not in message
    return message


def test_missing(tmp_path: Path) -> None:
    assert "no such file" in _refusal(tmp_path / "clip.mp4")


def test_zero_bytes(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    assert "empty" in _refusal(tmp_path / "clip.mp4")


@pytest.mark.parametrize("name", ["clip.mp4", "clip.txt", "clip.avi", "clip.mkv", "clip"])
def test_text_under_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("This is a diary, not a film.\n" * 50)
    _refusal(tmp_path / name)


def test_sound_only(make_clip, counting_frames, tmp_path: Path) -> None:
    clip = make_clip("clip.mp4", counting_frames, tone_hz=440)
    with av.open(str(clip)) as source, av.open(str(tmp_path / "sound.mp4"), "w") as target:
        track = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = track
                target.mux(packet)
    assert "no video stream" in _refusal(tmp_path / "sound.mp4")


def test_no_frame_can_be_decoded(make_clip) -> None:
    path = make_clip("clip.mov", [np.zeros((8, 8, 3), np.uint8)], codec="png", pix_fmt="rgb24")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\x89PNG", bytes(4)))
    assert "no frame" in _refusal(path)


def test_a_playlist_is_not_followed_into_the_network(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        path = tmp_path / "clip.m3u8"
        path.write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n"
        )
        _refusal(path)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("name", ["12:30.mp4", "clip%03d.mp4", "Ünïcode 影.mp4", "file:clip.mp4"])
def test_strange_names(make_clip, counting_frames, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = make_clip("clip.mp4", counting_frames)
    path.rename(path.with_name(name))
    monkeypatch.chdir(path.parent)
    with open_clip(Path(name)) as reader:
        assert len(list(reader)) == 40


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 720, 576, "yuv420p"
        stream.sample_aspect_ratio = Fraction(64, 45)
        container.mux(
            stream.encode(av.VideoFrame.from_ndarray(np.zeros((576, 720, 3), np.uint8), format="rgb24"))
        )
        container.mux(stream.encode(None))
    with open_clip(path) as reader:
        assert (reader.clip.width, reader.clip.height) == (1024, 576)
        assert next(iter(reader)).rgb.shape == (576, 1024, 3)


@pytest.mark.parametrize("default", [0, 1])
def test_of_several_streams_the_one_that_is_marked(tmp_path: Path, default: int) -> None:
    path = tmp_path / "clip.mkv"
    widths = (48, 96)
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("libx264", rate=30) for _ in widths]
        for index, (stream, width) in enumerate(zip(streams, widths, strict=True)):
            stream.width, stream.height, stream.pix_fmt = width, 48, "yuv420p"
            stream.disposition = Disposition.default if index == default else Disposition(0)
        for stream, width in zip(streams, widths, strict=True):
            picture = av.VideoFrame.from_ndarray(np.zeros((48, width, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
    with open_clip(path) as reader:
        assert reader.clip.width == widths[default]


def test_an_animated_webp_is_told_from_a_damaged_file(make_clip, counting_frames) -> None:
    assert "animated WebP" in _refusal(make_clip("clip.webp", counting_frames, codec="libwebp_anim"))
    with open_clip(make_clip("still.webp", counting_frames[:1], codec="libwebp")) as reader:
        assert len(list(reader)) == 1
