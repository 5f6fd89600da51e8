"""What a video file and a folder of images have in common for whoever reads them."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import av


@dataclass(frozen=True)
class Picture:
    """A decoded picture as it is stored, neither turned nor converted, and how long it is shown."""

    time_s: float
    duration_s: float
    frame: av.VideoFrame


class Source(Protocol):
    """Where pictures come from; each call of `pictures` starts anew.

    `pixel_aspect` is the width of a pixel over its height; `duration_s` and `frame_count` are what the source
    promises, None where it does not say.
    """

    @property
    def path(self) -> Path: ...  # noqa: D102

    @property
    def fps(self) -> float: ...  # noqa: D102

    @property
    def frame_count(self) -> int | None: ...  # noqa: D102

    @property
    def duration_s(self) -> float | None: ...  # noqa: D102

    @property
    def has_audio(self) -> bool: ...  # noqa: D102

    @property
    def pixel_aspect(self) -> float: ...  # noqa: D102

    def pictures(self) -> Generator[Picture | None]:
        """Yield the pictures in the order in which they are shown, None for one that is damaged."""
        ...
