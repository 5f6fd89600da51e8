"""How BlazePose errs, measured on rendered clips and replayed on simulated ones.

The errors themselves are kept, as they went through time on 33 landmarks at once: jitter, slow drift and the
visibility that went with them need no model. Front/back flips are left out of the bank (on another pose they
would be no flip); `simulate` makes them apart.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tcmr.body.facing import faces_away
from tcmr.body.landmarks import LandmarkPoints, hip_centred
from tcmr.body.model import BodyModel, ShapedBody
from tcmr.data.landmark_clips import LandmarkClips, draw_windows
from tcmr.joints import BLAZEPOSE_33, SMPL_24, indices, mirrored

MIN_SCORE = 0.5  # below it BlazePose has lost the person
STRETCH = 32  # frames of one bank clip that are replayed at a time
SHOULDERS = indices(BLAZEPOSE_33, ["left_shoulder", "right_shoulder"])
HEAD, ANKLE = indices(SMPL_24, ["head", "left_ankle"])
# Ankle to head of a standing body, metres: world landmarks come at one size whatever the person's.
STANDARD_HEIGHT_M = 1.49


@dataclass(frozen=True)
class NoiseSample:
    """Errors to add to true landmarks, all for the same windows.

    `scale` is the factor between a body of standard size and BlazePose's world landmarks.
    """

    image_m: Float[Tensor, "count frames 33 2"]
    world_m: Float[Tensor, "count frames 33 3"]
    visibility: Float[Tensor, "count frames 33"]
    scale: Float[Tensor, " count"]


@dataclass(frozen=True)
class LandmarkNoise:
    """A bank of measured errors. `gain` is how much of each world coordinate BlazePose shows at all."""

    image_m: Float[Tensor, "clips frames 33 2"]
    world_m: Float[Tensor, "clips frames 33 3"]
    visibility: Float[Tensor, "clips frames 33"]
    scale: Float[Tensor, " clips"]
    gain: Float[Tensor, "33 3"]
    usable: Bool[Tensor, "clips frames"]

    @staticmethod
    def measure(clips: LandmarkClips, body: BodyModel, points: LandmarkPoints) -> "LandmarkNoise":
        """Compare what BlazePose saw in rendered clips with where its points were."""
        bodies = clips.bodies(body)
        truth = points.on(bodies)
        pixels_per_m = clips.focal_px[:, None, None, None] / bodies.joints_m[:, :, :1, 2:]
        image = (clips.xy_px - clips.project(truth)) / pixels_per_m
        world_truth = standard_world_m(truth, clips, bodies.shaped)
        flipped = torch.from_numpy(faces_away(clips.world_m.numpy(), world_truth.numpy(), BLAZEPOSE_33))
        usable = (clips.score > MIN_SCORE) & ~flipped
        weight = usable[..., None, None].float()
        scale = (weight * clips.world_m * world_truth).sum((1, 2, 3)) / (
            (weight * world_truth**2).sum((1, 2, 3)) + 1e-9
        )
        scaled = world_truth * scale[:, None, None, None]
        gain = (weight * clips.world_m * scaled).sum((0, 1)) / (weight * scaled**2).sum((0, 1))
        return LandmarkNoise(image, clips.world_m - gain * scaled, clips.visibility, scale, gain, usable)

    def sample(self, count: int, frames: int, generator: torch.Generator) -> NoiseSample:
        """Draw windows of errors; half of them run backwards, half are mirrored.

        A window longer than STRETCH turns back at the stretch's ends.
        """
        stretch = min(frames, STRETCH)
        clip, first = draw_windows(self.usable, count, stretch, generator)
        backwards = torch.rand(count, generator=generator) < 0.5
        time = torch.arange(frames).remainder(2 * stretch)
        time = torch.minimum(time, 2 * stretch - 1 - time).expand(count, frames)
        time = first[:, None] + torch.where(backwards[:, None], stretch - 1 - time, time)
        image, world = self.image_m[clip[:, None], time], self.world_m[clip[:, None], time]
        visibility = self.visibility[clip[:, None], time]
        mirror = torch.rand(count, generator=generator) < 0.5
        other = mirrored(BLAZEPOSE_33)
        left_right = torch.tensor([-1.0, 1.0, 1.0])
        image = torch.where(mirror[:, None, None, None], image[:, :, other] * left_right[:2], image)
        world = torch.where(mirror[:, None, None, None], world[:, :, other] * left_right, world)
        visibility = torch.where(mirror[:, None, None], visibility[:, :, other], visibility)
        return NoiseSample(image, world, visibility, self.scale[clip])


def standard_size(shaped: ShapedBody) -> Float[Tensor, "*batch"]:
    """Return the factor that gives a body of this shape the standard height."""
    head, ankle = shaped.joints_m[..., HEAD, 1], shaped.joints_m[..., ANKLE, 1]
    return STANDARD_HEIGHT_M / (head - ankle)


def standard_world_m(
    truth_m: Float[Tensor, "clips frames 33 3"], clips: LandmarkClips, shaped: ShapedBody
) -> Float[Tensor, "clips frames 33 3"]:
    """Return true points as world landmarks: about the hips, seen straight ahead, of standard size."""
    return hip_centred(truth_m) @ clips.looking_rotation() * standard_size(shaped)[..., None, None]
