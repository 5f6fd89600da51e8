"""What is asked of numbers and choices that users give."""

import math
from collections.abc import Iterable
from numbers import Real
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from tcmr.errors import TcmrError


def require_above_zero(name: str, number: Any) -> None:
    """Refuse a number that is given and is not finite and above 0.

    Raises:
        TcmrError: it is not; the message has its name.
    """
    is_number = isinstance(number, Real)
    if number is not None and not is_number:
        raise TcmrError(f"{name} must be a number, not {number!r}")
    if number is not None and not 0 < number < math.inf:
        raise TcmrError(f"{name} must be {'finite' if number == math.inf else 'above 0'}, not {number}")


def require_all_above_zero(settings: Any, names: Iterable[str]) -> None:
    """Refuse settings in which one of these numbers is not finite and above 0.

    Raises:
        TcmrError: one is not; the message has its name.
    """
    for name in names:
        require_above_zero(name, getattr(settings, name))


def require_within(name: str, number: Any, least: int | float, most: int | float) -> None:
    """Refuse a number that is given and is not above 0 and from `least` to `most`.

    Raises:
        TcmrError: it is not; the message has its name.
    """
    require_above_zero(name, number)
    if number is not None and not least <= number <= most:
        raise TcmrError(f"{name} must be {least} to {most}, not {number}")


def require_one_of(name: str, value: object, kind: Any) -> None:
    """Refuse a value that is none of those of a `Literal` type, alone or "or None"; other types allow any.

    Raises:
        TcmrError: it is none; the message has its name and the values that are.
    """
    parts = (kind, *get_args(kind))
    choices = [choice for part in parts if get_origin(part) is Literal for choice in get_args(part)]
    if choices and value not in choices and not (value is None and NoneType in parts):
        raise TcmrError(f"{name} must be {' or '.join(map(repr, choices))}, not {value!r}")


def require_choices(settings: Any) -> None:
    """Refuse a dataclass of settings in which a field is none of the values of its `Literal` type.

    Raises:
        TcmrError: one is not; the message has its name and the values that are.
    """
    for name, kind in get_type_hints(type(settings)).items():
        require_one_of(name, getattr(settings, name), kind)
