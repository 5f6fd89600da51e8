"""Rendered pictures with the landmarks' true places, and crops of them as BlazePose is shown them."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, UInt8
from torch import Tensor

from tcmr.arrays import Expected, fitting, read_npz
from tcmr.body.landmarks import HIPS_IN_BLAZEPOSE, LandmarkPoints
from tcmr.body.model import BodyModel
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.errors import TcmrError
from tcmr.features.blazepose import SIDE_PX, THREADS
from tcmr.features.crop import crop
from tcmr.features.region import region_around_box, region_axes, region_from_points, to_region
from tcmr.joints import BLAZEPOSE_33, mirrored
from tcmr.synth.jpeg import decode_jpeg
from tcmr.synth.noise import SHOULDERS, LandmarkNoise, standard_world_m
from tcmr.types import Region

Array = np.ndarray

# The circle about the hips' middle from which BlazePose makes the next region, as a share of the farthest landmark's
# distance: the median of what it said of 6,457 rendered frames.
CIRCLE = 1.03
# One crop in so many shows another place than the person, or the person turned any way: there nothing but what
# BlazePose believes is to be learned. Half of them lie anywhere in the picture; sizes as shares of the person's.
ASTRAY_CHANCE, ASTRAY_SIZES = 0.2, (0.3, 1.2)
# One crop in so many of a person of whom a part is out of the picture is drawn about what is seen, as a detector that
# knows no better would have it.
ABOUT_SEEN_CHANCE, LEAST_SEEN = 0.4, 5
# Augmentation, standard deviations: a crop's place and size as shares of its size, its turn; light, colours; noise.
SHIFT, RESIZE, TURN_RAD = 0.05, 0.12, 0.12
GAMMA, TINT, GRAIN = 0.25, 0.15, 0.05
GREY_CHANCE, GRAIN_CHANCE, COVER_CHANCE = 0.15, 0.3, 0.2
COVER_PX = (20, 90)

_PICTURES = {"jpeg_end": Expected(("clips", "frames"), np.int64)}


@dataclass(frozen=True)
class LandmarkBatch:
    """Crops and where a landmark network should see what.

    `points` go from 0 to 1 across the crop: the landmarks, then the two of which the next region is made; `world_m`
    has the axes of the crop. `is_seen` tells which points are in the picture that the crop is of, `on_person` which
    crops are to be read; the others lie astray.
    """

    pictures: Float[Tensor, "*batch 3 side side"]
    points: Float[Tensor, "*batch 35 2"]
    world_m: Float[Tensor, "*batch 33 3"]
    is_seen: Bool[Tensor, "*batch 35"]
    on_person: Bool[Tensor, "*batch"]


@dataclass(frozen=True)
class LandmarkPictures:
    """Frames of rendered clips, all in a row: JPEG files, and per frame what a batch has per crop, in the picture."""

    jpegs: Sequence[bytes]
    points_px: Float32[Array, "frames 33 2"]
    world_m: Float32[Array, "frames 33 3"]

    @staticmethod
    def load(shards: Sequence[Path], body: BodyModel, points: LandmarkPoints) -> "LandmarkPictures":
        """Read shards that `tcmr synth --pictures` made.

        World landmarks are of standard size and show as much of each coordinate as BlazePose's do: the networks
        that read them know them so.

        Raises:
            TcmrError: there is no shard, or one is damaged or without pictures.
        """
        clips = LandmarkClips.load(shards, body, mixed_rates=True)
        files = [_read_pictures(shard) for shard in shards]
        bodies = clips.bodies(body)
        truth = points.on(bodies)
        world = (
            standard_world_m(truth, clips, bodies.shaped) * LandmarkNoise.measure(clips, body, points).gain
        )
        points_px = clips.project(truth).flatten(0, 1).numpy()
        if not (np.isfinite(points_px).all() and world.isfinite().all()):
            raise TcmrError(f"{shards[0].parent} cannot be trained on: it has people who are in no picture")
        return LandmarkPictures(
            [file for each in files for file in each], points_px, world.flatten(0, 1).numpy()
        )

    def __len__(self) -> int:
        return len(self.jpegs)

    def draw(self, count: int, generator: torch.Generator) -> LandmarkBatch:
        """Draw frames, and crops of them that are misplaced, mirrored, discoloured and covered at random, or astray."""
        rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
        frames = rng.integers(len(self), size=count).tolist()
        with ThreadPoolExecutor(THREADS) as threads:
            return _joined(list(threads.map(self._drawn, frames, rng.spawn(count))))

    def straight(self, frames: range) -> LandmarkBatch:
        """Return crops of some frames as they are."""
        return _joined([self._crop(frame, self._picture(frame), self._region(frame)) for frame in frames])

    def astray(self, frames: range) -> LandmarkBatch:
        """Return crops of some frames that lie astray, the same ones each time."""
        return _joined([self._crop_astray(frame, np.random.default_rng(frame)) for frame in frames])

    def _picture(self, frame: int) -> UInt8[Array, "height width 3"]:
        try:
            return decode_jpeg(self.jpegs[frame])
        except ValueError as error:
            raise TcmrError(
                f"the picture of frame {frame} of the rendered clips cannot be read ({error}); render them anew"
            ) from error

    def _region(self, frame: int) -> Region:
        return region_from_points(*true_circle(self.points_px[frame]))

    def _drawn(self, frame: int, rng: np.random.Generator) -> LandmarkBatch:
        if rng.random() < ASTRAY_CHANCE:
            return self._crop_astray(frame, rng)
        rgb = _discoloured(self._picture(frame), rng)
        region = self._region(frame)
        seen_px = self.points_px[frame][_is_inside(self.points_px[frame], rgb.shape)]
        if LEAST_SEEN <= len(seen_px) < len(BLAZEPOSE_33) and rng.random() < ABOUT_SEEN_CHANCE:
            region = region_around_box(np.concatenate([seen_px.min(0), seen_px.max(0)]))
        shown = self._crop(frame, rgb, _misplaced(region, rng), rng)
        return shown if rng.random() < 0.5 else _mirrored(shown)

    def _crop_astray(self, frame: int, rng: np.random.Generator) -> LandmarkBatch:
        rgb = self._picture(frame)
        region = _astray(self._region(frame), rgb.shape, rng)
        return replace(self._crop(frame, _discoloured(rgb, rng), region, rng), on_person=torch.tensor(False))

    def _crop(
        self,
        frame: int,
        rgb: UInt8[Array, "height width 3"],
        region: Region,
        rng: np.random.Generator | None = None,
    ) -> LandmarkBatch:
        """Return the crop of a region, with `rng` spoiled."""
        points_px = np.concatenate([self.points_px[frame], true_circle(self.points_px[frame])])
        picture = crop(rgb, region, SIDE_PX)
        if rng is not None:
            picture = _spoiled(picture, rng)
        world_m = self.world_m[frame].copy()
        world_m[:, :2] = world_m[:, :2] @ region_axes(region)
        return LandmarkBatch(
            pictures=_tensor(picture.transpose(2, 0, 1)),
            points=_tensor(to_region(region, points_px)),
            world_m=_tensor(world_m),
            is_seen=torch.from_numpy(_is_inside(points_px, rgb.shape)),
            on_person=torch.tensor(True),
        )


def true_circle(points_px: Float[Array, "33 2"]) -> Float[Array, "2 2"]:
    """Return the middle of the hips and the point above it on the circle about the person, as BlazePose draws it."""
    hips, shoulders = points_px[HIPS_IN_BLAZEPOSE].mean(0), points_px[SHOULDERS].mean(0)
    radius = CIRCLE * np.linalg.norm(points_px - hips, axis=1).max()
    back = shoulders - hips
    return np.stack([hips, hips + radius * back / max(np.linalg.norm(back), 1e-6)])


def _is_inside(points_px: Float[Array, "points 2"], shape: Sequence[int]) -> Bool[Array, " points"]:
    height, width, _ = shape
    return np.all((points_px >= 0) & (points_px < [width, height]), axis=-1)


def _misplaced(region: Region, rng: np.random.Generator) -> Region:
    x, y = np.asarray(region.center_xy_px) + region.size_px * rng.normal(0, SHIFT, 2)
    size_px = region.size_px * np.exp(rng.normal(0, RESIZE))
    return Region((float(x), float(y)), float(size_px), region.rotation_rad + rng.normal(0, TURN_RAD))


def _astray(region: Region, shape: Sequence[int], rng: np.random.Generator) -> Region:
    """Return a region anywhere in a picture, or one that is turned any way on the person."""
    height, width, _ = shape
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    if rng.random() < 0.5:
        return replace(region, rotation_rad=float(rng.uniform(-np.pi, np.pi)))
    size_px = region.size_px * rng.uniform(*ASTRAY_SIZES)
    return Region((float(x), float(y)), float(size_px), float(rng.uniform(-np.pi, np.pi)))


def _discoloured(
    rgb: UInt8[Array, "height width 3"], rng: np.random.Generator
) -> UInt8[Array, "height width 3"]:
    """Change light and colours."""
    if rng.random() < GREY_CHANCE:
        rgb = np.repeat(rgb.mean(-1, keepdims=True).astype(np.uint8), 3, -1)
    light = np.linspace(0, 1, 256)[:, None] ** np.exp(rng.normal(0, GAMMA)) * np.exp(rng.normal(0, TINT, 3))
    table = (255 * light.clip(0, 1)).astype(np.uint8)
    return np.stack([table[rgb[..., channel], channel] for channel in range(3)], -1)


def _spoiled(
    picture: Float32[Array, "side side 3"], rng: np.random.Generator
) -> Float32[Array, "side side 3"]:
    """Add noise, cover a part."""
    if rng.random() < GRAIN_CHANCE:
        grain = np.float32(rng.uniform(0, GRAIN)) * rng.standard_normal(picture.shape, np.float32)
        picture = (picture + grain).clip(0, 1)
    if rng.random() < COVER_CHANCE:
        width, height = rng.integers(*COVER_PX, 2)
        left, top = rng.integers(SIDE_PX - width), rng.integers(SIDE_PX - height)
        picture[top : top + height, left : left + width] = rng.random(3)
    return picture


def _mirrored(shown: LandmarkBatch) -> LandmarkBatch:
    """Return a single crop's mirror image, with left called right."""
    other = mirrored(BLAZEPOSE_33)
    points = torch.cat([shown.points[other], shown.points[len(other) :]])
    return replace(
        shown,
        pictures=shown.pictures.flip(-1),
        points=points * torch.tensor([-1.0, 1.0]) + torch.tensor([1.0, 0.0]),
        is_seen=torch.cat([shown.is_seen[other], shown.is_seen[len(other) :]]),
        world_m=shown.world_m[other] * torch.tensor([-1.0, 1.0, 1.0]),
    )


def _tensor(array: Array | np.floating) -> Tensor:
    return torch.from_numpy(np.array(array, np.float32))


def _joined(crops: Sequence[LandmarkBatch]) -> LandmarkBatch:
    return LandmarkBatch(
        *(torch.stack([getattr(each, field.name) for each in crops]) for field in fields(LandmarkBatch))
    )


def _read_pictures(shard: Path) -> list[bytes]:
    """Return a shard's JPEG files."""
    try:
        arrays = read_npz(shard, {*_PICTURES, "jpeg"}.__contains__)
        if "jpeg" not in arrays:
            raise ValueError("it has no pictures: render with --pictures")
        content: UInt8[Array, bytes] = arrays.pop("jpeg")
        ends = fitting(arrays, _PICTURES)["jpeg_end"].ravel()
        if content.dtype != np.uint8 or content.ndim != 1 or (np.diff(ends, prepend=0) <= 0).any():
            raise ValueError("its pictures are damaged")
        if ends[-1] != len(content):
            raise ValueError("its pictures are cut off")
    except (OSError, ValueError) as error:
        raise TcmrError(f"{shard} cannot be trained on: {error}") from error
    starts = [0, *ends[:-1]]
    return [content[start:end].tobytes() for start, end in zip(starts, ends, strict=True)]
