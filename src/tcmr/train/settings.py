"""Settings from a TOML table into frozen dataclasses, strictly: a slip of the pen must not pass for a choice."""

import json
import tomllib
from dataclasses import MISSING, asdict, fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from tcmr.errors import TcmrError
from tcmr.files import read_text

T = TypeVar("T")


def read_settings(kind: type[T], path: Path) -> T:
    """Read a TOML file as a dataclass; its nested dataclasses are tables.

    Raises:
        TcmrError: the file is missing or no TOML, or a setting is unknown, missing, of the wrong type or
            refused by the dataclass.
    """
    table = read_toml(path)
    try:
        return _build(kind, table, "")
    except (ValueError, TcmrError) as error:
        raise TcmrError(f"{path}: {error}") from error


def plain_settings(settings: Any) -> dict[str, Any]:
    """Return a dataclass of settings as what JSON can hold."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(settings), default=str))
    return plain


def stage_of_file(path: Path) -> Any:
    """Return which kind of run a configuration is of, None where it does not say.

    Raises:
        TcmrError: the file is missing or no TOML.
    """
    return read_toml(path).get("stage")


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        TcmrError: the file is missing or no TOML.
    """
    try:
        return tomllib.loads(read_text(path))
    except (OSError, ValueError, RecursionError) as error:
        raise TcmrError(f"cannot read the configuration {path}: {error}") from error


def _build(kind: type[T], table: dict[str, Any], where: str) -> T:
    known = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
    unknown = [where + name for name in table if name not in known]
    if unknown:
        raise ValueError(f"unknown settings: {', '.join(unknown)}; there are: {', '.join(known)}")
    missing = [
        where + name
        for name, entry in known.items()
        if name not in table and entry.default is MISSING and entry.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"missing settings: {', '.join(missing)}")
    hints = get_type_hints(kind)
    return kind(**{name: _converted(hints[name], value, where + name) for name, value in table.items()})


def _converted(hint: Any, value: Any, name: str) -> Any:
    """Convert what TOML says to what a field holds."""
    if get_origin(hint) is UnionType:
        hint = next(each for each in get_args(hint) if each is not NoneType)
    if is_dataclass(hint) and isinstance(hint, type) and isinstance(value, dict):
        return _build(hint, value, f"{name}.")
    if get_origin(hint) is Literal and value in get_args(hint):
        return value
    if get_origin(hint) is tuple and isinstance(value, list):
        return tuple(_converted(get_args(hint)[0], each, name) for each in value)
    if get_origin(hint) is dict and isinstance(value, dict):
        return value
    if hint is Path and isinstance(value, str):
        return Path(value)
    if hint is float and type(value) in (int, float):
        return float(value)
    if isinstance(hint, type) and type(value) is hint:
        return value
    raise ValueError(f"{name} must be {_described(hint)}, not {value!r}")


def _described(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return " or ".join(repr(choice) for choice in get_args(hint))
    if get_origin(hint) is tuple:
        return f"a list of {_described(get_args(hint)[0])}"
    if is_dataclass(hint):
        return "a table"
    return {str: "text", Path: "text", float: "a number", int: "a whole number", bool: "true or false"}[hint]
