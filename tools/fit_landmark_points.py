"""Measure on rendered clips where BlazePose puts its landmarks on our body.

    python tools/fit_landmark_points.py RENDERED_SHARD.npz...   (writes src/tcmr/body/blazepose_points.json)

A landmark is a joint plus a constant offset in the frame of a carrying joint. The offset is the robust least
squares solution over all frames and views of: seen pixel - projected joint = focal / depth * (turned offset).
"""

import json
from pathlib import Path

import numpy as np
import tyro
from jaxtyping import Float

from tcmr.body.load import load_body
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.joints import BLAZEPOSE_33, SMPL_24, indices

OUTPUT = Path(__file__).parents[1] / "src/tcmr/body/blazepose_points.json"
HEAD = ("nose", "eye", "ear", "mouth")
# Limb landmark -> (anchor, carrier); the carrier is the bone before the joint, which fixes the joint's flesh.
LIMBS = {
    "shoulder": ("shoulder", "spine3"), "elbow": ("elbow", "shoulder"), "wrist": ("wrist", "elbow"),
    "pinky": ("wrist", "wrist"), "index": ("wrist", "wrist"), "thumb": ("wrist", "wrist"),
    "hip": ("hip", "pelvis"), "knee": ("knee", "hip"), "ankle": ("ankle", "knee"),
    "heel": ("ankle", "ankle"), "foot_index": ("foot", "ankle"),
}  # fmt: skip
NEAR_M = 0.02  # errors below this count fully, larger ones as their inverse
OUTLIER_M = 0.25


def anchor_and_carrier(landmark: str) -> tuple[str, str]:
    """Return the joints that place and turn a landmark."""
    if landmark.startswith(HEAD) or any(part in landmark for part in HEAD):
        return "head", "head"
    side, part = landmark.split("_", 1)
    anchor, carrier = LIMBS[part]
    whole = {"spine3", "pelvis"}
    return f"{side}_{anchor}", carrier if carrier in whole else f"{side}_{carrier}"


def fit_offset(
    design: Float[np.ndarray, "rows 2 3"], seen_m: Float[np.ndarray, "rows 2"], rounds: int = 10
) -> Float[np.ndarray, "3"]:
    """Solve design @ offset = seen for the offset, by iteratively reweighted least squares (L1)."""
    offset = np.zeros(3)
    for _ in range(rounds):
        error = np.linalg.norm(seen_m - design @ offset, axis=1)
        weight = 1 / np.maximum(error, NEAR_M)
        normal = np.einsum("nki,nkj,n->ij", design, design, weight)
        offset = np.linalg.solve(normal, np.einsum("nki,nk,n->i", design, seen_m, weight))
    return offset


def main(shards: tyro.conf.Positional[tuple[Path, ...]]) -> None:
    """Fit all landmarks and write the table."""
    clips = LandmarkClips.load(shards)
    body = load_body("open")
    bodies = clips.bodies(body)
    joints = bodies.joints_m.flatten(0, 1).double().numpy()
    turned = bodies.global_rotmat.flatten(0, 1).double().numpy()
    focal_px = clips.focal_px.double().numpy().repeat(clips.score.shape[1])
    pixels_per_m = focal_px[:, None] / joints[..., 2]
    joints_px = clips.project(bodies.joints_m).flatten(0, 1).double().numpy()
    seen_px = clips.xy_px.flatten(0, 1).double().numpy()
    sure = clips.score.flatten().numpy() > 0.9
    points = {}
    for row, name in enumerate(BLAZEPOSE_33):
        names = anchor_and_carrier(name)
        anchor, carrier = indices(SMPL_24, names)
        off_px = seen_px[:, row] - joints_px[:, anchor]
        off_m = off_px / pixels_per_m[:, anchor, None]
        use = sure & (np.linalg.norm(off_m, axis=1) < OUTLIER_M)
        design, seen_m = turned[use, carrier, :2], off_m[use]
        offset = fit_offset(design, seen_m)
        before, after = (
            np.median(np.linalg.norm(seen_m - design @ o, axis=1)) * 1e3 for o in (0 * offset, offset)
        )
        print(f"{name:18s} {names} {np.round(offset * 1e3)} mm, median error {before:.0f} -> {after:.0f} mm")
        points[name] = {
            "anchor": names[0],
            "carrier": names[1],
            "offset_m": [round(float(x), 5) for x in offset],
        }
    symmetrise(points)
    OUTPUT.write_text(
        json.dumps({"body": body.sha256, "frames": int(sure.sum()), "points": points}, indent=1) + "\n"
    )


def symmetrise(points: dict[str, dict]) -> None:
    """Average each left landmark with its mirrored right one: the body is symmetric."""
    mirror = np.array([-1, 1, 1])
    for name, row in points.items():
        if "left" in name:
            other = points[name.replace("left", "right")]
            mean = (np.array(row["offset_m"]) + mirror * other["offset_m"]) / 2
            row["offset_m"], other["offset_m"] = mean.round(5).tolist(), (mirror * mean).round(5).tolist()
        elif "right" not in name:
            row["offset_m"] = [0.0, *row["offset_m"][1:]]


if __name__ == "__main__":
    tyro.cli(main)
