"""Ask how well a body's shape could be told from ideal measurements: what limits any method that looks for it.

    python tools/shape_oracle.py   (prints a table in Markdown; about a minute)

Random persons of the open body stand at rest, naked or dressed as rendered people are. Their bone lengths and the
widths and depths of limbs, trunk and head are measured, with an error of some percent and perhaps without the
person's size (only ratios of lengths: what one camera sees). Linear regression gives the shape back from that.
"""

from dataclasses import dataclass

import numpy as np
import torch
import tyro
from jaxtyping import Float, Float32, Int32
from torch import Tensor

from tcmr.body import BodyModel, load_body
from tcmr.joints import SMPL_24, indices
from tcmr.raster import vertex_normals
from tcmr.synth.appearance import Anatomy, dress

Array = np.ndarray

# Where flesh is measured: from a joint to the next, on what the first one moves.
PARTS = (
    ("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"), ("pelvis", "spine1"), ("spine1", "spine2"), ("spine2", "spine3"),
    ("neck", "head"),
)  # fmt: skip
BONES = (
    ("left_hip", "left_knee"), ("left_knee", "left_ankle"), ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"), ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
    ("pelvis", "neck"), ("neck", "head"),
)  # fmt: skip
MIDDLE = (0.3, 0.7)  # of the way from joint to joint
TRAINING_SHARE = 2 / 3


@dataclass(frozen=True)
class Person:
    """A body at rest: its skin or the outside of its clothes, and its joints."""

    surface_m: Float32[Array, "vertices 3"]
    joints_m: Float32[Array, "24 3"]

    def joint(self, name: str) -> Float32[Array, "3"]:
        """Return where a joint is."""
        return self.joints_m[indices(SMPL_24, name)[0]]

    def bone_lengths_m(self) -> list[float]:
        """Return the distances between joints."""
        return [float(np.linalg.norm(self.joint(first) - self.joint(second))) for first, second in BONES]

    def widths_m(self, anatomy: Anatomy) -> list[float]:
        """Return each part's width as seen from the front, and its depth."""
        return [extent for first, second in PARTS for extent in self._extents_m(anatomy, first, second)]

    def _extents_m(self, anatomy: Anatomy, first: str, second: str) -> tuple[float, float]:
        start, along = self.joint(first)[:2], (self.joint(second) - self.joint(first))[:2]
        length = np.linalg.norm(along)
        flesh = self.surface_m[anatomy.moved_by([first])]
        right_down = (flesh[:, :2] - start) @ np.stack([along, [-along[1], along[0]]], 1) / length
        share = right_down[:, 0] / length
        middle = (share > MIDDLE[0]) & (share < MIDDLE[1])
        return float(np.ptp(right_down[middle, 1])), float(np.ptp(flesh[middle, 2]))


def stand(body: BodyModel, betas: Float[Tensor, "10"]) -> Person:
    """Return a naked person of a shape."""
    shaped = body.with_shape(betas)
    skin = shaped.rest_vertices(torch.arange(len(body.template_m)))
    return Person(skin.numpy(), shaped.joints_m.numpy())


def dressed(
    person: Person, anatomy: Anatomy, faces: Int32[Array, "faces 3"], rng: np.random.Generator
) -> Person:
    """Return the person in hair and clothes."""
    thickness = dress(anatomy, rng).thickness_m[:, None]
    return Person(person.surface_m + thickness * vertex_normals(person.surface_m, faces), person.joints_m)


def shape_error(
    measured_m: Float[Array, "persons lengths"],
    betas: Float[Array, "persons 10"],
    noise: float,
    size_known: bool,
    rng: np.random.Generator,
) -> float:
    """Return the squared error of regressed shapes as a share of the shapes' variance."""
    logs = np.log(measured_m) + noise * rng.standard_normal(measured_m.shape)
    if not size_known:
        logs = logs - logs.mean(1, keepdims=True)
    inputs = np.column_stack([logs, np.ones(len(logs))])
    count = int(TRAINING_SHARE * len(inputs))
    weights = np.linalg.lstsq(inputs[:count], betas[:count], rcond=None)[0]
    return float(np.mean((inputs[count:] @ weights - betas[count:]) ** 2) / np.mean(betas[count:] ** 2))


def main(persons: int = 1500, seed: int = 0, noises: tuple[float, ...] = (0.01, 0.02, 0.05, 0.1)) -> None:
    """Measure persons and print how well each kind of measurement tells their shape."""
    rng = np.random.default_rng(seed)
    body = load_body("open")
    anatomy = Anatomy.of(body)
    betas = rng.standard_normal((persons, 10)).astype(np.float32)
    naked = [stand(body, torch.from_numpy(row)) for row in betas]
    clothed = [dressed(person, anatomy, anatomy.faces, rng) for person in naked]
    lengths = np.array([person.bone_lengths_m() for person in naked])
    widths = {
        "naked": np.array([person.widths_m(anatomy) for person in naked]),
        "dressed": np.array([person.widths_m(anatomy) for person in clothed]),
    }
    measured = {"bone lengths": lengths} | {
        f"bone lengths, widths, depths; {looks}": np.hstack([lengths, extents])
        for looks, extents in widths.items()
    }
    print("| measured | size |", " | ".join(f"{noise:.0%} error" for noise in noises), "|")
    print("|---|---|", "---:|" * len(noises), sep="")
    for name, values in measured.items():
        for size_known in (True, False):
            errors = [shape_error(values, betas, noise, size_known, rng) for noise in noises]
            cells = " | ".join(f"{error:.2f}" for error in errors)
            print(f"| {name} | {'known' if size_known else 'unknown'} | {cells} |")


if __name__ == "__main__":
    tyro.cli(main)
