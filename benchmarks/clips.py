"""Clips for benchmarks, made out of real ones: longer, larger, faster, with more people."""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8

from tcmr.people.detect import resized
from tcmr.video.read import open_clip
from tcmr.video.write import VideoWriter

Picture = UInt8[np.ndarray, "height width 3"]
GREY = 128


def there_and_back(
    video: Path, path: Path, loops: int = 1, *, scale: float = 1.0, fps: float | None = None, most: int = 100
) -> Path:
    """Write the first `most` frames of a video forwards and backwards, `loops` times, so that nobody ever jumps.

    `scale` makes pictures larger; another rate of `fps` leaves frames out or mixes neighbours. Frames are encoded
    once; the loops are copies.
    """
    pictures, own_fps = _pictures(video, scale, fps, most)
    once = path.with_name(f"once-{path.name}")
    _write(once, iter([*pictures, *reversed(pictures)]), fps or own_fps)
    _repeat(once, path, loops)
    return path


def crowd(
    video: Path,
    path: Path,
    columns: int,
    rows: int,
    *,
    width: int = 1920,
    height: int = 1080,
    fps: float = 30.0,
    frames: int = 60,
) -> Path:
    """Write a picture of `columns` x `rows` copies of a video, each at another moment of it."""
    pictures, _ = _pictures(video, 1.0, fps, 100)
    cell_height, cell_width = height // rows, width // columns
    scale = min(cell_height / len(pictures[0]), cell_width / pictures[0].shape[1])
    small = [resized(each, *(round(scale * side) for side in each.shape[:2])) for each in pictures]
    small += small[::-1]

    def together() -> Iterator[Picture]:
        for index in range(frames):
            picture = np.full((height, width, 3), GREY, np.uint8)
            for cell, (row, column) in enumerate(itertools.product(range(rows), range(columns))):
                part = small[(index + 7 * cell) % len(small)]
                top, left = row * cell_height, column * cell_width + (cell_width - part.shape[1]) // 2
                picture[top : top + len(part), left : left + part.shape[1]] = part
            yield picture

    _write(path, together(), fps)
    return path


def _pictures(video: Path, scale: float, fps: float | None, most: int) -> tuple[list[Picture], float]:
    with open_clip(video) as reader:
        own_fps = reader.clip.fps
        size = [round(scale * side / 2) * 2 for side in (reader.clip.height, reader.clip.width)]
        frames = itertools.islice(reader, most)
        pictures = [frame.rgb if scale == 1 else resized(frame.rgb, *size) for frame in frames]
    ratio = 1.0 if fps is None else fps / own_fps
    return _mixed(pictures, round(ratio)) if ratio >= 1 else pictures[:: round(1 / ratio)], own_fps


def _mixed(pictures: list[Picture], rate: int) -> list[Picture]:
    """Put `rate` - 1 mixtures between neighbours."""
    mixtures = [
        ((1 - step / rate) * before + step / rate * after).astype(np.uint8) if step else before
        for before, after in itertools.pairwise(pictures)
        for step in range(rate)
    ]
    return [*mixtures, pictures[-1]]


def _write(path: Path, pictures: Iterator[Picture], fps: float) -> None:
    first, *_ = head = list(itertools.islice(pictures, 1))
    with VideoWriter(path, width=first.shape[1], height=first.shape[0], fps=fps) as writer:
        for picture in itertools.chain(head, pictures):
            writer.write(picture)


def _repeat(once: Path, path: Path, loops: int) -> None:
    """Write the packets of a video several times in a row, without decoding them."""
    with av.open(str(path), "w") as output, av.open(str(once)) as source:
        film = source.streams.video[0]
        track = output.add_stream_from_template(film)
        assert film.time_base is not None
        assert film.duration is not None
        length = film.duration * Fraction(film.time_base)
        for loop in range(loops):
            source.seek(0)
            for packet in source.demux(film):
                if packet.dts is None or packet.pts is None:
                    continue
                shift = round(loop * length / packet.time_base)
                packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
                packet.stream = track
                output.mux(packet)
