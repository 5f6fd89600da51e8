"""Which rows of a database are one video's, and which frames they are."""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, Shaped

from tcmr.data.released.rows import Rows, blocks

LAST_NUMBER = re.compile(r"(\d+)(\.[A-Za-z]\w*)?$")


@dataclass(frozen=True)
class Video:
    """One person in one video: a name and rows that stand together."""

    name: str
    rows: slice


def find_videos(names: Rows) -> list[Video]:
    """Return the videos of a database in their order, from the name beside each row.

    Raises:
        ValueError: a name comes back after another video.
    """
    found: list[str] = []
    starts: list[int] = []
    for first, block in blocks(names):
        for row in (0, *(1 + np.flatnonzero(block[1:] != block[:-1])).tolist()):
            name = _text(block[row])
            if not found or name != found[-1]:
                found.append(name)
                starts.append(first + row)
    videos = [
        Video(name, slice(*ends))
        for name, *ends in zip(found, starts, [*starts[1:], names.shape[0]], strict=True)
    ]
    seen: dict[str, Video] = {}
    for video in videos:
        if video.name in seen:
            raise ValueError(
                f"video {video.name} ends at row {seen[video.name].rows.stop - 1} and comes back at row "
                f"{video.rows.start}; give each part a name of its own"
            )
        seen[video.name] = video
    return videos


def frame_numbers(told: Shaped[np.ndarray, " frames"]) -> Int64[np.ndarray, " frames"]:
    """Return the numbers of frames that are told as numbers, or as names of pictures that end in them.

    Raises:
        ValueError: a name has no number.

    >>> frame_numbers(np.array(["video/000007.jpg", "img_000008"])).tolist()
    [7, 8]
    """
    if told.dtype.kind in "iu":
        return told.astype(np.int64)
    numbers = []
    for each in told:
        match = LAST_NUMBER.search(_text(each))
        if match is None:
            raise ValueError(f"{_text(each)!r} does not end in the number of a frame")
        numbers.append(int(match[1]))
    return np.array(numbers, np.int64)


def counted(numbers: Int64[np.ndarray, " frames"]) -> Int64[np.ndarray, " frames"]:
    """Count frames by the smallest step between them: a database of every second frame has no gaps.

    Where the step is larger, a number is left out.

    Raises:
        ValueError: the frames do not ascend.

    >>> counted(np.array([4, 6, 8, 14])).tolist()
    [0, 1, 2, 4]
    """
    steps = np.diff(numbers)
    if (steps < 1).any():
        row = int(np.flatnonzero(steps < 1)[0])
        raise ValueError(f"frame {numbers[row + 1]} comes after frame {numbers[row]}; frames must ascend")
    smallest = steps.min(initial=np.iinfo(np.int64).max)
    return np.concatenate([np.zeros(min(len(numbers), 1), np.int64), np.cumsum(1 + (steps > smallest))])


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
