"""Pictures out: an .mp4 with the timestamps and the sound of the clip that it was made from."""

import math
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.error import FFmpegError
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter
from av.video.stream import VideoStream
from jaxtyping import UInt8

from tcmr.errors import TcmrError
from tcmr.video.sound import Sound

_TIME_BASE = Fraction(1, 90_000)
_CODEC_OPTIONS = {
    "preset": "superfast",
    "crf": "22",
}  # x264's: how hard it tries, and quality (less is better)
_MUXER_OPTIONS = {"movflags": "+faststart"}  # the index first, so that it plays while it loads


class VideoWriter:
    """Writes H.264 into an .mp4, under a temporary name that becomes `path` when all went well.

    The picture keeps its exact size: odd sizes, which 4:2:0 cannot hold, are written in 4:4:4 (VLC, mpv and
    Chromium play it, QuickTime does not). The sound of `audio_from`, if it has any, is copied, or converted to
    AAC where an .mp4 had better not hold it.
    """

    def __init__(
        self,
        path: Path,
        *,
        width: int,
        height: int,
        fps: float,
        audio_from: Path | None = None,
        threads: int = 0,
    ) -> None:
        """Begin the file; `threads` are x264's (0: as many as it likes).

        Raises:
            TcmrError: the folder cannot be written, or `audio_from` cannot be read.
        """
        self._path = path
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._shape = (height, width, 3)
        self._fps = fps
        self._count = 0
        self._sound: Sound | None = None
        self._last_pts = -1
        self._reformatter = VideoReformatter()
        with ExitStack() as undo, self._named_errors():
            self._container = av.open(str(self._part.absolute()), "w", format="mp4", options=_MUXER_OPTIONS)
            undo.callback(self._abandon)
            self._stream = self._video_stream(threads)
            self._sound = None if audio_from is None else Sound(audio_from, self._container)
            self._container.start_encoding()
            undo.pop_all()

    def __enter__(self) -> "VideoWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with ExitStack() as undo:
            undo.callback(self._abandon)
            if error is None:
                self._finish()

    def write(self, rgb: UInt8[np.ndarray, "height width 3"], time_s: float | None = None) -> None:
        """Append a frame that is shown from `time_s` on (None: one after the other at `fps`).

        Raises:
            ValueError: the frame is not of the writer's size.
            TcmrError: the file cannot be written.
        """
        if rgb.shape != self._shape:
            raise ValueError(f"a frame of shape {rgb.shape} does not fit a video of shape {self._shape}")
        if time_s is None:
            time_s = self._count / self._fps
        frame = self._converted(rgb)
        frame.time_base = _TIME_BASE
        frame.pts = max(round(time_s / _TIME_BASE), self._last_pts + 1)
        self._last_pts = frame.pts
        self._count += 1
        with self._named_errors():
            self._write_sound(until_s=time_s)
            self._container.mux(self._stream.encode(frame))

    def _video_stream(self, threads: int) -> VideoStream:
        height, width, _ = self._shape
        rate = Fraction(self._fps).limit_denominator(1001)
        stream = self._container.add_stream("libx264", rate=rate, options=_CODEC_OPTIONS)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuv444p" if width % 2 or height % 2 else "yuv420p"
        context = stream.codec_context
        context.thread_count = threads
        context.time_base = _TIME_BASE
        context.colorspace = Colorspace.ITU709
        context.color_primaries = ColorPrimaries.BT709
        context.color_trc = ColorTrc.BT709
        context.color_range = ColorRange.MPEG
        return stream

    def _converted(self, rgb: UInt8[np.ndarray, "height width 3"]) -> av.VideoFrame:
        return self._reformatter.reformat(
            av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(rgb), format="rgb24"),
            format=self._stream.pix_fmt,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )

    def _write_sound(self, until_s: float) -> None:
        if self._sound is not None:
            self._sound.write_until(until_s)

    def _finish(self) -> None:
        if self._count == 0:
            raise ValueError(f"{self._path}: no frame was written")
        with self._named_errors():
            self._container.mux(self._stream.encode(None))
            self._write_sound(until_s=math.inf)
            self._container.close()
            os.replace(self._part, self._path)

    def _abandon(self) -> None:
        """Close everything; what is not finished by now is deleted."""
        if self._sound is not None:
            self._sound.close()
        with suppress(FFmpegError, OSError):
            self._container.close()
        with suppress(OSError):
            self._part.unlink()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        try:
            yield
        except (FFmpegError, OSError) as error:
            raise TcmrError(f"{self._path}: cannot be written ({error.strerror})") from error
