"""Simulated clips: landmarks of a posed body with BlazePose's measured errors, by the million, no rendering."""

import math
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.model import BodyModel
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.joints import BLAZEPOSE_33, BLAZEPOSE_FACE_11, indices, mirrored
from tcmr.synth.motion import FPS
from tcmr.synth.nearness import Framing, come_close, with_guesses
from tcmr.synth.noise import SHOULDERS, LandmarkNoise, NoiseSample, standard_world_m
from tcmr.synth.poses import MAX_BETA, PoseLibrary, sample_poses, sample_views

DISTANCES_M = (1.6, 9.0)
MOST_WALKED = 0.4  # of the distance: nobody walks into the camera, however long the clip
# Of the errors on renders. On real people BlazePose's image landmarks err half as much, its world landmarks as much.
IMAGE_STRENGTHS = (0.1, 1.0)
WORLD_STRENGTHS = (0.5, 1.5)
# What BlazePose's world landmarks do when it takes back for front: signs of the trunk's lean towards the camera and of
# what each landmark adds to it. On renders a third of such frames are nearest to each of the three.
DEPTH_SIGNS = torch.tensor([[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]])
SHORTEST_TRUNK_M, STEEPEST_LEAN = 0.15, 1.5
MOST_FLIPPED = 0.6  # of an afflicted window's frames
FLIP_RATES = (0.02, 1.0)  # chance a frame that the confusion is drawn anew
HIDDEN_LIMB_CHANCE = 0.15
LIMB_LANDMARKS = [
    [row for row, name in enumerate(BLAZEPOSE_33) if any(part in name for part in parts) and side in name]
    for side in ("left", "right")
    for parts in (("elbow", "wrist", "pinky", "index", "thumb"), ("knee", "ankle", "heel", "foot"))
] + [indices(BLAZEPOSE_33, BLAZEPOSE_FACE_11)]


@dataclass(frozen=True)
class Simulator:
    """Everything that simulated clips are drawn from.

    `flip_chance` is the share of clips in which BlazePose now and then takes back for front, `close_up_chance` of
    those that show only a person's upper part.
    """

    library: PoseLibrary
    body: BodyModel
    points: LandmarkPoints
    noise: LandmarkNoise
    flip_chance: float
    close_up_chance: float

    def draw(self, count: int, frames: int, generator: torch.Generator) -> LandmarkClips:
        """Draw clips. The camera's focal length is one: "pixels" are tangents of the viewing angle."""
        clean = self._draw_clean(count, frames, generator)
        clean, framing = come_close(clean, self.body, self.close_up_chance, generator)
        return self._observe(clean, framing, generator)

    def _draw_clean(self, count: int, frames: int, generator: torch.Generator) -> LandmarkClips:
        """Draw bodies before cameras, with the landmarks still to come."""
        view, ray = sample_views(count, generator)
        rotmat = sample_poses(self.library, count, frames, generator)
        rotmat[:, :, 0] = view[:, None] @ rotmat[:, :, 0]
        low, high = torch.tensor(DISTANCES_M).log()
        depth = torch.exp(low + (high - low) * torch.rand(count, 1, generator=generator))
        start = torch.cat([ray * depth, depth], -1)
        walk = (0.04 * torch.randn(count, 3, generator=generator))[:, None] * (
            torch.arange(frames)[:, None] - frames / 2
        )
        farthest = walk.norm(dim=-1, keepdim=True).amax(1, keepdim=True)
        root = start[:, None] + walk * (MOST_WALKED * depth[:, None] / farthest).clamp(max=1)
        empty = torch.zeros(count, frames, 33)
        return LandmarkClips(
            xy_px=empty[..., None].expand(-1, -1, -1, 2),
            visibility=empty,
            world_m=empty[..., None].expand(-1, -1, -1, 3),
            score=torch.ones(count, frames),
            spread_px=empty,
            flow_px=empty[..., None].expand(-1, -1, -1, 2),
            flow_certainty=empty,
            rotmat=rotmat,
            betas=torch.randn(count, 10, generator=generator).clamp(-MAX_BETA, MAX_BETA),
            root_m=root,
            focal_px=torch.ones(count),
            center_px=torch.zeros(2),
            fps=float(FPS),
        )

    def _observe(self, clean: LandmarkClips, framing: Framing, generator: torch.Generator) -> LandmarkClips:
        """Add landmarks as BlazePose would see them."""
        count, frames = clean.score.shape
        noise = strengthened(self.noise.sample(count, frames, generator), generator)
        noise = with_hidden_limbs(noise, generator)
        bodies = clean.bodies(self.body)
        truth = self.points.on(bodies)
        xy = clean.project(truth) + noise.image_m / clean.root_m[:, :, None, 2:]
        world = standard_world_m(truth, clean, bodies.shaped) * noise.scale[:, None, None, None]
        seen = replace(
            clean,
            xy_px=xy,
            visibility=noise.visibility,
            world_m=world * self.noise.gain + noise.world_m,
        )
        seen = with_guesses(seen, truth, framing, generator)
        return with_flips(seen, self.flip_chance, generator)


def strengthened(noise: NoiseSample, generator: torch.Generator) -> NoiseSample:
    """Make each window's errors larger or smaller as a whole."""

    def strength(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(len(noise.scale), 1, 1, 1, generator=generator)

    image, world = strength(*IMAGE_STRENGTHS), strength(*WORLD_STRENGTHS)
    return replace(noise, image_m=noise.image_m * image, world_m=noise.world_m * world)


def with_hidden_limbs(noise: NoiseSample, generator: torch.Generator) -> NoiseSample:
    """Let some limbs be guessed badly for a whole window, as behind a table or out of the picture."""
    count, frames = noise.visibility.shape[:2]
    image, world, visibility = noise.image_m.clone(), noise.world_m.clone(), noise.visibility.clone()
    for rows in LIMB_LANDMARKS:
        hidden = (torch.rand(count, generator=generator) < HIDDEN_LIMB_CHANCE / 3).float()[:, None, None]
        drift = 0.12 * torch.randn(count, 1, 3, generator=generator)
        jitter = 0.04 * torch.randn(count, frames, 3, generator=generator)
        error = (hidden * (drift + jitter))[:, :, None]
        image[:, :, rows] += error[..., :2]
        world[:, :, rows] += error
        dim = 1 - hidden * torch.rand(count, 1, 1, generator=generator)
        visibility[:, :, rows] *= dim
    return replace(noise, image_m=image, world_m=world, visibility=visibility)


def with_flips(clips: LandmarkClips, chance: float, generator: torch.Generator) -> LandmarkClips:
    """Let BlazePose take back for front in some windows: now and then, or for long.

    Left and right change places. What becomes of depth differs from window to window, see `DEPTH_SIGNS`.
    """
    count, frames = clips.score.shape
    flipped = flip_times(count, frames, chance, generator)
    other = mirrored(BLAZEPOSE_33)
    kind = torch.randint(len(DEPTH_SIGNS), (count,), generator=generator)

    def choose(swapped: Float[Tensor, "..."], straight: Float[Tensor, "..."]) -> Tensor:
        return torch.where(flipped.reshape(count, frames, *[1] * (straight.dim() - 2)), swapped, straight)

    return replace(
        clips,
        xy_px=choose(clips.xy_px[:, :, other], clips.xy_px),
        visibility=choose(clips.visibility[:, :, other], clips.visibility),
        world_m=choose(with_depth(clips.world_m, DEPTH_SIGNS[kind])[:, :, other], clips.world_m),
    )


def with_depth(
    world_m: Float[Tensor, "count frames 33 3"], signs: Float[Tensor, "count 2"]
) -> Float[Tensor, "count frames 33 3"]:
    """Reverse the part of depth that is the trunk's lean, or what each landmark adds to it, or both."""
    up = world_m[:, :, SHOULDERS].mean(-2)
    trunk = torch.where(up[..., 1] < 0, -1, 1) * up[..., 1].abs().clamp(min=SHORTEST_TRUNK_M)
    slope = (up[..., 2] / trunk).clamp(-STEEPEST_LEAN, STEEPEST_LEAN)
    lean = slope[..., None] * world_m[..., 1]
    of_lean, of_rest = signs[:, None, None].unbind(-1)
    depth = of_lean * lean + of_rest * (world_m[..., 2] - lean)
    return torch.cat([world_m[..., :2], depth[..., None]], -1)


def flip_times(
    count: int, frames: int, chance: float, generator: torch.Generator
) -> Bool[Tensor, "count frames"]:
    """Draw in which frames of which windows front and back are confused.

    A window that is afflicted at all goes in and out of confusion by chance; how fast and how much of the time
    differs from window to window.
    """
    afflicted = torch.rand(count, generator=generator) < chance
    share = torch.rand(count, generator=generator) * MOST_FLIPPED
    low, high = (math.log(rate) for rate in FLIP_RATES)
    rate = torch.exp(low + (high - low) * torch.rand(count, generator=generator))
    state = torch.rand(count, generator=generator) < share
    states = [state]
    for _ in range(frames - 1):
        redrawn = torch.rand(count, generator=generator) < rate
        state = torch.where(redrawn, torch.rand(count, generator=generator) < share, state)
        states.append(state)
    return torch.stack(states, 1) & afflicted[:, None]
