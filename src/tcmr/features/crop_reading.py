"""What BlazePose's network says of one crop, and the mean of what it says of the crop and of its mirror image.

The network errs otherwise in a mirror: the mean of both is nearer to the truth, and follows a person more calmly.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Float32

from tcmr.people.facing import LIMBS, OTHER_SIDE

Array = np.ndarray


@dataclass(frozen=True)
class CropReading:
    """One reading of a crop.

    `points` goes from 0 to 1 across the crop: the landmarks, then what the next region is made of. `beliefs` are
    visibility and presence; `world_m` has the axes of the crop; `score` is the belief that there is a person.
    `pooled` is the feature from which all of these are read.
    """

    points: Float[Array, "points 2"]
    beliefs: Float32[Array, "33 2"]
    world_m: Float32[Array, "33 3"]
    score: float
    pooled: Float32[Array, "1152"]

    def mirrored(self) -> "CropReading":
        """Return what a reading of the mirrored crop says of the crop."""
        return replace(
            self,
            points=self.points * [-1, 1] + [1, 0],
            world_m=self.world_m * np.array([-1, 1, 1], np.float32),
        ).with_sides_exchanged()

    def with_sides_exchanged(self) -> "CropReading":
        """Return the reading with left called right, and right left."""
        points = np.concatenate([self.points[OTHER_SIDE], self.points[len(OTHER_SIDE) :]])
        return replace(
            self, points=points, beliefs=self.beliefs[OTHER_SIDE], world_m=self.world_m[OTHER_SIDE]
        )

    def mean(self, other: "CropReading") -> "CropReading":
        """Return the mean of two readings of one crop, each as far as it is believed; the sides are this one's.

        Where the other takes back for front, its sides are exchanged first: the mean of a left and a right arm is
        no arm. The score is the surer one's, the pooled feature this one's.
        """
        exchanged = other.with_sides_exchanged()
        nearer = min(other, exchanged, key=lambda each: _apart(self, each))
        share = np.float32(other.score / max(self.score + other.score, 1e-6))
        return replace(
            self,
            points=(1 - share) * self.points + share * nearer.points,
            beliefs=(1 - share) * self.beliefs + share * nearer.beliefs,
            world_m=(1 - share) * self.world_m + share * nearer.world_m,
            score=max(self.score, other.score),
        )


def _apart(one: CropReading, other: CropReading) -> float:
    return float(np.linalg.norm(one.world_m[LIMBS] - other.world_m[LIMBS], axis=-1).sum())
