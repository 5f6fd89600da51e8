"""The landmark stage: BlazePose's own network, trained further on rendered pictures."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional

from tcmr.assets.fetch import fetch
from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.load import load_body
from tcmr.errors import TcmrError
from tcmr.features.blazepose import SIDE_PX
from tcmr.features.blazepose_model import read_without_segmentation
from tcmr.features.heatmap import LEAST_PEAK, REACH
from tcmr.features.tuned import FORMAT
from tcmr.joints import BLAZEPOSE_33, BLAZEPOSE_REGION_RIM, LIMBS_IN_BLAZEPOSE, indices
from tcmr.tensors import save_safetensors
from tcmr.train.blazepose_network import BlazePoseNetwork, RawReading
from tcmr.train.checkpoint import resume
from tcmr.train.clips import shards
from tcmr.train.config import RunConfig
from tcmr.train.landmark_pictures import LandmarkBatch, LandmarkPictures

USED = BLAZEPOSE_REGION_RIM + 1  # points: the landmarks and the two of which the next region is made
# How much points count: hands, feet and faces less than limbs; of other points the region's.
LIMB, NOSE, REGION, OTHER = 1.0, 0.7, 0.7, 0.4
GUESSED = 0.15  # of that, for landmarks out of the picture; less where the crop shows little of the person
# Errors below these count by their square, larger ones as they are: crop widths, metres.
SMALL_ERROR, SMALL_ERROR_M = 0.0055, 0.03
MEASURED_ON = 64  # crops by which the units of the network's changes are set
AT_A_TIME = 50


@dataclass(frozen=True, kw_only=True)
class LandmarkConfig(RunConfig):
    """One run.

    `rendered` has clips with pictures in sub-folders train and val; `belief_weight` is what visibility, presence and
    score count beside places. The first `frozen_convolutions`, which see edges and textures, stay as they are. Saved
    is a `share` of what was learned: between BlazePose's weights and those learned lie some that know renders and have
    not forgotten people (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022). `begin_with` is the
    checkpoint of an earlier run, to go on from.
    """

    stage: Literal["landmarks"]
    rendered: Path
    batch: int = 32
    learning_rate: float = 3e-4
    belief_weight: float = 0.02
    frozen_convolutions: int = 17
    share: float = 0.5
    begin_with: Path | None = None
    weight_decay: float = 0.0
    warmup_steps: int = 60
    checkpoint_every: int = 100
    validate_every: int = 300


class LandmarkStage:
    """BlazePose's network on crops of rendered pictures."""

    def __init__(self, config: LandmarkConfig):
        """Fetch BlazePose and open the pictures.

        Raises:
            TcmrError: a shard is missing, damaged or without pictures, or there is no run to begin with.
        """
        body, points = load_body("open"), LandmarkPoints.load()
        self.config = config
        self.pictures, self.held_out = (
            LandmarkPictures.load(shards(config.rendered / split), body, points) for split in ("train", "val")
        )
        content = read_without_segmentation(fetch("blazepose-landmarks"))
        self.network = BlazePoseNetwork(content, config.frozen_convolutions)
        self._untrained = BlazePoseNetwork(content).requires_grad_(False)
        typical = self.pictures.draw(MEASURED_ON, torch.Generator().manual_seed(config.seed))
        self.network.measure_units(typical.pictures)
        if config.begin_with is not None and not resume(config.begin_with, {"network": self.network})["step"]:
            raise TcmrError(
                f"there is no run to begin with: {config.begin_with} is missing; train the stage before"
            )
        self._weight = point_weights()

    def loss(self, generator: torch.Generator) -> tuple[Tensor, dict[str, Tensor]]:
        """Compare places, as said and as refined by the heatmaps, and world landmarks with the truth.

        Beliefs (visibility, presence, and the score that there is a person) are compared with what BlazePose says of
        the same crops untrained: rendered pictures have no truth of them.
        """
        batch = self.pictures.draw(self.config.batch, generator)
        untrained = self._untrained(batch.pictures)
        terms = landmark_terms(self.network(batch.pictures), batch, untrained, self._weight)
        places = terms["places"] + terms["refined"] + terms["world"]
        return places + self.config.belief_weight * (terms["beliefs"] + terms["score"]), terms

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Return errors on held-out subjects' pictures: limbs in % of the crop's width, world landmarks in mm.

        With them how far the score that there is a person is from BlazePose's own, on people and astray.
        """
        errors, world_mm, scores_off = [], [], []
        for first in range(0, len(self.held_out), AT_A_TIME):
            frames = range(first, min(first + AT_A_TIME, len(self.held_out)))
            batch, astray = self.held_out.straight(frames), self.held_out.astray(frames)
            reading = self.network(batch.pictures)
            scores_off += [
                (reading.score - self._untrained(batch.pictures).score).abs(),
                (self.network(astray.pictures).score - self._untrained(astray.pictures).score).abs(),
            ]
            off = refined(reading.points_px / SIDE_PX, reading.heatmaps) - batch.points
            errors.append(100 * off[:, LIMBS_IN_BLAZEPOSE].norm(dim=-1))
            world_mm.append(1000 * (reading.world_m - batch.world_m)[:, LIMBS_IN_BLAZEPOSE].norm(dim=-1))
        all_errors = torch.cat(errors)
        figures = {
            "error_percent": all_errors.mean(),
            "median_error_percent": all_errors.median(),
            "world_error_mm": torch.cat(world_mm).mean(),
            "score_off": torch.cat(scores_off).mean(),
        }
        return {name: round(figure.item(), 3) for name, figure in figures.items()}

    def save(self, path: Path, provenance: dict[str, Any]) -> None:
        """Write the weights with the share of what was learned, in half precision as BlazePose's file has them."""
        changed = self.network.changed_weights(self.config.share)
        weights = {name: weight.half() for name, weight in changed.items()}
        save_safetensors(path, weights, {"format": FORMAT, "provenance": json.dumps(provenance)})


def point_weights() -> Float[Tensor, "35"]:
    """Return how much each point counts."""
    weights = torch.full((USED,), OTHER)
    weights[LIMBS_IN_BLAZEPOSE] = LIMB
    weights[indices(BLAZEPOSE_33, "nose")] = NOSE
    weights[len(BLAZEPOSE_33) :] = REGION
    return weights


def landmark_terms(
    reading: RawReading, truth: LandmarkBatch, untrained: RawReading, weight: Float[Tensor, "35"]
) -> dict[str, Tensor]:
    """Return how far a reading is from the truth, and in its beliefs from the untrained network's, term by term."""
    places = reading.points_px / SIDE_PX
    center, rim = truth.points[:, len(BLAZEPOSE_33) :].unbind(1)
    size = 2 * (rim - center).norm(dim=-1, keepdim=True)
    guessed = torch.full_like(weight, GUESSED)
    guessed[len(BLAZEPOSE_33) :] = 1.0  # the region's, by which the person is followed
    weight = weight * torch.where(truth.is_seen, 1.0, guessed / size.clamp(min=1)) * truth.on_person[:, None]
    entropy = functional.binary_cross_entropy_with_logits
    return {
        "places": (_robust(places[:, :USED] - truth.points, SMALL_ERROR) * weight).mean(),
        "refined": (_robust(refined(places, reading.heatmaps) - truth.points, SMALL_ERROR) * weight).mean(),
        "world": (
            _robust(reading.world_m - truth.world_m, SMALL_ERROR_M) * weight[:, : len(BLAZEPOSE_33)]
        ).mean(),
        "beliefs": entropy(reading.beliefs, untrained.beliefs.sigmoid()),
        "score": functional.binary_cross_entropy(reading.score, untrained.score),
    }


def refined(
    places: Float[Tensor, "batch 39 2"], heatmaps: Float[Tensor, "batch 39 side side"]
) -> Float[Tensor, "batch 35 2"]:
    """Return the points in use moved to the centroids of their heatmaps nearby, as a run does (`features/heatmap.py`).

    Gradients flow through the centroids.
    """
    places, beliefs = places[:, :USED], heatmaps[:, :USED].sigmoid()
    side = heatmaps.shape[-1]
    column, row = (places.detach() * side).long().unbind(-1)
    reach = torch.arange(-REACH, REACH + 1)
    x, y = column[..., None] + reach, row[..., None] + reach
    at = y.clamp(0, side - 1)[..., :, None] * side + x.clamp(0, side - 1)[..., None, :]
    near = beliefs.flatten(2).gather(2, at.flatten(2)).view(at.shape)
    near = near * (_within(y, side)[..., :, None] & _within(x, side)[..., None, :])
    total = near.sum((-1, -2)).clamp(min=1e-6)
    centroid = torch.stack(
        [(near * x[..., None, :]).sum((-1, -2)), (near * y[..., :, None]).sum((-1, -2))], -1
    )
    sure = _within(column, side) & _within(row, side) & (near.amax((-1, -2)) >= LEAST_PEAK)
    return torch.where(sure[..., None], centroid / total[..., None] / side, places)


def _within(cells: Tensor, side: int) -> Bool[Tensor, "..."]:
    return (cells >= 0) & (cells < side)


def _robust(difference: Float[Tensor, "*batch axes"], small: float) -> Float[Tensor, "*batch"]:
    return (difference.square().sum(-1) + small**2).sqrt()
