"""Zip archives as no program writes them: other names, other methods, sizes that lie."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from random import Random
from warnings import catch_warnings, simplefilter

from .mutation import HUGE, damaged

NAMES = (
    "../../escaped",
    "/etc/passwd",
    "a\0b.npy",
    "",
    "x" * 300,
    "\U0001d4cd.npy",
    "poses.npy/",
    "a\\..\\b",
    "CON",
    "poses.npy.npy",
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
LARGEST_BYTES = 1 << 25
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"


def members(content: bytes) -> dict[str, bytes]:
    """Return what a valid archive holds; not that of a bomb.

    Raises:
        Exception: of any kind, where it is not valid.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        infos = archive.infolist()
        if sum(info.file_size for info in infos) > LARGEST_BYTES or any(
            info.compress_type > 8 for info in infos
        ):
            raise ValueError("a bomb")
        return {info.filename: archive.open(info).read(info.file_size) for info in infos}


def zipped(content: Mapping[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    """Return an archive."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as archive:
        for name, member in content.items():
            archive.writestr(name, member)
    return whole.getvalue()


def bomb(name: str, head: bytes, zeros: int) -> bytes:
    """Return a small archive whose one member has `zeros` zeros after `head`, deflated a thousand to one."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    begin = deflate.compress(head) + deflate.flush(zlib.Z_FULL_FLUSH)
    block = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    content = begin + block * (zeros >> 20) + deflate.flush()
    raw = name.encode()
    # The check sum is wrong, but that is seen at the end only.
    sizes = struct.pack("<HHIIIHH", 0, 0, 0, len(content), len(head) + zeros, len(raw), 0)
    local = LOCAL + struct.pack("<HHH", 20, 0, zipfile.ZIP_DEFLATED) + sizes + raw + content
    central = CENTRAL + struct.pack("<HHHH", 20, 20, 0, zipfile.ZIP_DEFLATED) + sizes + bytes(14) + raw
    return local + central + END + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def lying(content: bytes, size: int, compressed: int | None = None) -> bytes:
    """Return an archive whose every member is said to have that size."""
    lied = bytearray(content)
    for magic, place in ((LOCAL, 22), (CENTRAL, 24)):
        start = lied.find(magic)
        while start >= 0:
            struct.pack_into("<I", lied, start + place, size % (1 << 32))
            if compressed is not None:
                struct.pack_into("<I", lied, start + place - 4, compressed % (1 << 32))
            start = lied.find(magic, start + 4)
    return bytes(lied)


def damaged_zip(rng: Random, content: bytes, inside: Callable[[Random, bytes], bytes] = damaged) -> bytes:
    """Write a valid archive anew: a member damaged by `inside`, left out, doubled or renamed; then lies."""
    try:
        held = list(members(content).items())
    except Exception:  # the sample was an attack that is no archive
        return damaged(rng, content)
    place = rng.randrange(len(held)) if held else 0
    match rng.randrange(8):
        case _ if not held:
            pass
        case 0:
            del held[place]
        case 1:
            held.append(held[place])
        case 2:
            held[place] = (rng.choice(NAMES), held[place][1])
        case 3:
            held.append((rng.choice(NAMES), rng.randbytes(40)))
        case _:
            held[place] = (held[place][0], inside(rng, held[place][1]))
    written = _written(rng, held)
    return _lied(rng, written) if rng.random() < 0.4 else written


def _written(rng: Random, held: list[tuple[str, bytes]]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive, catch_warnings():
        simplefilter("ignore")  # doubled names
        for name, content in held:
            method = rng.choice(METHODS) if rng.random() < 0.3 else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(name.replace("\0", "_")), content, method)
    return whole.getvalue()


def _lied(rng: Random, content: bytes) -> bytes:
    """Write an absurd value into a field of a header."""
    magic, size = rng.choice(((LOCAL, 30), (CENTRAL, 46), (END, 22)))
    starts = [place for place in range(len(content) - size) if content.startswith(magic, place)]
    if not starts:
        return damaged(rng, content)
    place = rng.choice(starts) + rng.randrange(4, size - 1, 2)
    layout = rng.choice(("<H", "<I"))
    number = struct.pack(layout, rng.choice(HUGE) % (1 << 8 * struct.calcsize(layout)))
    return content[:place] + number + content[place + len(number) :]
