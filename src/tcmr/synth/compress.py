"""The marks that video and JPEG compression leave on a clip."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.reformatter import VideoReformatter
from jaxtyping import UInt8

from tcmr.synth.motion import FPS

Array = np.ndarray


@dataclass(frozen=True)
class Compression:
    """How a clip is stored before it is looked at: encoder, decoder, pixel format, and the encoder's options."""

    encoder: str
    decoder: str
    pixel_format: str
    options: dict[str, str]

    def roundtrip(
        self, frames: Sequence[UInt8[Array, "height width 3"]]
    ) -> list[UInt8[Array, "height width 3"]]:
        """Encode frames of even width and height, and decode them again."""
        height, width = frames[0].shape[:2]
        encoder = cast(VideoCodecContext, av.CodecContext.create(self.encoder, "w"))
        encoder.width, encoder.height, encoder.pix_fmt = width, height, self.pixel_format
        encoder.time_base, encoder.framerate = Fraction(1, FPS), Fraction(FPS)
        encoder.options, encoder.thread_count = self.options, 1
        decoder = cast(VideoCodecContext, av.CodecContext.create(self.decoder, "r"))
        decoder.thread_count = 1
        packets = []
        to_video, to_rgb = VideoReformatter(), VideoReformatter()
        for index, rgb in enumerate(frames):
            frame = to_video.reformat(av.VideoFrame.from_ndarray(rgb, "rgb24"), format=self.pixel_format)
            frame.pts = index
            packets += encoder.encode(frame)
        packets += encoder.encode(None)
        decoded = [frame for packet in (*packets, None) for frame in decoder.decode(packet)]
        return [to_rgb.reformat(frame, format="rgb24").to_ndarray() for frame in decoded]


def draw_compression(rng: np.random.Generator) -> Compression | None:
    """Draw how a clip was stored: not at all, as video, or picture by picture."""
    kind = rng.random()
    if kind < 0.4:
        return None
    if kind < 0.85:
        options = {"preset": "ultrafast", "crf": str(int(rng.integers(18, 35)))}
        return Compression("libx264", "h264", "yuv420p", options)
    quantiser = str(int(rng.integers(2, 16)))
    return Compression("mjpeg", "mjpeg", "yuvj420p", {"qmin": quantiser, "qmax": quantiser})
