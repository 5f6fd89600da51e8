"""Folders of images, read as a clip."""

import re
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import av
from av.error import FFmpegError

from tcmr.errors import TcmrError
from tcmr.video.file import VIDEO_SUFFIXES, film_of, opened
from tcmr.video.picture import Picture, Turn

IMAGE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".ppm", ".tif", ".tiff", ".webp"})


@dataclass(frozen=True)
class ImageFolder:
    """A folder of images of one size, in the natural order of their names (`frame9`, `frame10`)."""

    path: Path
    files: tuple[Path, ...]
    fps: float
    has_audio: bool = False
    pixel_aspect: float = 1.0

    @staticmethod
    def open(path: Path, fps: float) -> "ImageFolder":
        """List the images.

        Raises:
            TcmrError: there is none, or there are videos, of which the images may be posters.
        """
        shown = [file for file in path.iterdir() if file.name[0] != "." and file.is_file()]
        videos = [file.name for file in shown if file.suffix.lower() in VIDEO_SUFFIXES]
        if videos:
            raise TcmrError(
                f"{path}: holds videos ({min(videos)}); give one of them, or all to `tcmr batch {path}`; "
                "images that are one clip must lie apart from videos"
            )
        files = [file for file in shown if file.suffix.lower() in IMAGE_SUFFIXES]
        if not files:
            raise TcmrError(f"{path}: has no images ({', '.join(sorted(IMAGE_SUFFIXES))})")
        return ImageFolder(path, tuple(sorted(files, key=lambda file: natural_order(file.name))), fps)

    @property
    def frame_count(self) -> int:
        """How many images there are, damaged ones included."""
        return len(self.files)

    @property
    def duration_s(self) -> float:
        """How long the clip is."""
        return len(self.files) / self.fps

    def pictures(self) -> Generator[Picture | None]:
        """Yield the images in order, None for one that is damaged; the others keep their time.

        Raises:
            TcmrError: an image is not of the size of those before it.
        """
        size = None
        for index, file in enumerate(self.files):
            frame = _decoded(file)
            if frame is None:
                yield None
                continue
            # The angle alone: looking at side data would keep every image alive for a while.
            picture = Picture(frame, Turn.by_angle(frame), index / self.fps, 1 / self.fps)
            width, height = picture.seen_size()
            size = size or (width, height)
            if (width, height) != size:
                raise TcmrError(
                    f"{file}: is {width}x{height} where the first image is {size[0]}x{size[1]}; "
                    "the images of a clip must have one size"
                )
            yield picture


def _decoded(file: Path) -> av.VideoFrame | None:
    try:
        with opened(file) as container:
            return next(container.decode(film_of(container, str(file))), None)
    except (FFmpegError, TcmrError):
        return None


def natural_order(name: str) -> list[str | int]:
    """Return a key that puts `frame9` before `frame10`."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name.casefold())]
