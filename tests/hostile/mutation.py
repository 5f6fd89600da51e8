"""Seeded damage to bytes, numbers and values, of the kinds that readers are known to stumble over."""

import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

INTERESTING = (
    0,
    1,
    2,
    7,
    8,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0xFFFF,
    1 << 20,
    1 << 30,
    (1 << 31) - 1,
    1 << 31,
    (1 << 32) - 1,
)
HUGE = (*INTERESTING, 1 << 33, 10**12, 1 << 40, 1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
LAYOUTS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")

VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 10**6, 10**9, 10**12, -(10**12), 10**30, 2**63, 2**64, 0.5, -0.0, 1e308,
    -1e308, float("nan"),
    float("inf"), float("-inf"), "", " ", "0", "-1", "nan", "1e999", "../../escaped", "/etc/passwd", "/dev/zero",
    "a\0b", "\ud800", "\U0001d4cd\u0301" * 5, "x" * 70_000, "<script>", "%s%n{0}${x}", [], {}, [[]], [None],
    {"": None}, [0] * 1000,
    ["a", 1], {"a": {"b": {}}}, "file:///etc/passwd", "C:\\x", ".", "..", "~",
)  # fmt: skip


def damaged(rng: Random, content: bytes) -> bytes:
    """Return bytes damaged in one to four ways; now and then as they were."""
    for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3, 4))):
        content = rng.choice(_DAMAGE)(rng, content)
    return content


def changed(rng: Random, value: Any) -> Any:
    """Return a value of JSON with one of its parts exchanged, left out or doubled."""
    if isinstance(value, dict) and value and rng.random() < 0.85:
        return _changed_dict(rng, value)
    if isinstance(value, list) and value and rng.random() < 0.8:
        return _changed_list(rng, value)
    return rng.choice(
        (lambda: rng.choice(VALUES), lambda: nested(rng), lambda: [value] * rng.choice((1, 2, 50)))
    )()


def nested(rng: Random) -> Any:
    """Return lists or dictionaries within each other, up to where recursion ends in Python."""
    value: Any = rng.choice((0, "a", None))
    as_dict = rng.random() < 0.5
    for _ in range(rng.choice((2, 40, 400))):
        value = {"a": value} if as_dict else [value]
    return value


def _changed_dict(rng: Random, value: dict[str, Any]) -> dict[str, Any]:
    key = rng.choice(list(value))
    rest = {name: part for name, part in value.items() if name != key}
    match rng.randrange(8):
        case 0:
            return rest
        case 1:
            return {**rest, str(rng.choice(VALUES)): value[key]}
        case 2:
            return {**value, str(rng.choice(VALUES)): rng.choice(VALUES)}
        case _:
            return {**value, key: changed(rng, value[key])}


def _changed_list(rng: Random, value: list[Any]) -> list[Any]:
    place = rng.randrange(len(value))
    match rng.randrange(6):
        case 0:
            return value[:place] + value[place + 1 :]
        case 1:
            return value + value
        case 2:
            return [*value, rng.choice(VALUES)]
        case _:
            return [*value[:place], changed(rng, value[place]), *value[place + 1 :]]


def _cut(rng: Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _flip(rng: Random, content: bytes) -> bytes:
    flipped = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if flipped:
            flipped[_place(rng, flipped)] ^= 1 << rng.randrange(8)
    return bytes(flipped)


def _overwrite(rng: Random, content: bytes) -> bytes:
    place = _place(rng, content)
    piece = rng.randbytes(rng.choice((1, 2, 4, 8, 40)))
    return content[:place] + piece + content[place + len(piece) :]


def _lie(rng: Random, content: bytes) -> bytes:
    """Write an absurd number over what may be a length."""
    layout = rng.choice(LAYOUTS)
    number = struct.pack(layout, rng.choice(HUGE) % (1 << 8 * struct.calcsize(layout)))
    place = _place(rng, content)
    return content[:place] + number + content[place + len(number) :]


def _repeat(rng: Random, content: bytes) -> bytes:
    start, end = sorted((_place(rng, content), _place(rng, content)))
    return content[:end] + content[start:end][:4096] * rng.choice((1, 2, 20)) + content[end:]


def _drop(rng: Random, content: bytes) -> bytes:
    start = _place(rng, content)
    return content[:start] + content[start + rng.choice((1, 2, 4, 8, 100)) :]


def _insert(rng: Random, content: bytes) -> bytes:
    place = _place(rng, content)
    piece = rng.choice((b"\0", b"\xff" * 8, b"\n", b"../" * 4, b"\x80\x02", rng.randbytes(5), bytes(1000)))
    return content[:place] + piece + content[place:]


def _digits(rng: Random, content: bytes) -> bytes:
    """Exchange a number that is written out."""
    places = [place for place, byte in enumerate(content[:4096]) if 48 <= byte <= 57]
    if not places:
        return content
    place = rng.choice(places)
    return (
        content[:place]
        + str(rng.choice((*HUGE, -1, "nan", "1e999", "9" * 5000))).encode()
        + content[place + 1 :]
    )


def _place(rng: Random, content: Sequence[int]) -> int:
    """Draw a place; the first and the last bytes, where headers are, more often."""
    size = len(content)
    if size == 0:
        return 0
    return rng.choice(
        (rng.randrange(size), rng.randrange(min(size, 128)), size - 1 - rng.randrange(min(size, 128)))
    )


_DAMAGE: tuple[Callable[[Random, bytes], bytes], ...] = (
    _cut, _flip, _flip, _overwrite, _overwrite, _lie, _lie, _repeat, _drop, _insert, _digits,
)  # fmt: skip
