"""Every surface by its name."""

from collections.abc import Callable
from pathlib import Path

from . import arrays, assets, databases, live, pickled, runs, texts, videos, weights
from .surface import Surface

SURFACES: dict[str, Callable[[Path], Surface]] = {
    **videos.SURFACES,
    **arrays.SURFACES,
    **pickled.SURFACES,
    **weights.SURFACES,
    **texts.SURFACES,
    **assets.SURFACES,
    **databases.SURFACES,
    **live.SURFACES,
    **runs.SURFACES,
}
