"""Occlusion augmentation, on a folder made up in Pascal VOC's structure."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.features.occlusion import Occluders, paste, resized
from tcmr.features.spin_crop import IMAGENET_DEVIATION, IMAGENET_MEAN

OBJECT = """<object><name>{name}</name><difficult>{difficult}</difficult><truncated>{truncated}</truncated>
<bndbox><xmin>{0}</xmin><ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax></bndbox></object>"""
RED, BLUE = (200, 10, 20), (10, 20, 200)


def indexed_png(path: Path, numbers: np.ndarray) -> None:
    """Write a picture with a palette: by hand, as OpenCV does not."""
    import struct
    import zlib

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


@pytest.fixture
def voc(tmp_path) -> Path:
    """Make a red disc to use, and things to leave out: difficult, truncated, small, not segmented."""
    for name in ("Annotations", "JPEGImages", "SegmentationObject"):
        (tmp_path / name).mkdir()
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
        (tmp_path / "Annotations" / f"{name}.xml").write_text(
            f"<annotation><filename>{name}.jpg</filename><segmented>{segmented}</segmented>{objects}</annotation>"
        )
    cv2.imwrite(str(tmp_path / "JPEGImages" / "a.jpg"), rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 98])
    indexed_png(tmp_path / "SegmentationObject" / "a.png", numbers)
    return tmp_path


@pytest.fixture
def disc(voc) -> np.ndarray:
    (thing,) = Occluders.of_voc(voc).things
    return thing


def test_only_whole_plain_large_segmented_things_are_cut_out(disc):
    assert disc.shape == (60, 60, 4)
    middle = disc[20:40, 20:40]
    colour = middle[..., :3] * IMAGENET_DEVIATION + IMAGENET_MEAN
    np.testing.assert_allclose(255 * colour.mean((0, 1)), RED, atol=6)
    assert (middle[..., 3] == 1).all()
    assert disc[0, 0, 3] == 0
    rim = disc[30, 2:6, 3]  # the disc's left edge is at column 2
    assert set(rim.tolist()) <= {0.0, 0.75}
    assert 0.75 in rim


def test_a_thing_covers_just_its_place(disc):
    picture = np.zeros((100, 120, 3), np.float32)
    paste(picture, disc, np.array([60.0, 50.0]))
    covered = picture.any(-1)
    assert covered[50, 60]
    rows, columns = np.nonzero(covered)
    assert abs(rows.mean() - 50) < 1.5
    assert abs(columns.mean() - 60) < 1.5
    assert covered.sum() == (disc[..., 3] > 0).sum()


@pytest.mark.parametrize("middle", [(0.0, 0.0), (120.0, 100.0), (-29.0, 50.0), (60.0, 128.0), (400.0, 50.0)])
def test_what_reaches_out_of_the_picture_is_cut_off(disc, middle):
    picture = np.zeros((100, 120, 3), np.float32)
    paste(picture, disc, np.array(middle))
    wide = np.zeros((1000, 1020, 3), np.float32)
    paste(wide, disc, np.array(middle) + 450)
    np.testing.assert_array_equal(picture, wide[450:550, 450:570])


def test_resizing_is_opencvs_area_for_whole_factors(disc):
    np.testing.assert_allclose(
        resized(disc, 1 / 3)[2:-2, 2:-2].mean((0, 1)),
        cv2.resize(disc, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA)[2:-2, 2:-2].mean((0, 1)),
        atol=0.02,
    )
    assert resized(disc, 0.001).shape == (1, 1, 4)


def test_crops_are_covered_in_part_and_the_same_again_for_the_same_seed(voc):
    occluders, crop = Occluders.of_voc(voc), np.zeros((224, 224, 3), np.float32)
    covered = [occluders.over(crop, np.random.default_rng(seed)).any(-1).mean() for seed in range(40)]
    assert 0 < np.mean(covered) < 0.2
    assert len(set(covered)) > 30
    assert not crop.any()
    again = [occluders.over(crop, np.random.default_rng(7)) for _ in range(2)]
    assert np.array_equal(*again)


def test_another_folder_is_refused(voc, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TcmrError, match="VOC2012"):
        Occluders.of_voc(tmp_path / "empty")
    (voc / "SegmentationObject" / "a.png").unlink()
    with pytest.raises(TcmrError, match=r"a\.png"):
        Occluders.of_voc(voc)
