"""Pictures as JPEG."""

from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from jaxtyping import UInt8

Array = np.ndarray

QUANTISER = "3"  # 2 is the finest
LARGEST_PIXELS = 1 << 24


def encode_jpeg(rgb: UInt8[Array, "height width 3"]) -> bytes:
    """Return a picture as a JPEG file."""
    height, width = rgb.shape[:2]
    encoder = cast(VideoCodecContext, av.CodecContext.create("mjpeg", "w"))
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, height, "yuvj420p", Fraction(1)
    encoder.options = {"qmin": QUANTISER, "qmax": QUANTISER}
    encoder.thread_count = 1
    frame = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format="yuvj420p")
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return b"".join(bytes(packet) for packet in packets)


def decode_jpeg(content: bytes) -> UInt8[Array, "height width 3"]:
    """Return the picture of a JPEG file.

    Raises:
        ValueError: it is none, or has more than `LARGEST_PIXELS`.
    """
    decoder = cast(VideoCodecContext, av.CodecContext.create("mjpeg", "r"))
    decoder.thread_count, decoder.options = 1, {"max_pixels": str(LARGEST_PIXELS)}
    try:
        frames = [*decoder.decode(av.Packet(content)), *decoder.decode(None)]
    except av.FFmpegError as error:
        raise ValueError(f"a damaged picture ({error})") from error
    if len(frames) != 1:
        raise ValueError("no picture")
    return frames[0].to_ndarray(format="rgb24")
