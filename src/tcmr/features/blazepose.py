"""BlazePose: a region of the frame in, one person's landmarks out."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32, UInt8
from scipy.special import expit

from tcmr.assets.fetch import fetch
from tcmr.features.blazepose_model import read_without_segmentation
from tcmr.features.crop import crop
from tcmr.features.crop_reading import CropReading
from tcmr.features.heatmap import refine
from tcmr.features.region import region_around_box, region_axes, region_from_points, to_frame
from tcmr.features.tuned import tuned_model
from tcmr.joints import BLAZEPOSE_33, BLAZEPOSE_REGION_CENTER, BLAZEPOSE_REGION_RIM
from tcmr.people.boxes import within
from tcmr.people.detect import BlazePoseDetector
from tcmr.people.network import Network
from tcmr.types import Landmarks, Region

Array = np.ndarray
Picture = Float32[Array, "side side 3"]

SIDE_PX = 256
LANDMARK_COUNT = len(BLAZEPOSE_33)
# One person's frames are read one after the other: only within a frame can cores share that.
THREADS = 2
# A box that reaches so far out of the picture, as a share of its height, is of all of a person.
REACHES_OUT = 0.1


class BlazePose:
    """BlazePose's "full" landmark network.

    Source: Bazarevsky et al., BlazePose: On-device Real-time Body Pose tracking, 2020, arXiv 2006.10204;
    Grishchenko et al., BlazePose GHUM Holistic, 2022, arXiv 2206.11678.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        weights: Path | None = None,
        mirrored: bool = True,
        num_threads: int = THREADS,
    ):
        """Open the model at `path`, or fetch it; `weights` is a file of weights that replace some of its own.

        With `mirrored` every crop is read as it is and mirrored, side by side where there is more than one thread;
        without, several threads share one reading.

        Raises:
            TcmrError: a file is missing, damaged or of another kind.
        """
        side_by_side = mirrored and num_threads > 1
        model = read_without_segmentation(path or fetch("blazepose-landmarks"))
        if weights is not None:
            model = tuned_model(model, weights)
        self._network = Network(model, 1 if side_by_side else num_threads)
        self._map = ThreadPoolExecutor(num_threads, "tcmr-read").map if side_by_side else map
        self._mirrored = mirrored

    def __call__(self, rgb: UInt8[Array, "height width 3"], region: Region) -> Landmarks:
        """Return the landmarks of the person whom the region encloses."""
        reading = self._reading(crop(rgb, region, SIDE_PX))
        points = to_frame(region, reading.points)
        return Landmarks(
            region=region,
            next_region=region_from_points(points[BLAZEPOSE_REGION_CENTER], points[BLAZEPOSE_REGION_RIM]),
            xy_px=points[:LANDMARK_COUNT].astype(np.float32),
            visibility=reading.beliefs[:, 0],
            presence=reading.beliefs[:, 1],
            world_m=_upright(reading.world_m, region),
            score=reading.score,
            spread_px=reading.spread * np.float32(region.size_px),
            pooled=reading.pooled,
        )

    def _reading(self, picture: Picture) -> CropReading:
        if not self._mirrored:
            return self._read(picture)
        straight, turned = self._map(self._read, (picture, np.ascontiguousarray(picture[:, ::-1])))
        return straight.mean(turned.mirrored())

    def _read(self, picture: Picture) -> CropReading:
        readings, score, heatmaps, world, pooled = self._network(picture)
        rows = readings.reshape(-1, 5)  # x, y, z in crop pixels, then visibility and presence as logits
        return CropReading(
            points=refine(rows[:, :2] / SIDE_PX, heatmaps),
            beliefs=expit(rows[:LANDMARK_COUNT, 3:]),
            world_m=world.reshape(-1, 3)[:LANDMARK_COUNT],
            score=float(score[0]),
            spread=np.zeros(LANDMARK_COUNT, np.float32),
            pooled=pooled.reshape(-1),
        )

    def regions_around(
        self, rgb: UInt8[Array, "height width 3"], box_xyxy_px: Float[Array, "4"]
    ) -> Iterator[Region]:
        """Yield where to look first for a person of whom a box is known, likeliest first.

        BlazePose's own detector, shown the box alone, tells where all of a person is of whom a part is seen, as behind
        a desk, and which way is up. A box that reaches out of the picture tells that by itself, and comes first.
        """
        height, width = rgb.shape[:2]
        seen_px = within(box_xyxy_px, width, height)
        around = region_around_box(box_xyxy_px)
        reaches_out = np.abs(box_xyxy_px - seen_px).max() > REACHES_OUT * np.ptp(box_xyxy_px[1::2])
        if reaches_out:
            yield around
        left, top, right, bottom = seen_px.round().astype(int)
        if left < right and top < bottom:
            centers, rims, scores = self._detector.circles(rgb[top:bottom, left:right])
            if len(scores):
                surest = scores.argmax()
                yield region_from_points(centers[surest] + [left, top], rims[surest] + [left, top])
        if not reaches_out:
            yield around

    @cached_property
    def _detector(self) -> BlazePoseDetector:
        """Open the detector when somebody is first looked for: reading known regions takes none."""
        return BlazePoseDetector()


def _upright(world_m: Float32[Array, "33 3"], region: Region) -> Float32[Array, "33 3"]:
    """Turn world landmarks from the axes of the region to those of the camera."""
    turned = world_m.copy()
    turned[:, :2] = world_m[:, :2] @ region_axes(region).T
    return turned
