"""Surfaces that read pictures: containers of video, folders of images."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tcmr.errors import TcmrError
from tcmr.features.occlusion import Occluders
from tcmr.synth.background import SIDE_PX, load_pictures
from tcmr.video import VideoWriter, open_clip

from .case import Files, Special
from .films import CONTAINERS, SOUNDS, clip, deflated_zeros, picture, playlists, png, tone
from .surface import Surface


def _watch(path: Path) -> None:
    """Go through a clip as the product does."""
    with open_clip(path, max_side=32) as reader:
        times = []
        for frame in reader:
            assert frame.rgb.dtype == np.uint8
            assert max(frame.rgb.shape) <= 32
            times.append(frame.time_s)
        assert times == sorted(times)
        assert reader.clip.frame_count == len(times)
        reader.warnings()


def _container(folder: Path) -> Surface:
    samples = [clip(container) for container in CONTAINERS]
    wide = deflated_zeros(16_001 * 16_000)
    stamped = clip("matroska")
    attacks = [
        *playlists(), png(16_000, 16_000, wide), png(1 << 30, 1 << 30, b""), png(65_535, 65_535, wide[:100]),
        b"\0" * 100_000, b"text\n" * 1000,
        *(stamped.replace(b"00:00:00.200000000", text) for text in (b"99999999999:00:00 ",
        b"00:00:infinityyyyy", b"00:00:nannnnnnnnnn", b"-9999999:-99:-9e300")),
        b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xffhdrlavih", b"\0\0\0\x08ftyp\xff\xff\xff\xffmoov",
        b"\0\0\0\x01ftyp" + b"\xff" * 8 + b"mp42",
    ]  # fmt: skip
    return Surface(
        "video",
        lambda case: _watch(case / "clip.mp4"),
        [{"clip.mp4": sample} for sample in samples],
        [{"clip.mp4": attack} for attack in attacks],
        (TcmrError,),
    )


def _images(folder: Path) -> Surface:
    files = {
        "1.png": picture("png", "rgb24", 16),
        "2.jpg": picture("mjpeg", "yuvj420p", 16),
        "10.bmp": picture("bmp", "bgr24", 16),
        "11.tiff": picture("tiff", "rgb24", 16),
    }
    wide = deflated_zeros(16_001 * 16_000)
    attacks: list[Files] = [
        {**files, "3.png": content}
        for content in (*playlists(), png(16_000, 16_000, wide), png(1 << 30, 1 << 30, b""), b"")
    ]
    attacks += [{"1.png": content} for content in (png(16_000, 16_000, wide), b"", *playlists())]
    attacks += [
        {"a%03d.png": files["1.png"], "ünïcode 影\n.png": files["1.png"], "-9" * 100 + ".png": files["1.png"]}
    ]
    attacks += [{**files, "3.png": special} for special in Special] + [
        {"1.svg.png": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}
    ]
    return Surface(
        "images", lambda case: _watch(case), [files, {"1.png": files["1.png"]}], attacks, (TcmrError,)
    )


def _backgrounds(folder: Path) -> Surface:
    samples: list[Files] = [
        {"a.png": picture("png", "rgb24", 16), "b.jpg": picture("mjpeg", "yuvj420p", 16)},
        {"a.bmp": picture("bmp", "bgr24", 16)},
    ]
    wide = deflated_zeros(16_001 * 16_000)
    narrow = [png(1, 60_000, zlib.compress(bytes(2 * 60_000))), png(60_000, 1, zlib.compress(bytes(60_001)))]
    large = [
        png(16_000, 16_000, wide),
        png(1 << 30, 1 << 30, b""),
        png(8191, 8191, deflated_zeros(8192 * 8191)),
    ]
    attacks: list[Files] = [
        {**samples[0], "c.png": content}
        for content in (*playlists(), *large, *narrow, b"", tone("wav", "pcm_s16le"))
    ]
    attacks += [{**samples[0], "c%03d.png": samples[0]["a.png"]}, {"notes.txt": b"text"}]

    def read(case: Path) -> None:
        for rgb in load_pictures(case):
            assert rgb.dtype == np.uint8
            assert min(rgb.shape[:2]) >= 2
            assert max(rgb.shape[:2]) <= 2 * SIDE_PX

    return Surface("backgrounds", read, samples, attacks, (TcmrError,))


def _sound(folder: Path) -> Surface:
    sounds = [tone(container, codec) for container, codec in SOUNDS.items()]

    def read(case: Path) -> None:
        grey = np.full((16, 16, 3), 90, np.uint8)
        with VideoWriter(
            case / "out.mp4", width=16, height=16, fps=25.0, audio_from=case / "clip", threads=1
        ) as film:
            for _ in range(5):
                film.write(grey)
        assert (case / "out.mp4").stat().st_size < 1 << 22

    return Surface(
        "sound",
        read,
        [{"clip": sound} for sound in sounds],
        [{"clip": text} for text in playlists()],
        (TcmrError,),
    )


def _indexed(side: int, rows: bytes) -> bytes:
    """Return a picture with a palette."""
    content = png(side, side, rows)
    head = struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)
    palette = bytes(range(256)) * 3

    def chunk(name: bytes, content: bytes) -> bytes:
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    return content[:8] + chunk(b"IHDR", head) + chunk(b"PLTE", palette) + content[33:]


def _occluders(folder: Path) -> Surface:
    side = 32
    box = "<bndbox><xmin>{0}</xmin><ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax></bndbox>"
    thing = "<object><name>a</name><difficult>0</difficult><truncated>0</truncated>" + box + "</object>"
    names = ("Annotations/a.xml", "JPEGImages/a.jpg", "SegmentationObject/a.png")

    def xml(*boxes: tuple[Any, ...], filename: str = "a.jpg") -> bytes:
        objects = "".join(thing.format(*each) for each in boxes)
        head = f"<filename>{filename}</filename><segmented>1</segmented>"
        return f"<annotation>{head}{objects}</annotation>".encode()

    whole = (0, 0, side, side)
    ones = _indexed(side, zlib.compress((b"\0" + b"\1" * side) * side))
    files: Files = dict(zip(names, (xml(whole), picture("mjpeg", "yuvj420p", side), ones), strict=True))
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    boxes = [
        (0, 0, "nan", 9), (0, 0, "1e999", 9), (-9, -9, 99, 99), (9, 9, 0, 0), ("9" * 5000, 0, 9, 9), ("x", 0, 9, 9),
        (10**12, 0, 10**13, 9), (0, 0, "", ""),
    ]  # fmt: skip
    texts = [
        *map(xml, boxes), xml(*[whole] * 5000), xml(whole, filename="../../../etc/passwd"), xml(filename=""),
        xml(whole, filename="/dev/zero"), xml(whole, filename="x" * 5000), xml(whole, filename="a%03d.jpg"), b"",
        f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]><x>&a9;</x>'.encode(), b"<a>" * 100_000,
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><annotation>&a;</annotation>',
    ]  # fmt: skip
    large = _indexed(16_000, deflated_zeros(16_001 * 16_000))
    pictures = [
        *playlists(),
        large,
        _indexed(900, zlib.compress(bytes(901 * 900))),
        b"",
        picture("png", "rgb24", 16),
    ]
    hostile: list[Files] = [{**files, names[0]: text} for text in texts]
    hostile += [{**files, name: content} for name in names[1:] for content in pictures]

    def read(case: Path) -> None:
        for thing in Occluders.of_voc(case).things:
            assert thing.shape[2] == 4
            assert thing.size <= 4 * side * side
            assert np.isfinite(thing).all()

    return Surface("occluders", read, [files], hostile, (TcmrError,))


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "video": _container,
    "images": _images,
    "sound": _sound,
    "backgrounds": _backgrounds,
    "occluders": _occluders,
}
