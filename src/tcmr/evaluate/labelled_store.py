"""A feature store with labels as a test: the errors of a network over all of its sequences.

Means are over frames, not over videos, as in the published tables.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from tcmr.body.model import BodyModel, PosedBody
from tcmr.data.store import FeatureStore
from tcmr.errors import TcmrError
from tcmr.evaluate.metrics import (
    acceleration_error,
    accelerations_seen,
    mpjpe,
    mpvpe,
    pa_mpjpe,
    root_relative,
)
from tcmr.joints import H36M_14, SMPL_24, SPIN_49_COMMON_14
from tcmr.model.predictor import Predictor
from tcmr.model.tcmr import TCMR
from tcmr.model.windows import Edges
from tcmr.rotations import rotmat_from_axis_angle

Array = np.ndarray
VERTEX_BATCH = 64


@dataclass(frozen=True)
class SequenceResult:
    """One sequence: 14 joints as estimated and as labelled, which frames count, the vertices' error."""

    joints_m: Float[Array, "frames 14 3"]
    true_m: Float[Array, "frames 14 3"]
    counts: Bool[Array, " frames"]
    vertices_mm: Float[Array, " frames"]


@dataclass(frozen=True)
class StoreTest:
    """A store, the body that estimates are posed on, and the protocol.

    Frames that are not `valid` do not count, and accelerations count only where three successive frames of one
    sequence do. With `released` it is as in the released code's validation: every frame counts, and
    accelerations go across the borders of sequences. `edges` = "static" is its treatment of clip ends.
    """

    store: FeatureStore
    body: BodyModel
    edges: Edges = "cut"
    released: bool = False

    def score(self, tcmr: TCMR) -> dict[str, float]:
        """Return the mean errors (mm, mm/frame^2), and how many frames they are over.

        14 joints by the H36M regressor, relative to the middle of the hips; vertices where the store has bodies.

        Raises:
            TcmrError: the store lacks joints, or none of its frames counts.
        """
        predictor = Predictor(tcmr, self.body, "under test")
        results = [self._measure(predictor, rows) for rows in self.store.sequences()]
        joints, true, counts, vertices = (
            np.concatenate([getattr(result, name) for result in results])
            for name in ("joints_m", "true_m", "counts", "vertices_mm")
        )
        if not counts.any():
            raise TcmrError(f"the feature store {self.store.path} has no valid frame to test on")
        sequence = np.repeat(np.arange(len(results)), [len(result.counts) for result in results])
        steady = accelerations_seen(counts) & (self.released | (sequence[2:] == sequence[:-2]))
        figures = {
            "pa_mpjpe_mm": pa_mpjpe(joints[counts], true[counts]),
            "mpjpe_mm": mpjpe(joints, true)[counts],
            "mpvpe_mm": vertices[counts],
            "accel_mm": acceleration_error(joints, true)[steady],
        }
        known = {
            name: float(values.mean())
            for name, values in figures.items()
            if len(values) and not np.isnan(values).any()
        }
        return known | {"frames": float(counts.sum())}

    def _measure(self, predictor: Predictor, rows: Int64[Array, " frames"]) -> SequenceResult:
        def read(name: str) -> Array:
            return self.store.column(name).read(rows[:1], len(rows))[0]

        motion = predictor.predict(read("static"), edges=self.edges)
        estimated = self._posed(torch.from_numpy(motion.rotmat), motion.betas)
        vertices = np.full(len(rows), np.nan)
        if {"pose", "betas"} <= self.store.columns.keys():
            pose = torch.from_numpy(read("pose")).unflatten(-1, (len(SMPL_24), 3))
            vertices = vertex_errors(estimated, self._posed(rotmat_from_axis_angle(pose), read("betas")))
        counts = np.ones(len(rows), bool)
        if "valid" in self.store.columns and not self.released:
            counts = read("valid") > 0
        return SequenceResult(
            root_relative(estimated.joints(H36M_14).cpu().numpy(), H36M_14),
            root_relative(read("joints_m")[:, list(SPIN_49_COMMON_14)], H36M_14),
            counts,
            vertices,
        )

    def _posed(self, rotmat: Float[Tensor, "frames 24 3 3"], betas: Float[Array, "frames 10"]) -> PosedBody:
        device = self.body.device
        return self.body.with_shape(torch.from_numpy(betas).to(device)).with_pose(rotmat.to(device))


def vertex_errors(estimated: PosedBody, true: PosedBody) -> Float[Array, " frames"]:
    """Return each frame's mean vertex error, mm, a few frames at a time: vertices take much memory."""

    def part(posed: PosedBody, chosen: slice) -> Any:
        body, betas = posed.shaped.model, posed.shaped.betas[chosen]
        return body.with_shape(betas).with_pose(posed.rotmat[chosen]).vertices().cpu().numpy()

    batches = [slice(first, first + VERTEX_BATCH) for first in range(0, len(true.rotmat), VERTEX_BATCH)]
    return np.concatenate([mpvpe(part(estimated, chosen), part(true, chosen)) for chosen in batches])
