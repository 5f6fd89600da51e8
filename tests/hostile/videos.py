"""Surfaces that read pictures: containers of video, folders of images."""

import io
import struct
import zlib
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

from tcmr.errors import TcmrError
from tcmr.video import open_clip

from .case import Files, Special
from .surface import Surface

SIDE, FRAMES = 64, 5
# Container -> encoder and pixel format; small encoders, since thousands are decoded.
CONTAINERS = {
    "mp4": ("libx264", "yuv420p"), "matroska": ("mpeg4", "yuv420p"), "avi": ("mjpeg", "yuvj420p"),
    "webm": ("libvpx", "yuv420p"),
    "mov": ("png", "rgb24"), "mpegts": ("mpeg2video", "yuv420p"), "gif": ("gif", "rgb8"), "flv": ("flv",
    "yuv420p"), "nut": ("ffv1", "yuv420p"),
}  # fmt: skip


def clip(container: str, metadata: dict[str, str] | None = None) -> bytes:
    """Return a small clip of noise."""
    codec, pixels = CONTAINERS[container]
    rng = np.random.default_rng(0)
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        output.metadata.update(metadata or {})
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = SIDE, SIDE, pixels, Fraction(1, 25)
        stream.thread_count = 1
        for _ in range(FRAMES):
            picture = rng.integers(0, 255, (SIDE // 8, SIDE // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return file.getvalue()


def png(width: int, height: int, rows: bytes) -> bytes:
    """Return a grey picture that claims a size; `rows` are its deflated rows."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def deflated_zeros(count: int) -> bytes:
    """Return many zeros, deflated as cheaply as can be."""
    deflate = zlib.compressobj(1)
    return b"".join(deflate.compress(bytes(1 << 20)) for _ in range(-(-count >> 20) + 1)) + deflate.flush()


def playlists() -> list[bytes]:
    """Return texts that name other files or addresses to be opened."""
    return [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
        b"#EXTM3U\n#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"s\",URI=\"concat:/etc/passwd\"\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n", b"ffconcat version 1.0\nfile other.mp4\nduration 1e300\n" * 100,
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period><AdaptationSet mimeType="video/mp4">'
        b'<Representation id="1" bandwidth="1"><BaseURL>http://127.0.0.1:9/a.mp4</BaseURL></Representation></AdaptationSet></Period></MPD>',
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        b"[playlist]\nFile1=http://127.0.0.1:9/\n", b"<smil><body><video src='http://127.0.0.1:9/'/></body></smil>",
    ]  # fmt: skip


def _watch(path: Path) -> None:
    """Go through a clip as the product does."""
    with open_clip(path, max_side=32) as reader:
        times = []
        for frame in reader:
            assert frame.rgb.dtype == np.uint8
            assert max(frame.rgb.shape) <= 32
            times.append(frame.time_s)
        assert times == sorted(times)
        assert reader.clip.frame_count == len(times)
        reader.warnings()


def _container(folder: Path) -> Surface:
    samples = [clip(container) for container in CONTAINERS]
    wide = deflated_zeros(16_001 * 16_000)
    stamped = clip("matroska")
    attacks = [
        *playlists(), png(16_000, 16_000, wide), png(1 << 30, 1 << 30, b""), png(65_535, 65_535, wide[:100]),
        b"\0" * 100_000, b"text\n" * 1000,
        *(stamped.replace(b"00:00:00.200000000", text) for text in (b"99999999999:00:00 ",
        b"00:00:infinityyyyy", b"00:00:nannnnnnnnnn", b"-9999999:-99:-9e300")),
        b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrlavih", b"\0\0\0\x08ftyp\xff\xff\xff\xffmoov",
        b"\0\0\0\x01ftyp" + b"\xff" * 8 + b"mp42",
    ]  # fmt: skip
    return Surface(
        "video",
        lambda case: _watch(case / "clip.mp4"),
        [{"clip.mp4": sample} for sample in samples],
        [{"clip.mp4": attack} for attack in attacks],
        (TcmrError,),
    )


def _images(folder: Path) -> Surface:
    def picture(codec: str, pixels: str) -> bytes:
        encoder = av.CodecContext.create(codec, "w")
        encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 16, 16, pixels, Fraction(1, 25)
        frame = av.VideoFrame.from_ndarray(np.full((16, 16, 3), 90, np.uint8), format="rgb24").reformat(
            format=pixels
        )
        return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])

    files = {
        "1.png": picture("png", "rgb24"),
        "2.jpg": picture("mjpeg", "yuvj420p"),
        "10.bmp": picture("bmp", "bgr24"),
        "11.tiff": picture("tiff", "rgb24"),
    }
    wide = deflated_zeros(16_001 * 16_000)
    attacks: list[Files] = [
        {**files, "3.png": content}
        for content in (*playlists(), png(16_000, 16_000, wide), png(1 << 30, 1 << 30, b""), b"")
    ]
    attacks += [{"1.png": content} for content in (png(16_000, 16_000, wide), b"", *playlists())]
    attacks += [
        {"a%03d.png": files["1.png"], "ünïcode 影\n.png": files["1.png"], "-9" * 100 + ".png": files["1.png"]}
    ]
    attacks += [{**files, "3.png": special} for special in Special] + [
        {"1.svg.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    ]
    return Surface(
        "images", lambda case: _watch(case), [files, {"1.png": files["1.png"]}], attacks, (TcmrError,)
    )


SURFACES: dict[str, Callable[[Path], Surface]] = {"video": _container, "images": _images}
