"""Simulated people who come close, and what BlazePose makes of the parts of them that a picture no longer shows.

It guesses: a body of about the right size, as if seen from afar, somewhat short. Measured on rendered close-ups
(`synth/close_up.py`), by how far beyond the picture's edge a landmark is.
"""

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tcmr.body.model import BodyModel
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.joints import SMPL_24, indices
from tcmr.synth.close_up import ABOVE, CROWN_M, SHOWN_M

TALL = (0.45, 0.9)  # a picture's height in focal lengths
WIDE = (0.56, 1.78)  # its width, in heights
ASIDE = 0.12  # of the picture's height, the standard deviation
NEAREST_M = 0.3  # no landmark is nearer to the camera
HEAD = indices(SMPL_24, "head")
# The nearest edge draws a guess towards it, at most so far, and from about that far beyond it.
SHORT_M, SHORT_BEYOND_M = 0.23, 0.4
# Standard deviations, near the edge and far beyond it; a guess stays, but for a little.
NEAR_ERROR_M, FAR_ERROR_M, FAR_M, TREMBLE_M = 0.08, 0.22, 0.5, 0.02
# World landmarks of a body that is hardly seen come smaller.
WORLD_SCALE = (0.7, 1.0)
SEEN, FADES_M = 0.6, 0.5  # belief in what is beyond the edge: there, and how far out it falls by 1 / e


@dataclass(frozen=True)
class Framing:
    """The picture's edges: half its width and height in focal lengths, infinite where nobody is near."""

    half: Float[Tensor, "count 2"]

    @property
    def is_close(self) -> Bool[Tensor, " count"]:
        """Tell which windows are close-ups."""
        return self.half[:, 0].isfinite()

    def beyond(self, xy: Float[Tensor, "count frames points 2"]) -> Float[Tensor, "count frames points 2"]:
        """Return the way from the picture's nearest point to each point: zero for what is inside."""
        half = self.half[:, None, None]
        return xy - xy.clamp(-half, half)


def come_close(
    clips: LandmarkClips, body: BodyModel, chance: float, generator: torch.Generator
) -> tuple[LandmarkClips, Framing]:
    """Put the people of some windows so near that the picture shows their upper part; return the pictures' edges."""
    count = len(clips)
    half = torch.full((count, 2), torch.inf)
    if chance == 0:
        return clips, Framing(half)

    def uniform(limits: tuple[float, float]) -> Tensor:
        return _uniform(limits, (count,), generator)

    close = uniform((0.0, 1.0)) < chance
    tall = uniform(TALL)
    wide = tall * uniform(WIDE)
    depth = torch.exp(uniform((math.log(SHOWN_M[0]), math.log(SHOWN_M[1])))) / tall
    head_y = (uniform(ABOVE) - 0.5) * tall + CROWN_M / depth
    head_x = ASIDE * tall * torch.randn(count, generator=generator)
    head = torch.stack([head_x * depth, head_y * depth, depth], -1)
    joints = clips.bodies(body).joints_m - clips.root_m[:, :, None]
    root = head[:, None] - joints[:, :, HEAD].mean((1, 2))[:, None] + torch.zeros_like(clips.root_m)
    nearest = (joints[..., 2] + root[..., None, 2]).amin((1, 2))
    root[..., 2] += (NEAREST_M - nearest).clamp(min=0)[:, None]
    half[close] = torch.stack([wide, tall], -1)[close] / 2
    return replace(clips, root_m=torch.where(close[:, None, None], root, clips.root_m)), Framing(half)


def with_guesses(
    seen: LandmarkClips,
    truth_m: Float[Tensor, "count frames 33 3"],
    framing: Framing,
    generator: torch.Generator,
) -> LandmarkClips:
    """Let BlazePose guess the landmarks that are not in the picture."""
    if not framing.is_close.any():
        return seen
    beyond = framing.beyond(truth_m[..., :2] / truth_m[..., 2:])
    inside = (beyond == 0).all(-1, keepdim=True).float()
    middle = (inside * truth_m).sum(2, keepdim=True) / inside.sum(2, keepdim=True).clamp(min=1)
    middle = torch.where(inside.sum(2, keepdim=True) > 0, middle, truth_m.mean(2, keepdim=True))
    afar = truth_m[..., :2] / middle[..., 2:]
    way_m = beyond * middle[..., 2:]
    far_m = way_m.norm(dim=-1, keepdim=True)
    short = -SHORT_M * (1 - torch.exp(-far_m / SHORT_BEYOND_M)) * way_m / far_m.clamp(min=1e-6)
    error = _errors(far_m, generator)

    count = len(seen)
    scale = _uniform(WORLD_SCALE, (count, 1, 1, 1), generator)
    belief = SEEN * torch.exp(-far_m / FADES_M) * _uniform((0.3, 1.6), (count, 1, 33, 1), generator)
    guessed = inside == 0
    world = seen.world_m * torch.where(framing.is_close[:, None, None, None], scale, 1.0)
    dimmed = (seen.visibility[..., None] * belief).clamp(max=1)
    return replace(
        seen,
        xy_px=torch.where(guessed, afar + (short + error[..., :2]) / middle[..., 2:], seen.xy_px),
        world_m=torch.where(guessed, world + error, world),
        visibility=torch.where(guessed, dimmed, seen.visibility[..., None])[..., 0],
    )


def _errors(
    far_m: Float[Tensor, "count frames 33 1"], generator: torch.Generator
) -> Float[Tensor, "count frames 33 3"]:
    """Draw what guesses err by: much the same for all landmarks of a window, and nearly the same all along."""
    count, frames = far_m.shape[:2]
    deviation = NEAR_ERROR_M + (FAR_ERROR_M - NEAR_ERROR_M) * (far_m / FAR_M).clamp(max=1)
    shared, own = (torch.randn(count, 1, points, 3, generator=generator) for points in (1, 33))
    tremble = torch.randn(count, frames, 33, 3, generator=generator)
    return deviation * (shared + own) / 2**0.5 + TREMBLE_M * tremble


def _uniform(limits: tuple[float, float], shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    low, high = limits
    return low + (high - low) * torch.rand(shape, generator=generator)
