"""One method's numbers over one or more clips."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from tcmr.body.facing import faces_away
from tcmr.body.model import PosedBody
from tcmr.evaluate import metrics
from tcmr.evaluate.placement import off_person_percent
from tcmr.evaluate.prediction import Observation, Prediction
from tcmr.joints import SMPL_24, indices

Array = np.ndarray

# Where a window of 16 frames reaches out of the clip, and where it does not.
CLIP_PARTS = {"first 8 frames": slice(0, 8), "between": slice(8, -7), "last 7 frames": slice(-7, None)}
SHORTEST_WITH_ENDS = 8 + 3 + 7  # an acceleration takes three frames


@dataclass(frozen=True)
class Sample:
    """One clip: what was seen, what a method made of it, and the truth (LIMBS_12, camera axes)."""

    observation: Observation
    prediction: Prediction
    true_m: Float[Array, "frames 12 3"]
    true_betas: Float32[Array, "10"] | None = None
    true_body: PosedBody | None = None

    def part(self, rows: slice) -> "Sample":
        """Return some of the frames, without the bodies."""
        betas = self.prediction.betas
        return replace(
            self,
            observation=replace(self.observation, track=self.observation.track.part(rows)),
            prediction=replace(
                self.prediction,
                joints_m=self.prediction.joints_m[rows],
                betas=None if betas is None else betas[rows],
                body=None,
            ),
            true_m=self.true_m[rows],
            true_body=None,
        )


@dataclass(frozen=True)
class Scores:
    """Means over all frames; joints relative to the middle of the hips. None: not measured.

    `worst_...` are means over the worst 5 % of the frames. `shape_error` is the mean squared error of the shape
    coefficients over their variance in the prior (1): who always says "average" scores 1. `frames` and
    `facing_away_frames` are counts.
    """

    mpjpe_mm: float | None = None
    pa_mpjpe_mm: float | None = None
    acceleration_error_mm: float | None = None
    acceleration_error_si: float | None = None
    speed_kept: float | None = None
    acceleration_kept: float | None = None
    facing_away_percent: float | None = None
    off_person_percent: float | None = None
    shape_error: float | None = None
    mpvpe_mm: float | None = None
    velocity_followed: float | None = None
    worst_mpjpe_mm: float | None = None
    worst_pa_mpjpe_mm: float | None = None
    facing_away_frames: int | None = None
    frames: int | None = None


EndScores = Mapping[str, Scores]
COUNTS = ("facing_away_frames", "frames")


def score(samples: Sequence[Sample]) -> Scores:
    """Score one method over clips, pooling their frames.

    Raises:
        ValueError: there is no clip, one of under three frames, or a prediction of other frames.
    """
    _check(samples)
    pairs = [
        (metrics.root_relative(sample.prediction.joints_m), metrics.root_relative(sample.true_m))
        for sample in samples
    ]

    def pooled(measure: Callable[[Array, Array], Array]) -> Array:
        return np.concatenate([measure(*pair) for pair in pairs])

    def kept(quantity: Callable[[Array], Array]) -> float:
        predicted, true = ([quantity(pair[side]) for pair in pairs] for side in (0, 1))
        return metrics.kept(np.concatenate(predicted), np.concatenate(true))

    def acceleration_error_si(sample: Sample, pair: tuple[Array, Array]) -> Array:
        return metrics.acceleration_si(metrics.acceleration_error(*pair), sample.observation.fps)

    accelerations = [acceleration_error_si(*both) for both in zip(samples, pairs, strict=True)]
    followed, to_follow = np.sum([metrics.velocity_followed(*pair) for pair in pairs], axis=0)
    position_errors, aligned_errors = pooled(metrics.mpjpe), pooled(metrics.pa_mpjpe)
    facing_away = pooled(faces_away)
    return Scores(
        mpjpe_mm=float(position_errors.mean()),
        pa_mpjpe_mm=float(aligned_errors.mean()),
        acceleration_error_mm=float(pooled(metrics.acceleration_error).mean()),
        acceleration_error_si=float(np.concatenate(accelerations).mean()),
        speed_kept=kept(metrics.speed),
        acceleration_kept=kept(metrics.acceleration),
        facing_away_percent=100 * float(facing_away.mean()),
        off_person_percent=_off_person(samples),
        shape_error=_shape_error(samples),
        mpvpe_mm=_mpvpe(samples),
        velocity_followed=float(followed / to_follow),
        worst_mpjpe_mm=metrics.worst(position_errors),
        worst_pa_mpjpe_mm=metrics.worst(aligned_errors),
        facing_away_frames=int(facing_away.sum()),
        frames=len(facing_away),
    )


def score_ends(samples: Sequence[Sample]) -> EndScores:
    """Score the first 8 and the last 7 frames of the clips apart from those between.

    Speeds and accelerations are those within each part. Clips too short to have all three are left out; without
    any clip nothing is scored.
    """
    long = [sample for sample in samples if len(sample.true_m) >= SHORTEST_WITH_ENDS]
    if not long:
        return {}
    return {name: score([sample.part(rows) for sample in long]) for name, rows in CLIP_PARTS.items()}


def mean_scores(scores: Sequence[Scores]) -> Scores:
    """Average scores, each with the same weight, and sum up the counts; None stays None."""
    columns: dict[str, list[Any]] = {
        field.name: [getattr(row, field.name) for row in scores] for field in fields(Scores)
    }

    def joined(name: str, column: list[Any]) -> Any:
        if None in column:
            return None
        return sum(column) if name in COUNTS else float(np.mean(column))

    return Scores(**{name: joined(name, column) for name, column in columns.items()})


def _off_person(samples: Sequence[Sample]) -> float | None:
    if not all(sample.prediction.placed for sample in samples):
        return None
    percents = [
        off_person_percent(
            sample.prediction.joints_m, sample.observation.camera, sample.observation.track.xy_px
        )
        for sample in samples
    ]
    return float(np.concatenate(percents).mean())


def _shape_error(samples: Sequence[Sample]) -> float | None:
    errors = [
        ((sample.prediction.betas - sample.true_betas) ** 2).mean(-1)
        for sample in samples
        if sample.prediction.betas is not None and sample.true_betas is not None
    ]
    return float(np.concatenate(errors).mean()) if len(errors) == len(samples) else None


def _mpvpe(samples: Sequence[Sample]) -> float | None:
    errors = [
        metrics.mpvpe(_pelvis_relative(sample.prediction.body), _pelvis_relative(sample.true_body))
        for sample in samples
        if sample.prediction.body is not None and sample.true_body is not None
    ]
    return float(np.concatenate(errors).mean()) if len(errors) == len(samples) else None


def _pelvis_relative(body: PosedBody) -> Float[Array, "frames vertices 3"]:
    pelvis = body.joints_m[:, indices(SMPL_24, "pelvis")]
    return (body.vertices() - pelvis).numpy()


def _check(samples: Sequence[Sample]) -> None:
    if not samples:
        raise ValueError("there is nothing to score: no clip")
    for sample in samples:
        frames = len(sample.observation.track.frames)
        if not len(sample.prediction.joints_m) == len(sample.true_m) == frames:
            raise ValueError(
                f"{len(sample.prediction.joints_m)} predicted and {len(sample.true_m)} true frames "
                f"for a track of {frames}"
            )
        if frames < 3:
            raise ValueError(f"a track of {frames} frames has no acceleration; at least 3 are needed")
