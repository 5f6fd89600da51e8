"""The sample clip's walking woman: no 3D truth, so all that is measured is whether the body sits on her."""

from collections.abc import Mapping, Sequence

from tcmr.body.landmarks import HIPS_IN_BLAZEPOSE
from tcmr.camera import PinholeCamera
from tcmr.evaluate.placement import off_person_percent
from tcmr.evaluate.prediction import Method, Observation
from tcmr.evaluate.report import Report
from tcmr.evaluate.score import Scores
from tcmr.types import Track


def evaluate_sample_clip(
    tracks: Sequence[Track],
    camera: PinholeCamera,
    fps: float,
    predictors: Mapping[str, Method],
    *,
    weights: str,
    command: str,
) -> Report:
    """Measure how far each method's projected body is off the walking woman.

    `tracks` are all that the run found in the clip, `camera` is the one that it assumed.

    Raises:
        ValueError: there is no track, or a method does not place its body in the picture.
    """
    woman = Observation(walking_woman(tracks), camera, fps)
    rows = {}
    for name, predict in predictors.items():
        prediction = predict(woman)
        if not prediction.placed:
            raise ValueError(f"{name} does not say where the person stands, so nothing can be projected")
        percents = off_person_percent(prediction.joints_m, camera, woman.track.xy_px)
        rows[name] = Scores(off_person_percent=float(percents.mean()))
    return Report(
        data=f"demo: the sample clip's walking woman (Sports2D sample), {len(woman.track.frames)} frames",
        split="one person, no 3D reference",
        protocol="12 projected limb joints against BlazePose's landmarks, mean over all frames",
        weights=weights,
        command=command,
        rows=rows,
    )


def walking_woman(tracks: Sequence[Track]) -> Track:
    """Pick the walking woman out of the sample clip's tracks: who goes furthest to the left.

    Raises:
        ValueError: there is no track.
    """
    if not tracks:
        raise ValueError("no person was tracked in the sample clip")

    def to_the_left(track: Track) -> float:
        hips_x = track.xy_px[:, HIPS_IN_BLAZEPOSE, 0].mean(1)
        return float(hips_x[0] - hips_x[-1])

    return max(tracks, key=to_the_left)
