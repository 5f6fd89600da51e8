"""Joints that are weighted means of vertices, and the guard against using them on a foreign mesh.

A regressor made for one mesh multiplies with any other of the same size without complaint, and means nothing.
So each carries the hash of its mesh's triangles, and a body takes only those with its own. SMPL's regressor
files carry no such mark: they belong to the body file in the same folder, after a look at where they put it.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, Integer
from torch import Tensor

from tcmr.joints import JointSet


def topology_hash(faces: Integer[np.ndarray, "faces 3"]) -> str:
    """Return the SHA-256 of a mesh's triangles: two bodies share vertex numbers only if it is the same."""
    return hashlib.sha256(np.ascontiguousarray(faces, dtype="<i4").tobytes()).hexdigest()


@dataclass(frozen=True)
class JointRegressor:
    """Named joints as weighted means of a few vertices of one mesh.

    `topology` is the `topology_hash` of the only mesh on which the vertex numbers mean anything.
    """

    joint_set: JointSet
    vertex_ids: Int[Tensor, " used"]
    weights: Float[Tensor, "joints used"]
    topology: str

    @classmethod
    def from_dense(
        cls, joint_set: JointSet, matrix: Float[np.ndarray, "joints vertices"], topology: str
    ) -> "JointRegressor":
        """Keep the columns of a dense regressor (row order: `joint_set`) that are not zero."""
        used = np.flatnonzero(matrix.any(axis=0))
        weights = torch.from_numpy(np.ascontiguousarray(matrix[:, used]))
        return cls(joint_set, torch.from_numpy(used), weights, topology)

    @classmethod
    def picking(cls, vertices: dict[str, int], topology: str) -> "JointRegressor":
        """Name single vertices as joints."""
        ids = torch.tensor(list(vertices.values()))
        return cls(tuple(vertices), ids, torch.eye(len(ids)), topology)

    def to(
        self, device: torch.device | str | None = None, dtype: torch.dtype | None = None
    ) -> "JointRegressor":
        """Return the same regressor on another device or in another precision."""
        return JointRegressor(
            self.joint_set,
            self.vertex_ids.to(device),
            self.weights.to(device=device, dtype=dtype),
            self.topology,
        )
