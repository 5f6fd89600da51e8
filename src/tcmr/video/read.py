"""A clip, frame by frame: the reader that everything else uses."""

from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path
from types import TracebackType

import numpy as np
from jaxtyping import UInt8

from tcmr.errors import TcmrError
from tcmr.types import Clip, Frame
from tcmr.video.file import VideoFile
from tcmr.video.images import ImageFolder
from tcmr.video.picture import Picture, RgbConverter
from tcmr.video.prefetch import AT_ONCE, prefetched

_TOLERATED_FRAMES = 2  # by which headers are wrong without anything missing


class ClipReader:
    """A clip whose frames can be gone through, each time from the start, in constant memory.

    `clip` is what the header says until all frames are read; from then on its `fps` is the mean rate by their
    timestamps and its `frame_count` their number. The other values tell of the frames read so far:
    `timestamps_s` has the time of each, `damaged_frames` counts those that could not be decoded and were left
    out, and `missing_s` is how much earlier than promised the clip ended.
    """

    clip: Clip
    timestamps_s: list[float]
    damaged_frames: int
    missing_s: float

    def __init__(
        self,
        source: VideoFile | ImageFolder,
        *,
        max_side: int | None,
        prefetch: int,
        turn: AbstractContextManager[object],
    ) -> None:
        self._source = source
        self._prefetch, self._turn = prefetch, turn
        width, height = self._first_size()
        scale = 1.0 if max_side is None else min(1.0, max_side / max(width, height))
        self._working_size = max(1, round(width * scale)), max(1, round(height * scale))
        self.clip = Clip(
            path=source.path,
            width=width,
            height=height,
            fps=source.fps,
            frame_count=source.frame_count,
            has_audio=source.has_audio,
        )
        self._running: Generator[Frame] | None = None
        self._start_over()

    def __enter__(self) -> "ClipReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Frame]:
        self.close()
        self._start_over()
        self._running = self._frames()
        return self._running

    def close(self) -> None:
        """Stop reading; may be called at any time, and again."""
        if self._running is not None:
            self._running.close()
            self._running = None

    def warnings(self) -> list[str]:
        """Return a sentence for everything that was wrong with the frames read so far."""
        found = []
        if self.damaged_frames:
            found.append(f"{self.clip.path}: {self.damaged_frames} damaged frame(s) left out")
        if self.missing_s:
            found.append(
                f"{self.clip.path}: cut off or damaged, {self.missing_s:.2f} s are missing at its end"
            )
        return found

    def _start_over(self) -> None:
        self.timestamps_s = []
        self.damaged_frames = 0
        self.missing_s = 0.0

    def _first_size(self) -> tuple[int, int]:
        with closing(self._source.pictures()) as pictures:
            for picture in pictures:
                if picture is not None:
                    return picture.seen_size(self._source.pixel_aspect)
        raise TcmrError(f"{self._source.path}: no frame of it can be decoded; it is damaged or cut off")

    def _frames(self) -> Generator[Frame]:
        end_s = 0.0
        for converted in prefetched(self._converted(), self._prefetch, self._turn):
            if converted is None:
                self.damaged_frames += 1
                continue
            picture, rgb = converted
            end_s = picture.time_s + picture.duration_s
            self.timestamps_s.append(picture.time_s)
            yield Frame(index=len(self.timestamps_s) - 1, time_s=picture.time_s, rgb=rgb)
        self._finish(end_s)

    def _converted(self) -> Generator[tuple[Picture, UInt8[np.ndarray, "height width 3"]] | None]:
        to_rgb = RgbConverter(*self._working_size)
        for picture in self._source.pictures():
            yield None if picture is None else (picture, to_rgb(picture))

    def _finish(self, end_s: float) -> None:
        """Replace what the header promised by what was found."""
        times = self.timestamps_s
        fps = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else self._source.fps
        self.clip = replace(self.clip, fps=fps, frame_count=len(times))
        promised_s = self._source.duration_s
        if promised_s is not None and promised_s - end_s > _TOLERATED_FRAMES / self._source.fps:
            self.missing_s = promised_s - end_s


def open_clip(
    path: Path,
    *,
    max_side: int | None = None,
    image_fps: float = 30.0,
    prefetch: int = 4,
    turn: AbstractContextManager[object] = AT_ONCE,
) -> ClipReader:
    """Open a video file, or a folder of images that are `image_fps` to the second.

    Frames come upright, with square pixels, as RGB; the longer side has at most `max_side` pixels (None: full
    size). A thread decodes `prefetch` frames ahead, each when it is its `turn` (see `prefetched`).

    Raises:
        TcmrError: there is no such file, or nothing in it that can be shown.
    """
    source = ImageFolder.open(path, image_fps) if path.is_dir() else VideoFile.open(path)
    return ClipReader(source, max_side=max_side, prefetch=prefetch, turn=turn)
