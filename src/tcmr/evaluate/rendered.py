"""Rendered test clips: people and motions that no training saw, with their exact truth."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.model import BodyModel
from tcmr.camera import PinholeCamera
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.evaluate.baselines import BASELINES
from tcmr.evaluate.prediction import Method, Observation
from tcmr.evaluate.report import Report
from tcmr.evaluate.score import EndScores, Sample, Scores, score, score_ends
from tcmr.types import Track

_PROTOCOL = (
    "12 limb joints at BlazePose's definitions against the rendered body's, in the camera's axes and in metres: "
    "MPJPE after moving mid-hip to the origin, scale and rotation as predicted; PA-MPJPE after a similarity for each "
    "frame; MPVPE over all vertices after moving the pelvis joint to the origin; mean over all frames; the true "
    "focal length given"
)


def evaluate_rendered(
    shards: Sequence[Path],
    body: BodyModel,
    predictors: Mapping[str, Method],
    *,
    split: str,
    weights: str,
    command: str,
) -> Report:
    """Score methods, after the baselines, on rendered clips of `body`.

    Raises:
        TcmrError: see `LandmarkClips.load`.
    """
    clips = LandmarkClips.load(shards, body)
    points = LandmarkPoints.load()
    bodies = [
        body.with_shape(betas).with_pose_at(rotmat, root_m)
        for betas, rotmat, root_m in zip(clips.betas, clips.rotmat, clips.root_m, strict=True)
    ]
    true_m = [points.limbs_on(true_body).numpy() for true_body in bodies]
    true_betas = clips.betas.numpy()
    observations = list(observe(clips))
    rows: dict[str, Scores] = {}
    ends: dict[str, EndScores] = {}
    for name, predict in {**BASELINES, **predictors}.items():
        samples = [
            Sample(observation, predict(observation), *truth)
            for observation, *truth in zip(observations, true_m, true_betas, bodies, strict=True)
        ]
        rows[name], ends[name] = score(samples), score_ends(samples)
    return Report(
        data=f"rendered motion capture, {len(clips)} clips, {clips.fps:g} fps",
        split=split,
        protocol=_PROTOCOL,
        weights=weights,
        command=command,
        rows=rows,
        ends=ends,
    )


def observe(clips: LandmarkClips) -> Iterator[Observation]:
    """Show each clip as a method would see it: one person's track."""
    center_x, center_y = clips.center_px.tolist()
    for index in range(len(clips)):
        frames = np.arange(clips.score.shape[1])
        track = Track(
            id=index,
            segment=0,
            frames=frames,
            xy_px=clips.xy_px[index].numpy(),
            visibility=clips.visibility[index].numpy(),
            world_m=clips.world_m[index].numpy(),
            scores=clips.score[index].numpy(),
            bridged=np.zeros(len(frames), bool),
            spread_px=clips.spread_px[index].numpy(),
            flow_px=clips.flow_px[index].numpy(),
            flow_certainty=clips.flow_certainty[index].numpy(),
        )
        yield Observation(track, PinholeCamera(float(clips.focal_px[index]), (center_x, center_y)), clips.fps)
