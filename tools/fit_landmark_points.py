"""Measure on rendered clips where BlazePose puts its landmarks on our body; in the face, take them as on people.

    python tools/fit_landmark_points.py RENDERED_SHARD.npz...   (writes src/tcmr/body/blazepose_points.json)

A landmark is a joint plus a constant offset in the frame of a carrying joint. The offset is the robust least
squares solution over all frames and views of: seen pixel - projected joint = focal / depth * (turned offset).

Rendered faces BlazePose reads half as broad as they are, people's not: ears 8 cm apart there, 12 on the woman of `pair`
(own weights, four views triangulated, her size made the body's), 11 to 16 on eight people before a camera. So the
face's points are about as measured on her, at the heights of the mesh's.
"""

import json
from pathlib import Path

import numpy as np
import tyro
from jaxtyping import Float

from tcmr.body.load import load_body
from tcmr.body.model import BodyModel
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.joints import BLAZEPOSE_33, SMPL_24, indices, mirrored

OUTPUT = Path(__file__).parents[1] / "src/tcmr/body/blazepose_points.json"
# The left half of the face of the mean shape at rest, metres.
FACE_M = {
    "nose": (0.0, 0.432, 0.148),
    "left_eye_inner": (0.015, 0.466, 0.135), "left_eye": (0.026, 0.466, 0.133), "left_eye_outer": (0.040, 0.466, 0.126),
    "left_ear": (0.062, 0.455, 0.060), "mouth_left": (0.020, 0.398, 0.140),
}  # fmt: skip
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
    """Return the joints that place and turn a limb's landmark."""
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


def face_points(body: BodyModel) -> dict[str, dict]:
    """Return the points of the face: on the head, turned with it."""
    head_m = body.joint_template_m[SMPL_24.index("head")].double().numpy()
    other = mirrored(BLAZEPOSE_33)
    points = {}
    for name, place_m in FACE_M.items():
        offset_m = np.array(place_m) - head_m
        for called, mirror in ((name, 1), (BLAZEPOSE_33[other[BLAZEPOSE_33.index(name)]], -1)):
            points[called] = _point("head", "head", offset_m * [mirror, 1, 1])
    return points


def main(shards: tyro.conf.Positional[tuple[Path, ...]]) -> None:
    """Fit all landmarks and write the table."""
    body = load_body("open")
    clips = LandmarkClips.load(shards, body)
    bodies = clips.bodies(body)
    joints = bodies.joints_m.flatten(0, 1).double().numpy()
    turned = bodies.global_rotmat.flatten(0, 1).double().numpy()
    focal_px = clips.focal_px.double().numpy().repeat(clips.score.shape[1])
    pixels_per_m = focal_px[:, None] / joints[..., 2]
    joints_px = clips.project(bodies.joints_m).flatten(0, 1).double().numpy()
    seen_px = clips.xy_px.flatten(0, 1).double().numpy()
    sure = clips.score.flatten().numpy() > 0.9
    points = face_points(body)
    for row, name in enumerate(BLAZEPOSE_33):
        if name in points:
            continue
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
        points[name] = _point(*names, offset)
    symmetrise(points)
    points = {name: points[name] for name in BLAZEPOSE_33}
    OUTPUT.write_text(
        json.dumps({"body": body.sha256, "frames": int(sure.sum()), "points": points}, indent=1) + "\n"
    )


def _point(anchor: str, carrier: str, offset_m: Float[np.ndarray, "3"]) -> dict:
    return {"anchor": anchor, "carrier": carrier, "offset_m": [round(float(x), 5) + 0.0 for x in offset_m]}


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
