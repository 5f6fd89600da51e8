"""A folder in Pascal VOC 2012's structure, made up."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np

OBJECT = """<object><name>{name}</name><difficult>{difficult}</difficult><truncated>{truncated}</truncated>
<bndbox><xmin>{0}</xmin><ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax></bndbox></object>"""
RED, BLUE = (200, 10, 20), (10, 20, 200)


def indexed_png(path: Path, numbers: np.ndarray) -> None:
    """Write a picture with a palette: by hand, as OpenCV does not."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width = numbers.shape
    rows = b"".join(b"\0" + row.tobytes() for row in numbers.astype(np.uint8))
    palette = bytes(range(256)) * 3
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0))
        + chunk(b"PLTE", palette)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def make_voc(folder: Path) -> Path:
    """Make a red disc to use, and things to leave out: difficult, truncated, small, not segmented."""
    for name in ("Annotations", "JPEGImages", "SegmentationObject"):
        (folder / name).mkdir(parents=True)
    rgb, numbers = np.full((120, 200, 3), 90, np.uint8), np.zeros((120, 200), np.uint8)
    boxes = [(20, 20, 80, 80), (90, 20, 130, 60), (140, 20, 180, 60), (100, 80, 110, 90)]
    cv2.circle(numbers, (50, 50), 28, 1, -1)
    for number, (left, top, right, bottom) in enumerate(boxes[1:], start=2):
        numbers[top:bottom, left:right] = number
    rgb[numbers == 1] = RED
    rgb[numbers > 1] = BLUE
    kinds = [(0, 0), (1, 0), (0, 1), (0, 0)]
    objects = "".join(
        OBJECT.format(*box, name="thing", difficult=difficult, truncated=truncated)
        for box, (difficult, truncated) in zip(boxes, kinds, strict=True)
    )
    for name, segmented in (("a", 1), ("b", 0)):
        (folder / "Annotations" / f"{name}.xml").write_text(
            f"<annotation><filename>{name}.jpg</filename><segmented>{segmented}</segmented>{objects}</annotation>"
        )
    cv2.imwrite(str(folder / "JPEGImages" / "a.jpg"), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])
    indexed_png(folder / "SegmentationObject" / "a.png", numbers)
    return folder
