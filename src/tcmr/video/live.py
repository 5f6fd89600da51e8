"""Pictures that come only once: from a camera, over the network, through a pipe."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.error import FFmpegError

from tcmr.errors import TcmrError
from tcmr.types import Clip, Frame
from tcmr.video.file import film_of, pictures_of, pixel_aspect_of, rate_of
from tcmr.video.picture import Picture, RgbConverter

PIPE = "-"
CAMERA = "camera:"
SILENCE_S = 10.0  # after which a source counts as gone
# Platform -> FFmpeg's format and its name of the camera of a number (on Windows: of a name).
CAMERAS = {
    "linux": ("v4l2", "/dev/video{}"),
    "darwin": ("avfoundation", "{}"),
    "win32": ("dshow", "video={}"),
}


class LiveReader:
    """Frames of a source, once, as they come; memory does not grow but for the times of the frames.

    `clip` is what the source says of itself. `timestamps_s` and `damaged_frames` tell of the frames so far.
    """

    def __init__(self, name: str, container: InputContainer) -> None:
        """Wait for the first picture.

        Raises:
            TcmrError: there is none.
        """
        film = film_of(container, name)
        fps = rate_of(film)
        self._pictures = pictures_of(container, film, fps)
        self.timestamps_s: list[float] = []
        self.damaged_frames = 0
        first = next(filter(None, self._pictures), None)
        if first is None:
            raise TcmrError(f"{name}: no picture came")
        self._first: Picture = first
        width, height = first.seen_size(pixel_aspect_of(film))
        self.clip = Clip(Path(folder_name(name)), width, height, fps, None, has_audio=False)

    def __iter__(self) -> Iterator[Frame]:
        to_rgb = RgbConverter(self.clip.width, self.clip.height)
        for picture in chain([self._first], self._pictures):
            if picture is None:
                self.damaged_frames += 1
                continue
            self.timestamps_s.append(picture.time_s)
            yield Frame(len(self.timestamps_s) - 1, picture.time_s, to_rgb(picture))

    def warnings(self) -> list[str]:
        """Return a sentence for everything that was wrong with the frames so far."""
        if not self.damaged_frames:
            return []
        return [f"{self.clip.path}: {self.damaged_frames} damaged frame(s) left out"]


@contextmanager
def open_live(source: str) -> Iterator[LiveReader]:
    """Open `camera:0`, a URL, or `-` for a pipe into standard input.

    Raises:
        TcmrError: there is no such source, or it sends no video.
    """
    name = without_password(source)
    try:
        container = av.open(**_how_to_open(source), metadata_errors="ignore")
    except (FFmpegError, OSError) as error:
        raise TcmrError(
            f"{name}: cannot be opened as a source of video ({error.strerror or error})"
        ) from error
    with container:
        yield LiveReader(name, container)


def _how_to_open(source: str) -> dict[str, Any]:
    if source == PIPE:
        return {"file": sys.stdin.buffer}
    if source.startswith(CAMERA):
        if sys.platform not in CAMERAS:
            raise TcmrError(f"{source}: cameras are not known on {sys.platform}; give a URL or a pipe")
        format, device = CAMERAS[sys.platform]
        return {"file": device.format(source.removeprefix(CAMERA)), "format": format}
    if "://" in source:
        options = {"rtsp_transport": "tcp"} if source.startswith("rtsp") else {}
        return {"file": source, "timeout": SILENCE_S, "options": options}
    raise TcmrError(f"{source}: is no source; give camera:0, a URL (rtsp://, http://), or - for a pipe")


def without_password(source: str) -> str:
    """Return a source's name as it may be shown and saved.

    >>> without_password("rtsp://me:secret@door.example:554/stream")
    'rtsp://door.example:554/stream'
    """
    if "://" not in source:
        return source
    url = urlsplit(source)
    return url._replace(netloc=url.netloc.rpartition("@")[2]).geturl()


def folder_name(source: str) -> str:
    """Return what the folder of a source's result is called.

    >>> [folder_name(source) for source in ("camera:0", "-", "http://host/walk.mp4", "rtsp://host:554")]
    ['camera-0', 'pipe', 'walk', 'host']
    """
    if source == PIPE:
        return "pipe"
    if "://" not in source:
        return source.replace(":", "-").replace("/", "-")
    url = urlsplit(source)
    return Path(url.path).stem or url.hostname or "stream"
