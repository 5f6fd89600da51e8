"""The body's mesh and how it hangs on the joints, as real-time formats take it."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int32, Int64

from tcmr.export.animation import Animation
from tcmr.raster import vertex_normals

Array = np.ndarray
INFLUENCES = 4  # joints that move a vertex: what real-time renderers allow


@dataclass(frozen=True)
class Skin:
    """A mesh in T-pose (y up, facing +z, metres), and the joints that move each vertex."""

    vertices_m: Float32[Array, "vertices 3"]
    normals: Float32[Array, "vertices 3"]
    faces: Int32[Array, "faces 3"]
    joints: Int64[Array, "vertices 4"]
    weights: Float32[Array, "vertices 4"]

    @staticmethod
    def of(animation: Animation) -> "Skin":
        """Return the skin of the first frame's shape; pose blend shapes are left out."""
        shaped = animation.body.with_shape(torch.from_numpy(animation.betas[0]))
        vertices_m, faces = shaped.vertices_m.numpy(), animation.body.faces.int().numpy()
        joints, weights = strongest(animation.body.skin_weights.numpy())
        return Skin(vertices_m, vertex_normals(vertices_m, faces), faces, joints, weights)


def strongest(
    weights: Float32[Array, "vertices 24"],
) -> tuple[Int64[Array, "vertices 4"], Float32[Array, "vertices 4"]]:
    """Keep the four strongest joints of each vertex, the strongest first; the weights sum to 1 again."""
    joints = np.argsort(-weights, 1, kind="stable")[:, :INFLUENCES]
    kept = np.take_along_axis(weights, joints, 1)
    joints[kept == 0] = 0
    return joints, kept / kept.sum(1, keepdims=True)
