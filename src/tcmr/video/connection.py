"""One connection to a live source, from opening it to its end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from tcmr.errors import TcmrError
from tcmr.video.file import film_of, pictures_of, pixel_aspect_of, rate_of
from tcmr.video.picture import Picture
from tcmr.video.source import PIPE, how_to_open, is_network, without_password

# Formats that say nothing of the times of their pictures, or say it by a clock that may be set back.
WITHOUT_TIMES = ("mpjpeg", "mjpeg", "h264", "hevc", "x11grab")
PLAYLISTS = ("hls", "dash")  # their size is the playlist's, not the film's


@dataclass(frozen=True, eq=False)
class Connection:
    """An open source: what it says of itself, and its pictures.

    `is_live` tells that it goes on whether or not anybody looks: a camera, a screen, a stream without a length.
    """

    fps: float
    pixel_aspect: float
    is_live: bool
    container: InputContainer
    film: VideoStream

    def pictures(self) -> Iterator[tuple[Picture | None, float]]:
        """Yield pictures as they come (None for a damaged one), and their times in seconds from the start on."""
        by_arrival = self.is_live and self.container.format.name in WITHOUT_TIMES
        began_s = time.monotonic()
        for picture in pictures_of(self.container, self.film, self.fps):
            if by_arrival:
                yield picture, time.monotonic() - began_s
            else:
                yield picture, 0.0 if picture is None else picture.time_s


@contextmanager
def connected(source: str) -> Iterator[Connection]:
    """Open `camera:0`, `screen`, a URL, or `-` for a pipe into standard input.

    Raises:
        TcmrError: there is no such source, or it sends no video.
    """
    name = without_password(source)
    try:
        container = av.open(**how_to_open(source), metadata_errors="ignore")
    except (FFmpegError, OSError) as error:
        raise TcmrError(
            f"{name}: cannot be opened as a source of video ({error.strerror or error})"
        ) from error
    with container:
        film = film_of(container, name)
        yield Connection(rate_of(film), pixel_aspect_of(film), _is_live(source, container), container, film)


def _is_live(source: str, container: InputContainer) -> bool:
    """Tell a stream from a recording, which has a length, and from a pipe, whose writer waits."""
    if is_network(source):
        has_size = container.size > 0 and container.format.name not in PLAYLISTS
        return container.duration is None and not has_size
    return source != PIPE
