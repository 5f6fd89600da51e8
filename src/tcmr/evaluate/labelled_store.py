"""A feature store with labels as a test: the errors of a network over all of its sequences.

Means are over frames, not over videos, as in the published tables.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

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
from tcmr.joints import (
    H36M_14,
    MPII3D_17,
    SMPL_24,
    SPIN_49_COMMON_14,
    SPIN_49_MPII3D_17,
    JointSet,
)
from tcmr.model.predictor import Predictor
from tcmr.model.tcmr import TCMR
from tcmr.model.windows import Edges
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.smooth.motion import smoothed

Array = np.ndarray
VERTEX_BATCH = 64

Protocol = Literal["mended", "published", "validation"]


@dataclass(frozen=True)
class Skeleton:
    """The joints that a database is tested on: the body's, the same among SPIN_49, and those at the origin."""

    joints: JointSet
    places: tuple[int, ...]
    root: tuple[str, ...]


COMMON = Skeleton(H36M_14, SPIN_49_COMMON_14, ("left_hip", "right_hip"))
SKELETONS = {"mpii3d": Skeleton(MPII3D_17, SPIN_49_MPII3D_17, ("pelvis_mpii",))}


@dataclass(frozen=True)
class SequenceResult:
    """One sequence: joints as estimated and as labelled, which frames count, the vertices' error."""

    joints_m: Float[Array, "frames joints 3"]
    true_m: Float[Array, "frames joints 3"]
    counts: Bool[Array, " frames"]
    vertices_mm: Float[Array, " frames"]


@dataclass(frozen=True)
class StoreTest:
    """A store, the body that estimates are posed on, and how they are compared.

    The joints are 14 by the H36M regressor, relative to the middle of the hips; a store converted from
    MPI-INF-3DHP is tested on that database's 17, relative to the pelvis. `protocol` tells what counts:

    - "mended": frames that are `valid`; accelerations only where three successive frames of one sequence are.
    - "published": as the published tables were made. No sequence ends where frames are left out. Frames that are
      not valid are left out too, and their neighbours pass for successive ones; but MPI-INF-3DHP's are kept and
      do not count, while accelerations next to them do. Videos shorter than a window are skipped.
    - "validation": as in the released code's training. Every frame counts, and accelerations go across the
      borders of sequences.

    `edges` = "static" is the released code's treatment of clip ends, in the last two.
    """

    store: FeatureStore
    body: BodyModel
    edges: Edges = "cut"
    protocol: Protocol = "mended"
    smooth: str = "none"

    def score(self, tcmr: TCMR) -> dict[str, float]:
        """Return the mean errors (mm, mm/frame^2), and how many frames they are over.

        Vertices are compared where the store has bodies.

        Raises:
            TcmrError: the store lacks joints, or none of its frames counts.
        """
        predictor = Predictor(tcmr, self.body, "under test")
        results = [self._measure(predictor, rows) for rows in self._tested(tcmr.config.window)]
        if not any(result.counts.any() for result in results):
            raise TcmrError(f"the feature store {self.store.path} has no valid frame to test on")
        joints, true, counts, vertices = (
            np.concatenate([getattr(result, name) for result in results])
            for name in ("joints_m", "true_m", "counts", "vertices_mm")
        )
        sequence = np.repeat(np.arange(len(results)), [len(result.counts) for result in results])
        figures = {
            "pa_mpjpe_mm": pa_mpjpe(joints[counts], true[counts]),
            "mpjpe_mm": mpjpe(joints, true)[counts],
            "mpvpe_mm": vertices[counts],
            "accel_mm": acceleration_error(joints, true)[self._steady(counts, sequence)],
        }
        known = {
            name: float(values.mean())
            for name, values in figures.items()
            if len(values) and not np.isnan(values).any()
        }
        return known | {"frames": float(counts.sum())}

    @property
    def skeleton(self) -> Skeleton:
        """The joints that the store is tested on."""
        return SKELETONS.get(self.store.database or "", COMMON)

    def _tested(self, window: int) -> Iterator[Int64[Array, " frames"]]:
        """Yield the rows of what passes for a sequence."""
        if self.protocol != "published":
            yield from self.store.sequences()
            return
        for rows in self.store.across_gaps().sequences():
            kept = rows if self.store.database == "mpii3d" else rows[self._valid(rows)]
            if len(kept) >= window:
                yield kept

    def _valid(self, rows: Int64[Array, " frames"]) -> Bool[Array, " frames"]:
        if "valid" not in self.store.columns:
            return np.ones(len(rows), bool)
        return self.store.column("valid").read(rows, 1)[:, 0] > 0

    def _steady(
        self, counts: Bool[Array, " frames"], sequence: Int64[Array, " frames"]
    ) -> Bool[Array, " frames-2"]:
        """Tell which accelerations count, of all sequences' frames one after the other."""
        if self.protocol == "validation":
            return accelerations_seen(counts)
        inside = sequence[2:] == sequence[:-2]
        return inside & (counts[1:-1] if self.protocol == "published" else accelerations_seen(counts))

    def _measure(self, predictor: Predictor, rows: Int64[Array, " frames"]) -> SequenceResult:
        def read(name: str) -> Array:
            return self.store.column(name).read(rows, 1)[:, 0]

        motion = smoothed(predictor.predict(read("static"), edges=self.edges), self.smooth, self.body)
        estimated = self._posed(torch.from_numpy(motion.rotmat), motion.betas)
        vertices = np.full(len(rows), np.nan)
        if {"pose", "betas"} <= self.store.columns.keys():
            pose = torch.from_numpy(read("pose")).unflatten(-1, (len(SMPL_24), 3))
            vertices = vertex_errors(estimated, self._posed(rotmat_from_axis_angle(pose), read("betas")))
        if "body_weight" in self.store.columns:
            vertices[read("body_weight") == 0] = np.nan
        counts = np.ones(len(rows), bool) if self.protocol == "validation" else self._valid(rows)
        joints, root = self.skeleton.joints, self.skeleton.root
        return SequenceResult(
            root_relative(estimated.joints(joints).cpu().numpy(), joints, root),
            root_relative(read("joints_m")[:, list(self.skeleton.places)], joints, root),
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
