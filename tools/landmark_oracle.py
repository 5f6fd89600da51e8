"""Ask what better landmarks would give: which part of the error comes in with BlazePose's readings.

    python tools/landmark_oracle.py   (prints a table in Markdown; some minutes)

Rendered clips are estimated as they are, and again with some of BlazePose's readings replaced by where its points
truly were: in the picture (everywhere, or only where they were far off), in depth, or both; and with readings that tell
how far off they are. Nothing is trained anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
import tyro
from jaxtyping import Bool, Float
from torch import Tensor

from tcmr.body import BodyModel
from tcmr.body.landmarks import LandmarkPoints
from tcmr.commands.evaluate import predictors
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.evaluate.methods import FITTED
from tcmr.evaluate.rendered import observe
from tcmr.evaluate.score import Sample, score
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.synth.noise import LandmarkNoise, standard_world_m
from tcmr.train.clips import shards

FAR = 0.1  # off by more of the body's length in the picture is no longer about the same place
TRUE_IN_THE_PICTURE = "true in the picture"


def with_truth(clips: LandmarkClips, body: BodyModel, points: LandmarkPoints) -> Mapping[str, LandmarkClips]:
    """Return the clips as read, and with parts of the readings as they should have been.

    World landmarks keep the size that BlazePose gives the person, and how much of each coordinate it shows at all. True
    landmarks in the picture are in no doubt.
    """
    noise = LandmarkNoise.measure(clips, body, points)
    bodies = clips.bodies(body)
    truth_m = points.on(bodies)
    picture_px = clips.project(truth_m)
    scale = noise.scale[:, None, None, None]
    world_m = standard_world_m(truth_m, clips, bodies.shaped) * scale * noise.gain
    depth_m = torch.cat([clips.world_m[..., :2], world_m[..., 2:]], -1)
    far = far_off(clips.xy_px, picture_px)

    def mended(where: Bool[Tensor, "clips frames 33"]) -> LandmarkClips:
        xy_px = torch.where(where[..., None], picture_px, clips.xy_px)
        return replace(clips, xy_px=xy_px, spread_px=clips.spread_px.masked_fill(where, 0.0))

    sure = mended(torch.ones_like(far))
    return {
        "as read": clips,
        TRUE_IN_THE_PICTURE: sure,
        "true where they were far off": mended(far),
        "true where they were not": mended(~far),
        "far ones left out": replace(clips, visibility=clips.visibility.masked_fill(far, 0.0)),
        "as unsure as they are off": replace(clips, spread_px=(clips.xy_px - picture_px).norm(dim=-1)),
        "world landmarks true in depth": replace(clips, world_m=depth_m),
        "world landmarks true": replace(clips, world_m=world_m),
        "all true": replace(sure, world_m=world_m),
    }


def far_off(
    xy_px: Float[Tensor, "clips frames 33 2"], true_px: Float[Tensor, "clips frames 33 2"]
) -> Bool[Tensor, "clips frames 33"]:
    """Tell which landmarks are far off, against the body's usual length in the clip."""
    length_px = (true_px.amax(-2) - true_px.amin(-2)).amax(-1).median(1).values[:, None, None]
    return (xy_px - true_px).norm(dim=-1) > FAR * length_px


def main(rendered: Path = Path("data/rendered/val"), weights: str = "open") -> None:
    """Print how well the weights do on each kind of readings."""
    torch.set_num_threads(1)  # as the command line does
    options = Options(weights=weights)
    models, points = Models.load(options), LandmarkPoints.load()
    clips = LandmarkClips.load(shards(rendered), models.body)
    true_m = points.limbs_on(clips.bodies(models.body)).numpy()
    predict = predictors(options, models, ("none",))[FITTED]
    print("| landmarks | MPJPE mm | PA-MPJPE mm | Accel mm/frame² | speed kept | velocity followed |")
    print("|---|---:|---:|---:|---:|---:|")
    trials = with_truth(clips, models.body, points)
    for name, readings in trials.items():
        found = score(
            [
                Sample(seen, predict(seen), truth)
                for seen, truth in zip(observe(readings), true_m, strict=True)
            ]
        )
        print(
            f"| {name} | {found.mpjpe_mm:.1f} | {found.pa_mpjpe_mm:.1f} | {found.acceleration_error_mm:.1f} "
            f"| {found.speed_kept:.2f} | {found.velocity_followed:.2f} |",
            flush=True,
        )
    far = far_off(clips.xy_px, trials[TRUE_IN_THE_PICTURE].xy_px)
    print(f"\nOff by over {FAR} of the body's length: {100 * far.float().mean():.1f} % of the landmarks.")


if __name__ == "__main__":
    tyro.cli(main)
