"""One method's numbers over one or more clips."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from tcmr.evaluate import metrics
from tcmr.evaluate.placement import off_person_percent
from tcmr.evaluate.prediction import Observation, Prediction

Array = np.ndarray


@dataclass(frozen=True)
class Sample:
    """One clip: what was seen, what a method made of it, and the truth (LIMBS_12, camera axes)."""

    observation: Observation
    prediction: Prediction
    true_m: Float[Array, "frames 12 3"]
    true_betas: Float32[Array, "10"] | None = None


@dataclass(frozen=True)
class Scores:
    """Means over all frames; joints relative to the middle of the hips. None: not measured.

    `shape_error` is the mean squared error of the shape coefficients over their variance in the prior (1):
    who always says "average" scores 1.
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

    def mean(measure: Callable[[Array, Array], Array]) -> float:
        return float(np.concatenate([measure(*pair) for pair in pairs]).mean())

    def kept(quantity: Callable[[Array], Array]) -> float:
        predicted, true = ([quantity(pair[side]) for pair in pairs] for side in (0, 1))
        return metrics.kept(np.concatenate(predicted), np.concatenate(true))

    def acceleration_error_si(sample: Sample, pair: tuple[Array, Array]) -> Array:
        return metrics.acceleration_si(metrics.acceleration_error(*pair), sample.observation.fps)

    accelerations = [acceleration_error_si(*both) for both in zip(samples, pairs, strict=True)]
    return Scores(
        mpjpe_mm=mean(metrics.mpjpe),
        pa_mpjpe_mm=mean(metrics.pa_mpjpe),
        acceleration_error_mm=mean(metrics.acceleration_error),
        acceleration_error_si=float(np.concatenate(accelerations).mean()),
        speed_kept=kept(metrics.speed),
        acceleration_kept=kept(metrics.acceleration),
        facing_away_percent=100 * mean(metrics.faces_away),
        off_person_percent=_off_person(samples),
        shape_error=_shape_error(samples),
    )


def mean_scores(scores: Sequence[Scores]) -> Scores:
    """Average scores, each with the same weight; None stays None."""
    columns: dict[str, list[Any]] = {
        field.name: [getattr(row, field.name) for row in scores] for field in fields(Scores)
    }
    means: dict[str, Any] = {
        name: None if None in column else float(np.mean(column)) for name, column in columns.items()
    }
    return Scores(**means)


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
