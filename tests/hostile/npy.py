"""Arrays in numpy's format with headers that lie, and archives of them."""

import io
import struct
from collections.abc import Mapping
from random import Random
from typing import Any

import numpy as np

from .case import Files
from .mutation import damaged
from .zips import bomb, damaged_zip, lying, zipped

DTYPES = (
    "<f4", "<f8", ">f8", "<f2", "<i8", "|i1", "|u1", "|b1", "<c16", "|O", "|S1000000", "|V2147483647",
    "<U500000000", "<M8[s]", "|V0",
    "<f16", "m8", "S0", "bogus", [("a", "<f4"), ("b", "|O")], [("a", "<f8", (1 << 20, 1 << 20))], ("<f4",
    (1000000000,)), None, 3,
)  # fmt: skip
SHAPES = (
    (), (0,), (1,), (5,), (-1,), (5, 24, 3, 3), (10**12,), (1 << 62, 4), (1 << 31,), (1 << 32, 1 << 32), (0,
    1 << 62), (2,) * 70,
    (3, "a"), (True,), (1.5,), 7, None, [5], (5, 72), (1, 1, 1), (10**30,), (4, 33, 2), (10**8,), (1 << 28, 0),
)  # fmt: skip


def npy(array: np.ndarray) -> bytes:
    """Return an array as a file."""
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def npz(**arrays: Any) -> bytes:
    """Return arrays as an archive."""
    return zipped({f"{name}.npy": npy(np.asarray(array)) for name, array in arrays.items()})


def with_header(
    descr: Any, shape: Any, data: bytes, order: Any = False, version: bytes = b"\x01\x00"
) -> bytes:
    """Return a file with any header."""
    header = (
        repr({"descr": descr, "fortran_order": order, "shape": shape}).encode("latin1", "replace") + b"\n"
    )
    layout = "<H" if version == b"\x01\x00" else "<I"
    return (
        b"\x93NUMPY"
        + version
        + struct.pack(layout, len(header) % (1 << 8 * struct.calcsize(layout)))
        + header
        + data
    )


def damaged_npy(rng: Random, content: bytes) -> bytes:
    """Give an array another header, or damage its bytes."""
    if rng.random() < 0.5 or content[:6] != b"\x93NUMPY":
        return damaged(rng, content)
    try:
        return _with_lies(rng, np.load(io.BytesIO(content), allow_pickle=True), content)
    except Exception:  # the sample was an attack that is no array, or cannot be of that type
        return damaged(rng, content)


def _with_lies(rng: Random, array: np.ndarray, content: bytes) -> bytes:
    match rng.randrange(6):
        case 0:
            return npy(_twisted(rng, array))
        case 1:
            return npy(
                array.astype(rng.choice((np.float16, np.int8, np.complex64, bool, object, "U9", "M8[s]")))
            )
        case 2:
            return (
                b"\x93NUMPY"
                + rng.choice((b"\x02\x00", b"\x03\x00", b"\x09\x00"))
                + struct.pack("<I", rng.choice((0, 10, 1 << 31, (1 << 32) - 1)))
                + content[10:]
            )
        case _:
            descr = rng.choice(DTYPES) if rng.random() < 0.6 else array.dtype.str
            shape = rng.choice(SHAPES) if rng.random() < 0.7 else array.shape
            return with_header(
                descr,
                shape,
                array.tobytes(),
                rng.choice((False, False, True, "x")),
                rng.choice((b"\x01\x00", b"\x02\x00")),
            )


def damaged_npz(rng: Random, files: Files) -> Files:
    """Damage one array of one of the archives, or the archive."""
    return _damaged_one(rng, files, lambda content: damaged_zip(rng, content, damaged_npy))


def damaged_npy_file(rng: Random, files: Files) -> Files:
    """Damage one of the .npy files."""
    return _damaged_one(rng, files, lambda content: damaged_npy(rng, content))


def _damaged_one(rng: Random, files: Files, how: Any) -> Files:
    name = rng.choice(sorted(files))
    content = files[name]
    return {**files, name: how(content)} if isinstance(content, bytes) else files


def _twisted(rng: Random, array: np.ndarray) -> np.ndarray:
    """Return an array of another shape, or with numbers that are none."""
    match rng.randrange(6):
        case 0:
            return array[:1] if array.ndim else array[None]
        case 1:
            return array[None]
        case 2:
            return array.ravel()
        case 3:
            return array[..., :0] if array.ndim else array
        case _:
            twisted = np.array(array)
            if twisted.dtype.kind in "fi" and twisted.size:
                twisted.flat[rng.randrange(twisted.size)] = rng.choice(
                    (0, -1, 2**31 - 1) if twisted.dtype.kind == "i" else (np.nan, np.inf, 1e30, -1e30)
                )
            return twisted


def npz_attacks(name: str, /, **arrays: np.ndarray) -> list[bytes]:
    """Return archives that would fill the memory, run something, or deceive; `name` is one of the arrays."""
    members = {f"{key}.npy": npy(array) for key, array in arrays.items()}

    def instead(content: bytes) -> Mapping[str, bytes]:
        return {**members, f"{name}.npy": content}

    return [
        bomb(f"{name}.npy", with_header("<f4", ((1 << 29) // 4,), b""), 1 << 29),
        bomb(f"{name}.npy", b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 29), 1 << 29),
        lying(zipped(members), 1 << 31),
        lying(zipped(members), 3, 3),
        zipped(instead(with_header("<f4", (10**12,), b"1234"))),
        zipped(instead(with_header("<f4", ((1 << 30) - 1,), b"1234"))),
        zipped(instead(with_header("|V2147483647", (1,), b"1234"))),
        zipped(instead(with_header([("a", "|O")], (3,), b"A" * 24))),
        zipped(instead(npy(np.array([print, 1], dtype=object)))),
        zipped(instead(npy(np.array(["a"] * 5, dtype=object)))),
        zipped({"../../escaped.npy": b"x", **members}),
        zipped({}),
        b"",
        npy(next(iter(arrays.values()))),
    ]  # fmt: skip
