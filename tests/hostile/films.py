"""Small films, sounds and pictures, the same bytes every time."""

import io
import struct
import zlib
from fractions import Fraction
from functools import cache

import av
import numpy as np

SIDE, FRAMES = 64, 5
# Of a container: no numbers that FFmpeg draws anew for each file.
SAME_BYTES = {"fflags": "+bitexact"}
# Container -> encoder and pixel format; small encoders, since thousands are decoded.
CONTAINERS = {
    "mp4": ("libx264", "yuv420p"), "matroska": ("mpeg4", "yuv420p"), "avi": ("mjpeg", "yuvj420p"),
    "webm": ("libvpx", "yuv420p"),
    "mov": ("png", "rgb24"), "mpegts": ("mpeg2video", "yuv420p"), "gif": ("gif", "rgb8"), "flv": ("flv",
    "yuv420p"), "nut": ("ffv1", "yuv420p"),
}  # fmt: skip
SOUNDS = {"wav": "pcm_s16le", "mp4": "aac", "matroska": "flac", "mp3": "libmp3lame", "ogg": "libopus"}


def clip(container: str, metadata: dict[str, str] | None = None, side: int = SIDE) -> bytes:
    """Return a small clip of noise."""
    codec, pixels = CONTAINERS[container]
    rng = np.random.default_rng(0)
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=SAME_BYTES) as output:
        output.metadata.update(metadata or {})
        stream = output.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = side, side, pixels, Fraction(1, 25)
        stream.thread_count = 1
        for _ in range(FRAMES):
            picture = rng.integers(0, 255, (side // 8, side // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return file.getvalue()


def tone(container: str, codec: str) -> bytes:
    """Return half a second of a tone."""
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=SAME_BYTES) as output:
        stream = output.add_stream(codec, rate=48_000)
        for part in range(5):
            wave = np.sin(np.arange(4800, dtype=np.float32) / 20)[None]
            frame = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, part * 4800
            output.mux(stream.encode(frame))
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


def picture(codec: str, pixels: str, side: int) -> bytes:
    """Return a grey picture as an encoder makes it."""
    encoder = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = side, side, pixels, Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(np.full((side, side, 3), 90, np.uint8), format="rgb24")
    packets = [*encoder.encode(frame.reformat(format=pixels)), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


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
