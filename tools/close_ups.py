"""Measure how heads lie on close-ups: a row of a table for each, on rendered clips of `tcmr synth --close-ups`.

    python tools/close_ups.py data/rendered-close/val WEIGHTS...   (half a minute a row)

Of the frames in which nose and ears are in the picture and BlazePose sees a person: how far nose and ears are off in
the picture (as centimetres at the head), how much too large or small the head is (as a factor), and how far it is
turned away. The focal length is assumed, as in a run.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import torch
import tyro
from jaxtyping import Float
from torch import Tensor
from tyro.conf import Positional

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.load import load_body
from tcmr.body.model import BodyModel, PosedBody
from tcmr.camera import PinholeCamera
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.evaluate.rendered import observe
from tcmr.joints import BLAZEPOSE_33, SMPL_24, indices
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.pipeline import estimate, landmark_describer
from tcmr.rotations import axis_angle_from_rotmat
from tcmr.synth.noise import MIN_SCORE

HEAD = indices(SMPL_24, "head")[0]
FACE = indices(BLAZEPOSE_33, ["nose", "left_ear", "right_ear"])
NEAREST_M = 0.1
SHOWN_M, TIGHT_M = 3, 0.6  # column of how much the picture shows, and of which the rows tell apart


def main(rendered: Positional[Path], weights: Positional[tuple[str, ...]] = ("open",)) -> None:
    """Print two rows for each of the weights: medians over the frames."""
    torch.set_num_threads(1)
    clips = LandmarkClips.load(sorted(rendered.glob("*.npz")), load_body("open"))
    print(
        "| | frames | nose and ears off, cm | size off, times | turn off, degrees |\n|---|---:|---:|---:|---:|"
    )
    for name in weights:
        options = Options(weights=name)
        off = torch.cat(list(measured(clips, Models.load(options), options)))
        tight = off[:, SHOWN_M] < TIGHT_M
        print(row(f"{name}, the picture shows less than {TIGHT_M} m", off[tight]), flush=True)
        print(row(f"{name}, more", off[~tight]), flush=True)


def row(name: str, off: Float[Tensor, "frames 4"]) -> str:
    """Return a row of the table."""
    aside_cm, log_size, turn, _ = off.median(0).values.tolist()
    return f"| {name} | {len(off)} | {aside_cm:.1f} | {math.exp(log_size):.2f} | {math.degrees(turn):.0f} |"


def measured(clips: LandmarkClips, models: Models, options: Options) -> Iterator[Float[Tensor, "frames 4"]]:
    """Yield of each clip's frames how far the face is off in cm, its size as a logarithm, its turn in radians.

    With them how many metres the picture is high at the face.
    """
    points, size_px = LandmarkPoints.load(), 2 * clips.center_px
    for index, observation in enumerate(observe(clips)):
        true_camera, camera = observation.camera, PinholeCamera.assumed(*size_px.int().tolist())
        describer = landmark_describer(models.backbone, camera, clips.fps)
        motion = estimate(observation.track, describer, camera, clips.fps, models, options)
        ours = posed(models.body, *map(torch.from_numpy, (motion.betas, motion.rotmat, motion.transl_m)))
        true = posed(models.body, clips.betas[index], clips.rotmat[index], clips.root_m[index])
        face, true_face = points.on(ours)[:, FACE], points.on(true)[:, FACE]
        px, true_px = camera.project(face), true_camera.project(true_face)
        distance, away = (each[..., 2].mean(-1).clamp(min=NEAREST_M) for each in (true_face, face))
        metre_px, true_metre_px = camera.focal_px / away, true_camera.focal_px / distance
        aside_m = (px - true_px).norm(dim=-1).mean(-1) / true_metre_px
        turn = axis_angle_from_rotmat(ours.global_rotmat[:, HEAD].mT @ true.global_rotmat[:, HEAD])
        seen = ((true_px >= 0) & (true_px < size_px)).all(-1).all(-1) & (distance > NEAREST_M)
        chosen = seen & (clips.score[index] > MIN_SCORE)
        log_size = (metre_px / true_metre_px).log().abs()
        off = torch.stack([100 * aside_m, log_size, turn.norm(dim=-1), size_px[1] / true_metre_px], -1)
        yield off[chosen]


def posed(body: BodyModel, betas: Tensor, rotmat: Tensor, pelvis_m: Tensor) -> PosedBody:
    """Pose the body in camera coordinates."""
    return body.with_shape(betas).with_pose_at(rotmat, pelvis_m)


if __name__ == "__main__":
    tyro.cli(main)
