"""Crops of rendered pictures: what is said of them lies where it is seen."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.body.landmarks import LandmarkPoints
from tcmr.errors import TcmrError
from tcmr.joints import BLAZEPOSE_33, indices
from tcmr.synth.jpeg import encode_jpeg
from tcmr.train.landmark_pictures import LandmarkPictures

WRIST = indices(BLAZEPOSE_33, "left_wrist")[0]
SIDE_PX = 320


def loaded(folder: Path, open_body) -> LandmarkPictures:
    return LandmarkPictures.load(sorted(folder.glob("*.npz")), open_body, LandmarkPoints.load())


@pytest.fixture
def dots() -> LandmarkPictures:
    """Make pictures of nothing but a dot at the left wrist of somebody who faces the camera."""
    rng = np.random.default_rng(0)
    jpegs, points_px = [], []
    for _ in range(12):
        points = np.full((33, 2), 160.0) + rng.uniform(-60, 60, (33, 2))
        points[indices(BLAZEPOSE_33, ["left_shoulder", "right_shoulder"])] = [[190, 110], [130, 110]]
        points[indices(BLAZEPOSE_33, ["left_hip", "right_hip"])] = [[180, 180], [140, 180]]
        points[WRIST] = [200, 160]
        picture = np.full((SIDE_PX, SIDE_PX, 3), 60, np.uint8)
        picture[158:163, 198:203] = 255
        jpegs.append(encode_jpeg(picture))
        points_px.append(points)
    pixels = np.array(points_px, np.float32)
    world = np.concatenate([(pixels - [160, 180]) / 100, np.zeros((12, 33, 1))], -1).astype(np.float32)
    return LandmarkPictures(jpegs, pixels, world)


def brightest(picture: torch.Tensor) -> torch.Tensor:
    """Return where the middle of a picture's brightest part is, from 0 to 1."""
    grey = picture.mean(0)
    row, column = torch.nonzero(grey > 0.8 * grey.max() + 0.2 * grey.median(), as_tuple=True)
    return torch.stack([column.float().mean() + 0.5, row.float().mean() + 0.5]) / picture.shape[-1]


def test_points_are_where_they_are_seen(dots):
    batch = dots.straight(range(12))
    for picture, points in zip(batch.pictures, batch.points, strict=True):
        torch.testing.assert_close(brightest(picture), points[WRIST], atol=0.01, rtol=0)


def test_augmented_points_are_where_they_are_seen(dots):
    """Mirrored, the dot is at a right wrist. A crop that is covered, or whose dot drowns in noise, is left out."""
    sides = {"left_wrist": 0, "right_wrist": 0}
    batch = dots.draw(100, torch.Generator().manual_seed(0))
    shown = batch.on_person
    for picture, points in zip(batch.pictures[shown], batch.points[shown], strict=True):
        for side in sides:
            place = points[indices(BLAZEPOSE_33, side)[0]]
            sides[side] += bool((brightest(picture) - place).norm() < 0.015)
    assert min(sides.values()) > 25
    assert sum(sides.values()) > 60


def test_world_landmarks_turn_and_are_mirrored_with_the_crop(dots):
    """A body in the picture's plane has world landmarks like its landmarks: the same up to size and place."""
    batch = dots.draw(50, torch.Generator().manual_seed(1))
    centred = batch.points[:, :33] - batch.points[:, :33].mean(1, keepdim=True)
    world = batch.world_m[..., :2] - batch.world_m[..., :2].mean(1, keepdim=True)
    scale = centred.norm(dim=(1, 2), keepdim=True) / world.norm(dim=(1, 2), keepdim=True)
    torch.testing.assert_close(world * scale, centred, atol=1e-3, rtol=0)


def test_some_crops_lie_astray(dots):
    """One in five; half of these show the person turned any way, the others any part of the picture."""
    shown = dots.draw(200, torch.Generator().manual_seed(2)).on_person
    assert 20 < (~shown).sum() < 60
    batch = dots.astray(range(12))
    assert not batch.on_person.any()
    hips = batch.points[:, indices(BLAZEPOSE_33, ["left_hip", "right_hip"])]
    about = (hips.mean(1) - 0.5).norm(dim=1) < 0.02
    assert 2 < about.sum() < 10
    across = hips[about, 0] - hips[about, 1]
    assert torch.atan2(across[:, 1], across[:, 0]).std() > 1
    torch.testing.assert_close(batch.pictures, dots.astray(range(12)).pictures, atol=0, rtol=0)


def test_some_crops_are_drawn_about_the_part_that_is_seen(dots):
    """Of somebody who is half out of the picture; what is out of it is told apart, in a mirror too."""
    cut_off = replace(dots, points_px=dots.points_px + np.array([0, 150], np.float32))
    is_inside = (cut_off.points_px < SIDE_PX).all(-1)
    assert 0.2 < is_inside.mean() < 0.8

    def sizes(pictures: LandmarkPictures) -> torch.Tensor:
        batch = pictures.draw(200, torch.Generator().manual_seed(4))
        shares = batch.is_seen[:, :33].float().mean(1)
        assert (shares == 1).all() if pictures is dots else (shares < 0.9).all()
        circle = 2 * (batch.points[:, 34] - batch.points[:, 33]).norm(dim=-1)
        return circle[batch.on_person]

    assert sizes(dots).max() < 1.3
    about_seen = sizes(cut_off) > 1.3
    assert 0.2 < about_seen.float().mean() < 0.6


def test_the_same_generator_draws_the_same(dots):
    one, two = (dots.draw(3, torch.Generator().manual_seed(5)) for _ in range(2))
    torch.testing.assert_close(one.pictures, two.pictures, atol=0, rtol=0)


def test_rendered_shards_give_persons_in_the_middle_of_their_crops(picture_folder, open_body):
    pictures = loaded(picture_folder / "train", open_body)
    assert len(pictures) == 4
    batch = pictures.straight(range(4))
    hips = batch.points[:, indices(BLAZEPOSE_33, ["left_hip", "right_hip"])].mean(1)
    torch.testing.assert_close(hips, torch.full((4, 2), 0.5), atol=1e-4, rtol=0)
    assert batch.points[:, :33].min() > 0.05
    assert batch.points[:, :33].max() < 0.95
    inside = batch.pictures[:, :, 118:138, 118:138].mean((1, 2, 3))
    assert not torch.allclose(inside, torch.zeros(4))


def test_pictures_of_several_rates_mix(picture_folder, open_body, tmp_path):
    slow = picture_folder / "train" / "shard_000.npz"
    with np.load(slow) as arrays:
        np.savez(tmp_path / "fast.npz", **{**arrays, "fps": np.array(6)})
    shutil.copy(slow, tmp_path)
    assert len(loaded(tmp_path, open_body)) == 2 * len(loaded(picture_folder / "train", open_body))


def test_shards_without_pictures_are_refused(rendered_folder, open_body):
    with pytest.raises(TcmrError, match=r"shard_000\.npz cannot be trained on: it has no pictures"):
        loaded(rendered_folder / "train", open_body)


@pytest.mark.parametrize(
    ("ends", "said"), [([[5, 4], [9, 12]], "damaged"), ([[1, 2], [3, 4]], "cut off")], ids=["order", "short"]
)
def test_damaged_pictures_are_refused(picture_folder, open_body, tmp_path, ends, said):
    with np.load(next((picture_folder / "train").glob("*.npz"))) as arrays:
        np.savez(tmp_path / "bad.npz", **(dict(arrays) | {"jpeg_end": np.array(ends)}))
    with pytest.raises(TcmrError, match=rf"bad\.npz.*{said}"):
        loaded(tmp_path, open_body)
