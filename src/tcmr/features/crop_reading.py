"""What BlazePose's network says of one crop, and the mean of what it says of the crop and of its mirror image.

The network errs otherwise in a mirror: the mean of both is nearer to the truth, and follows a person more calmly.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Float32

from tcmr.people.sides import BACK_AND_FRONT, LEGS, Confusion

Array = np.ndarray


@dataclass(frozen=True)
class CropReading:
    """One reading of a crop.

    `points` goes from 0 to 1 across the crop: the landmarks, then what the next region is made of. `beliefs` are
    visibility and presence; `world_m` has the axes of the crop; `score` is the belief that there is a person.
    `spread` is how far apart the landmarks of two readings lie, 1 being the crop's width; 0 where there was one.
    `pooled` is the feature from which all of these are read.
    """

    points: Float[Array, "points 2"]
    beliefs: Float32[Array, "33 2"]
    world_m: Float32[Array, "33 3"]
    score: float
    spread: Float32[Array, "33"]
    pooled: Float32[Array, "1152"]

    def mirrored(self) -> "CropReading":
        """Return what a reading of the mirrored crop says of the crop."""
        return replace(
            self,
            points=self.points * [-1, 1] + [1, 0],
            world_m=self.world_m * np.array([-1, 1, 1], np.float32),
        ).exchanged(BACK_AND_FRONT)

    def exchanged(self, confusion: Confusion) -> "CropReading":
        """Return the reading with left called right, and right left, as far as a confusion goes."""
        other = confusion.other
        points = np.concatenate([self.points[other], self.points[len(other) :]])
        return replace(self, points=points, beliefs=self.beliefs[other], world_m=self.world_m[other])

    def mean(self, other: "CropReading") -> "CropReading":
        """Return the mean of two readings of one crop, each as far as it is believed; the sides are this one's.

        Where the other takes back for front, or one leg for the other, its sides are exchanged first: the mean of a
        left and a right leg is no leg. The score is the surer one's, the pooled feature this one's.
        """
        nearer = min(
            other,
            other.exchanged(BACK_AND_FRONT),
            key=lambda each: _apart(self.world_m, each.world_m, BACK_AND_FRONT),
        )
        nearer = min(nearer, nearer.exchanged(LEGS), key=lambda each: _apart(self.points, each.points, LEGS))
        spread = np.linalg.norm(self.points - nearer.points, axis=-1)
        share = np.float32(other.score / max(self.score + other.score, 1e-6))
        return replace(
            self,
            points=(1 - share) * self.points + share * nearer.points,
            beliefs=(1 - share) * self.beliefs + share * nearer.beliefs,
            world_m=(1 - share) * self.world_m + share * nearer.world_m,
            score=max(self.score, other.score),
            spread=spread[: len(self.spread)].astype(np.float32),
        )


def _apart(
    one: Float[Array, "points axes"], other: Float[Array, "points axes"], confusion: Confusion
) -> float:
    telling = confusion.telling
    return float(np.linalg.norm(one[telling] - other[telling], axis=-1).sum())
