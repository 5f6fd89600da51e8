"""What the page takes of a `result.json`, each of the kind that it is shown as."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tcmr.errors import damaged_result
from tcmr.files import read_json

# Of a run's options those that say how motion is estimated.
CHOICES = (
    "mirrored",
    "temporal",
    "edges",
    "fit",
    "smooth",
    "height",
    "camera",
    "lookahead",
    "max_persons",
    "min_frames",
    "detect_every",
)
LARGEST = 1e12  # of any number: what is more, or no number, cannot be drawn

Kind = Callable[[Any], bool]


def read_summary(file: Path) -> dict[str, Any]:
    """Read a result.json; it has all of `NEEDED`, and what it has of `OPTIONAL` is of its kind.

    Raises:
        TcmrError: it is not as `tcmr run` writes it.
    """
    try:
        summary = read_json(file)
    except (OSError, ValueError) as error:
        raise damaged_result(file, error) from error
    if not isinstance(summary, dict):
        raise damaged_result(file, "it holds no table")
    missing = sorted(NEEDED.keys() - summary.keys())
    if missing:
        raise damaged_result(file, f"it has no '{missing[0]}'")
    for key, is_right in (NEEDED | OPTIONAL).items():
        if key in summary and not is_right(summary[key]):
            raise damaged_result(file, f"'{key}' cannot be {_beginning(summary[key])}")
    return summary


def is_number(value: Any) -> bool:
    """Return whether a value is a number that can be drawn.

    >>> [is_number(value) for value in (3, 0.5, True, "3", float("nan"), 10**400)]
    [True, True, False, False, False, False]
    """
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_above_0(value: Any) -> bool:
    return is_number(value) and value > 0


def _list_of(kind: Kind, length: int | None = None) -> Kind:
    return lambda value: isinstance(value, list) and length in (None, len(value)) and all(map(kind, value))


def _table_of(kind: Kind) -> Kind:
    return lambda value: isinstance(value, dict) and all(map(kind, value.values()))


def _is_camera(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_above_0(value.get("focal_px"))
        and _list_of(is_number, 2)(value.get("center_px"))
    )


def _are_options(value: Any) -> bool:
    return isinstance(value, dict) and all(
        value.get(name) is None or isinstance(value[name], str | bool) or is_number(value[name])
        for name in CHOICES
    )


def _beginning(value: Any) -> str:
    try:
        return f"{value!r:.40}"
    except RecursionError:
        return "nested so deeply"


NEEDED: dict[str, Kind] = {
    "video": _is_text,
    "fps": _is_above_0,
    "size": _list_of(_is_above_0, 2),
    "timestamps_s": _list_of(is_number),
    "camera": _is_camera,
    "versions": _table_of(_is_text),
    "seconds": _table_of(is_number),
}
OPTIONAL: dict[str, Kind] = {
    "command": _is_text,
    "features": _is_text,
    "landmarks": _is_text,
    "options": _are_options,
    "warnings": _list_of(_is_text),
}
