"""Video files: any container and codec that PyAV reads."""

import math
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from tcmr.errors import TcmrError
from tcmr.files import open_file
from tcmr.video.picture import Picture, Turn

# By which a folder is known to hold videos; a file is read whatever it is called.
VIDEO_SUFFIXES = (
    ".3gp", ".asf", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv",
    ".ts", ".vob", ".webm", ".wmv",
)  # fmt: skip
PLAUSIBLE_FPS = (0.01, 1000.0)
_PLAUSIBLE_PIXEL_ASPECT = (0.2, 5.0)
# Pictures of 8K have half as many pixels. No other file or address is opened on behalf of a file.
LARGEST_PIXELS = 1 << 26
LIMITS = {"max_pixels": str(LARGEST_PIXELS), "protocol_whitelist": "none"}
_SMALLEST_STEP_S = 1e-3  # between pictures whose timestamps do not ascend
_WEBP_FLAGS, _WEBP_ANIMATION = 20, 0x02  # where an extended WebP has its flags, and the one for animation


@dataclass(frozen=True)
class VideoFile:
    """A video file, with what its header says."""

    path: Path
    fps: float
    frame_count: int | None
    duration_s: float | None
    has_audio: bool
    pixel_aspect: float

    @staticmethod
    def open(path: Path) -> "VideoFile":
        """Read the header.

        Raises:
            TcmrError: the file is missing, empty, no video, an animated WebP, or has sound only.
        """
        if not path.exists():
            raise TcmrError(f"{path}: there is no such file or folder")
        if path.stat().st_size == 0:
            raise TcmrError(f"{path}: is empty (0 bytes); copy or record it again")
        if _is_animated_webp(path):
            raise TcmrError(
                f"{path}: is an animated WebP, which FFmpeg cannot decode; make a folder of images of it "
                "(ImageMagick: magick FILE -coalesce FOLDER/%04d.png) and give that"
            )
        with opened(path) as container:
            stream = film_of(container, str(path))
            fps = rate_of(stream)
            duration_s = _duration_s(container, stream)
            estimate = None if duration_s is None else max(1, round(duration_s * fps))
            return VideoFile(
                path=path,
                fps=fps,
                frame_count=stream.frames or estimate,
                duration_s=duration_s,
                has_audio=bool(container.streams.audio),
                pixel_aspect=pixel_aspect_of(stream),
            )

    def pictures(self) -> Generator[Picture | None]:
        """Yield the pictures in the order in which they are shown, None for one that is damaged.

        Times are seconds since the container's start, as the file has them, and ascend strictly. A file that
        is cut off ends early, without an error.
        """
        with opened(self.path) as container:
            stream = film_of(container, str(self.path))
            stream.thread_type = "AUTO"
            yield from pictures_of(container, stream, self.fps)


def pictures_of(container: InputContainer, stream: VideoStream, fps: float) -> Generator[Picture | None]:
    """Yield a stream's pictures as they come, None for one that is damaged."""
    clock = _Clock(stream.time_base or Fraction(1, av.time_base), start_of(container), 1 / fps)
    turn = None
    for frame in _decoded(container, stream):
        if frame is None:
            yield None
            continue
        turn = turn or Turn.by_matrix(frame)
        yield Picture(frame, turn, *clock.times_s(frame))


class _Clock:
    """Gives frames their times: the file's where it has them and they ascend, else one after the other."""

    def __init__(self, unit: Fraction, start_s: float, step_s: float) -> None:
        self._unit = unit
        self._start_s = start_s
        self._step_s = step_s
        self._last_s = -math.inf

    def times_s(self, frame: av.VideoFrame) -> tuple[float, float]:
        """Return from when on and how long the frame is shown."""
        if frame.pts is not None:
            time_s = max(float(frame.pts * self._unit) - self._start_s, self._last_s + _SMALLEST_STEP_S)
        else:
            time_s = max(0.0, self._last_s + self._step_s)
        self._last_s = time_s
        return time_s, max(float(frame.duration * self._unit), self._step_s)


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Open a media file for reading; one that refers to other files or to the network is not followed.

    Raises:
        TcmrError: it is none that PyAV can read.
    """
    with ExitStack() as resources:
        try:
            # An open file: its name is no pattern or address then, and nothing else has to be opened.
            content = resources.enter_context(open_file(path))
            container = resources.enter_context(
                av.open(content, "r", options=LIMITS, metadata_errors="ignore")
            )
        except (OSError, FFmpegError) as error:
            raise TcmrError(
                f"{path}: cannot be read as a video ({error.strerror}); it is damaged, cut off before its "
                "index, or another kind of file"
            ) from error
        yield container


def start_of(container: InputContainer) -> float:
    """Return the time at which the container's streams begin, in seconds."""
    return (container.start_time or 0) / av.time_base


def film_of(container: InputContainer, name: str) -> VideoStream:
    """Return a container's video stream: of several the one that players show.

    Raises:
        TcmrError: it has none.
    """
    # Text is read as a film of a terminal, the cover of an album as a film of one picture: neither is meant.
    films = [
        stream
        for stream in container.streams.video
        if stream.codec_context is not None and not stream.disposition & Disposition.attached_pic
    ]
    if not films or container.format.name == "tty":
        raise TcmrError(f"{name}: has no video stream")
    best = container.streams.best("video")
    film = next((film for film in films if film is best), films[0])
    film.codec_context.options = {"max_pixels": LIMITS["max_pixels"]}
    return film


def _is_animated_webp(path: Path) -> bool:
    """Tell by the flags of a WebP's first chunk."""
    with suppress(OSError), open_file(path) as file:
        start = file.read(_WEBP_FLAGS + 1)
        known = start[:4] == b"RIFF" and start[8:16] == b"WEBPVP8X" and len(start) > _WEBP_FLAGS
        return known and bool(start[_WEBP_FLAGS] & _WEBP_ANIMATION)
    return False


def _decoded(container: InputContainer, stream: VideoStream) -> Iterator[av.VideoFrame | None]:
    for packet in _packets(container, stream):
        try:
            frames = stream.decode(packet)
        except FFmpegError:
            yield None
            continue
        for frame in frames:
            yield None if frame.is_corrupt else frame


def _packets(container: InputContainer, stream: VideoStream) -> Iterator[av.Packet | None]:
    """Yield packets as far as the container can be followed, then None, which asks for what is held back."""
    # Where it is broken it ends; the reader compares with the promised duration.
    with suppress(FFmpegError):
        for packet in container.demux(stream):
            if packet.size:
                yield packet
    yield None


def rate_of(stream: VideoStream) -> float:
    """Return a stream's frames per second; 30 where it does not say."""
    low, high = PLAUSIBLE_FPS
    rates = (float(rate) for rate in (stream.average_rate, stream.guessed_rate) if rate)
    return next((rate for rate in rates if low <= rate <= high), 30.0)


def _duration_s(container: InputContainer, stream: VideoStream) -> float | None:
    """Return the promised duration: the stream's own, Matroska's note of it, or the longest stream's."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    hours, _, rest = stream.metadata.get("DURATION", "").partition(":")
    minutes, _, seconds = rest.partition(":")
    try:
        return timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds)).total_seconds()
    except (ValueError, OverflowError):
        return None if container.duration is None else container.duration / av.time_base


def pixel_aspect_of(stream: VideoStream) -> float:
    """Return how broad a stream's pixels are to their height; 1 where it does not say."""
    low, high = _PLAUSIBLE_PIXEL_ASPECT
    aspect = float(stream.sample_aspect_ratio or 1)
    return aspect if low <= aspect <= high else 1.0
