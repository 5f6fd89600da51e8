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


def there_and_back(video: Path, path: Path, loops: int = 1, scale: float = 1.0, rate: int = 1) -> Path:
    """Write a short video forwards and backwards, `loops` times, so that nobody ever jumps.

    `scale` makes pictures larger; `rate` makes that many frames of one, by mixing neighbours. Frames are encoded
    once; the loops are copies.
    """
    pictures, fps = _pictures(video, scale)
    once = path.with_name(f"once-{path.name}")
    _write(once, _mixed([*pictures, *reversed(pictures)], rate), fps * rate)
    _repeat(once, path, loops)
    return path


def crowd(
    video: Path, path: Path, columns: int, rows: int, width: int = 3840, height: int = 2160, frames: int = 200
) -> Path:
    """Write a picture of `columns` x `rows` copies of a video, each at another moment of it."""
    pictures, fps = _pictures(video, 1.0)
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


def _pictures(video: Path, scale: float) -> tuple[list[Picture], float]:
    with open_clip(video) as reader:
        size = [round(scale * side / 2) * 2 for side in (reader.clip.height, reader.clip.width)]
        return [frame.rgb if scale == 1 else resized(frame.rgb, *size) for frame in reader], reader.clip.fps


def _mixed(pictures: list[Picture], rate: int) -> Iterator[Picture]:
    yield pictures[0]
    for before, after in itertools.pairwise(pictures):
        for step in range(1, rate + 1):
            share = np.float32(step / rate)
            yield after if step == rate else ((1 - share) * before + share * after).astype(np.uint8)


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
