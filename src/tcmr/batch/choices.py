"""What a list may say of one video alone: some of the options, under the names of the command line."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from tcmr.errors import TcmrError
from tcmr.features.tuned import OPEN, OWN
from tcmr.model.windows import Edges
from tcmr.options import CameraMoves, Options
from tcmr.smooth.motion import Smooth


def _one_of(names: tuple[str, ...]) -> Callable[[str], str]:
    def checked(text: str) -> str:
        if text not in names:
            raise ValueError(text)
        return text

    return checked


# The models are loaded once for all videos, so what chooses them cannot differ.
_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "focal": ("focal_px", float),
    "camera": ("camera", _one_of(get_args(CameraMoves))),
    "height": ("height", str),
    "max_persons": ("max_persons", int),
    "min_frames": ("min_frames", int),
    "detect_every": ("detect_every", int),
    "image_fps": ("image_fps", float),
    "edges": ("edges", _one_of(get_args(Edges))),
    "smooth": ("smooth", _one_of(get_args(Smooth))),
}


def with_choices(options: Options, choices: Mapping[str, str]) -> Options:
    """Return the options as they hold for one video.

    Raises:
        TcmrError: there is no such option for one video, or it cannot have that value.
    """
    values = {}
    for name, text in choices.items():
        if name not in _FIELDS:
            raise TcmrError(f"{name!r} cannot be set for one video; what can: {', '.join(_FIELDS)}")
        field, parse = _FIELDS[name]
        try:
            values[field] = parse(text)
        except ValueError as error:
            raise TcmrError(f"{name} cannot be {text!r}") from error
    return replace(options, **values)


def named_files(options: Options) -> dict[str, Path]:
    """Return those of the options that name files or folders which are there."""
    given = {name: getattr(options, name) for name in ("weights", "body", "spin", "landmark_weights")}
    paths = {name: Path(text) for name, text in given.items() if text not in (None, OPEN, OWN)}
    return {name: path for name, path in paths.items() if path.exists()}
