"""Occlusion augmentation, on a folder made up in Pascal VOC's structure."""

from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from tcmr.errors import TcmrError
from tcmr.features.occlusion import Occluders, Occlusion, paste, resized
from tcmr.features.spin_crop import IMAGENET_DEVIATION, IMAGENET_MEAN
from voc_folder import RED, indexed_png, make_voc


@pytest.fixture
def voc(tmp_path) -> Path:
    return make_voc(tmp_path / "VOC2012")


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


def test_what_covers_a_crop_differs_by_seed_clip_person_and_frame(voc):
    crop, occlusion = np.zeros((224, 224, 3), np.float32), Occlusion(Occluders.of_voc(voc), seed=1)
    drawn = [
        occlusion.over(crop, 0, 0),
        occlusion.over(crop, 1, 0),
        occlusion.over(crop, 0, 1),
        occlusion.of_clip("a").over(crop, 0, 0),
        Occlusion(occlusion.occluders, seed=2).over(crop, 0, 0),
    ]
    assert len({each.tobytes() for each in drawn}) == len(drawn)
    np.testing.assert_array_equal(occlusion.of_clip("a").over(crop, 0, 0), drawn[3])


def test_another_folder_is_refused(voc, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(TcmrError, match="VOC2012"):
        Occluders.of_voc(tmp_path / "empty")
    (voc / "SegmentationObject" / "a.png").unlink()
    with pytest.raises(TcmrError, match=r"a\.png"):
        Occluders.of_voc(voc)


def rewrite(voc: Path, old: str, new: str) -> None:
    """Change the annotation of the picture that has things to cut out."""
    path = voc / "Annotations" / "a.xml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize("name", ["../../elsewhere/a.jpg", "/elsewhere/a.jpg"])
def test_no_picture_outside_of_the_folder_is_read(voc, disc, name):
    """Of a path only the name counts: the thing cut out stays the folder's own."""
    path = voc / "Annotations" / "a.xml"
    about = ElementTree.parse(path)
    filename = about.find("filename")
    if filename is None:
        filename = ElementTree.SubElement(about.getroot(), "filename")
    filename.text = name
    about.write(path)
    (thing,) = Occluders.of_voc(voc).things
    np.testing.assert_array_equal(thing, disc)


@pytest.mark.parametrize("number", ["nan", "1e999", "9" * 5000, "left"])
def test_a_box_of_what_is_no_number_is_refused(voc, number):
    rewrite(voc, "<xmin>20</xmin>", f"<xmin>{number}</xmin>")
    with pytest.raises(TcmrError, match=r"a\.xml"):
        Occluders.of_voc(voc)


def test_things_that_cover_the_picture_again_and_again_are_refused(voc):
    path = voc / "Annotations" / "a.xml"
    about = ElementTree.parse(path)
    whole = about.find("object")
    for name, side in (("xmin", 0), ("ymin", 0), ("xmax", 200), ("ymax", 120)):
        whole.find(f"bndbox/{name}").text = str(side)
    for thing in about.findall("object")[1:]:
        about.getroot().remove(thing)
    about.getroot().extend([whole] * 30)
    about.write(path)
    indexed_png(voc / "SegmentationObject" / "a.png", np.arange(120 * 200).reshape(120, 200) % 30 + 1)
    with pytest.raises(TcmrError, match="cover the picture more than"):
        Occluders.of_voc(voc)


def test_a_playlist_in_place_of_a_picture_is_not_followed(voc):
    picture = voc / "JPEGImages" / "a.jpg"
    picture.rename(voc / "JPEGImages" / "real.jpg")
    picture.write_text("ffconcat version 1.0\nfile real.jpg\n")
    with pytest.raises(TcmrError, match=r"a\.jpg"):
        Occluders.of_voc(voc)


def test_a_segmentation_of_another_size_is_refused(voc):
    indexed_png(voc / "SegmentationObject" / "a.png", np.ones((60, 100)))
    with pytest.raises(TcmrError, match="different sizes"):
        Occluders.of_voc(voc)
