"""Occlusion augmentation: things of other pictures pasted over a crop before its feature is computed.

How the "occ" databases of the paper's tables come about; the released code has it, but nothing switches it on.
Here `--occluders` does (docs/datasets.md).
Source: Sarandi et al., "How robust is 3D human pose estimation to occlusion?", 2018. Its numbers: one to seven
things, 0.2 to 1 times as large as half their own size in a picture of 256 pixels, their rims a little transparent.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree
from zlib import crc32

import numpy as np
import torch
from av.error import FFmpegError
from jaxtyping import Float32, Shaped
from scipy.ndimage import binary_erosion
from torch.nn.functional import interpolate

from tcmr.errors import TcmrError
from tcmr.features.spin_crop import IMAGENET_DEVIATION, IMAGENET_MEAN
from tcmr.files import open_file
from tcmr.video.file import film_of, opened

Array = np.ndarray
LEAST_PIXELS = 500
RIM_PIXELS, RIM_OPACITY = 4, 0.75
OBJECT_SCALE, REFERENCE_PX = 0.5, 256
MOST_OBJECTS = 7
SMALLEST, LARGEST = 0.2, 1.0
# Twice the pixels of the largest picture as published; boxes overlap, but not without end.
LARGEST_PIXELS, MOST_COVER = 500_000, 10


@dataclass(frozen=True)
class Occluders:
    """Things to paste: red, green, blue (normalised as crops are) and opacity, each of its own size."""

    things: tuple[Float32[Array, "_ _ 4"], ...]

    @staticmethod
    def of_voc(folder: Path) -> "Occluders":
        """Cut the things out of Pascal VOC 2012's segmented pictures (its folder VOC2012).

        Those that are truncated, marked as difficult or smaller than 500 pixels are left out.

        Raises:
            TcmrError: the folder is not VOC's, or a picture of it cannot be read.
        """
        annotations = sorted((folder / "Annotations").glob("*.xml"))
        things = tuple(thing for path in annotations for thing in _things(folder, path))
        if not things:
            raise TcmrError(f"{folder} holds no segmented things: it must be the folder VOC2012 as published")
        return Occluders(things)

    def over(
        self, crop: Float32[Array, "height width 3"], rng: np.random.Generator
    ) -> Float32[Array, "height width 3"]:
        """Return a crop with a few things over it."""
        result = crop.copy()
        height, width = crop.shape[:2]
        for _ in range(rng.integers(1, MOST_OBJECTS + 1)):
            thing = self.things[rng.integers(len(self.things))]
            scale = rng.uniform(SMALLEST, LARGEST) * OBJECT_SCALE * min(height, width) / REFERENCE_PX
            middle_xy = rng.uniform((0.0, 0.0), (width, height))
            paste(result, resized(thing, scale), middle_xy)
        return result


@dataclass(frozen=True)
class Occlusion:
    """Things over every crop, drawn anew for each frame: the same again for the same seed, clip and person."""

    occluders: Occluders
    seed: int
    clip: int = 0

    def of_clip(self, name: str) -> "Occlusion":
        """Return what is drawn for a clip of that name."""
        return replace(self, clip=crc32(name.encode()))

    def over(
        self, crop: Float32[Array, "height width 3"], person: int, frame: int
    ) -> Float32[Array, "height width 3"]:
        """Return a person's crop in a frame with a few things over it."""
        return self.occluders.over(crop, np.random.default_rng([self.seed, self.clip, person, frame]))


def resized(thing: Float32[Array, "_ _ 4"], scale: float) -> Float32[Array, "_ _ 4"]:
    """Resize a thing, averaging where it shrinks; it keeps at least a pixel."""
    size = [max(1, round(side * scale)) for side in thing.shape[:2]]
    channels = torch.from_numpy(thing).permute(2, 0, 1)[None]
    small = interpolate(channels, size=size, mode="bilinear", antialias=True, align_corners=False)
    return small[0].permute(1, 2, 0).numpy()


def paste(
    picture: Float32[Array, "height width 3"],
    thing: Float32[Array, "_ _ 4"],
    middle_xy: Shaped[Array, "2"],
) -> None:
    """Blend a thing into a picture, in place; what reaches out of the picture is cut off."""
    (height, width), (rows, columns) = picture.shape[:2], thing.shape[:2]
    left, top = round(middle_xy[0]) - columns // 2, round(middle_xy[1]) - rows // 2
    seen_rows = slice(max(0, -top), min(rows, height - top))
    seen_columns = slice(max(0, -left), min(columns, width - left))
    seen = thing[seen_rows, seen_columns]
    place = picture[max(0, top) : max(0, top) + len(seen), max(0, left) : max(0, left) + seen.shape[1]]
    opacity = seen[..., 3:]
    place += opacity * (seen[..., :3] - place)


def _things(folder: Path, annotation: Path) -> Iterator[Float32[Array, "_ _ 4"]]:
    """Yield the things of one picture."""
    try:
        with open_file(annotation) as file:
            about = ElementTree.parse(file).getroot()
        boxes = [_box(thing) for thing in about.iterfind("object")]
    except (OSError, ElementTree.ParseError, ValueError, OverflowError, LookupError) as error:
        raise TcmrError(f"cannot read {annotation}, an annotation of Pascal VOC 2012: {error}") from error
    if about.findtext("segmented") != "1":
        return
    name = Path(about.findtext("filename") or annotation.name).name
    rgb = _decoded(folder / "JPEGImages" / Path(name).with_suffix(".jpg"), "rgb24")
    numbers = _decoded(folder / "SegmentationObject" / Path(name).with_suffix(".png"), None)
    if rgb.shape[:2] != numbers.shape:
        raise TcmrError(f"{annotation}: its picture and its segmentation are of different sizes")
    left_to_cut = MOST_COVER * numbers.size
    for number, box in enumerate(boxes, start=1):
        mask = numbers[box] == number if box is not None else np.zeros(0, bool)
        if mask.sum() < LEAST_PIXELS:
            continue
        left_to_cut -= mask.size
        if left_to_cut < 0:
            raise TcmrError(f"{annotation}: its things cover the picture more than {MOST_COVER} times")
        opacity = np.where(binary_erosion(mask, iterations=RIM_PIXELS), 1.0, RIM_OPACITY * mask)
        colour = (rgb[box] / 255.0 - IMAGENET_MEAN) / IMAGENET_DEVIATION
        yield np.concatenate([colour, opacity[..., None]], -1).astype(np.float32)


def _box(thing: ElementTree.Element) -> tuple[slice, slice] | None:
    """Return the rows and columns of a thing; None for one that is not used."""
    box = thing.find("bndbox")
    if box is None or "1" in (thing.findtext("difficult"), thing.findtext("truncated")):
        return None
    left, top, right, bottom = (
        max(0, int(float(box.findtext(side) or 0))) for side in ("xmin", "ymin", "xmax", "ymax")
    )
    return slice(top, bottom), slice(left, right)


def _decoded(path: Path, pixel_format: str | None) -> Array:
    """Decode a picture; without a format, return the numbers of a picture with a palette."""
    with opened(path) as container:
        try:
            frame = next(container.decode(film_of(container, str(path))))
        except (FFmpegError, StopIteration) as error:
            raise TcmrError(f"cannot read {path}, a picture of Pascal VOC 2012: {error}") from error
    if frame.width * frame.height > LARGEST_PIXELS:
        raise TcmrError(f"{path} has {frame.width} x {frame.height} pixels, none of Pascal VOC 2012 as many")
    if pixel_format is not None:
        return frame.to_ndarray(format=pixel_format)
    if frame.format.name != "pal8":
        raise TcmrError(f"{path} must be a picture with a palette, is {frame.format.name}")
    return frame.to_ndarray()[0]
