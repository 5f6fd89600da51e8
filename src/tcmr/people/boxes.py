"""Boxes in pixels of the frame, as (left, top, right, bottom)."""

import numpy as np
from jaxtyping import Float, Int64

from tcmr.joints import BLAZEPOSE_33, BLAZEPOSE_BONES, indices

Array = np.ndarray

POINTS_OF_BONE = 17  # that are looked for in the picture
EYES = indices(BLAZEPOSE_33, ["left_eye", "right_eye"])
MOUTH = indices(BLAZEPOSE_33, ["mouth_left", "mouth_right"])
CROWN = 1.7  # how far it is above the eyes, in distances of eyes and mouth


def around(points_px: Float[Array, "points 2"], width: int, height: int) -> Float[Array, "4"]:
    """Return the box around points, as far as it lies in a picture of this size."""
    return within(np.concatenate([points_px.min(0), points_px.max(0)]).astype(np.float64), width, height)


def around_person(landmarks_px: Float[Array, "33 2"], width: int, height: int) -> Float[Array, "4"]:
    """Return the box around what a picture of this size shows of a person.

    Limbs out of the picture are guessed, and do not make it broader: of who is in it in part, the box is that of the
    landmarks, the bones and the crown of the head in it. Who is not in it at all has an empty box at its edge.
    """
    points_px = np.concatenate([landmarks_px, _along_bones(landmarks_px), _crown(landmarks_px)[None]])
    is_in = np.all((points_px >= 0) & (points_px <= [width, height]), axis=1)
    in_part = is_in.any() and not is_in[: len(landmarks_px)].all()
    return around(points_px[is_in] if in_part else landmarks_px, width, height)


def _along_bones(landmarks_px: Float[Array, "33 2"]) -> Float[Array, "points 2"]:
    begins, ends = landmarks_px[np.transpose(BLAZEPOSE_BONES)]
    shares = np.linspace(0, 1, POINTS_OF_BONE)[:, None, None]
    return (begins + shares * (ends - begins)).reshape(-1, 2)


def _crown(landmarks_px: Float[Array, "33 2"]) -> Float[Array, "2"]:
    eyes, mouth = landmarks_px[EYES].mean(0), landmarks_px[MOUTH].mean(0)
    return eyes + CROWN * (eyes - mouth)


def within(boxes: Float[Array, "*boxes 4"], width: int, height: int) -> Float[Array, "*boxes 4"]:
    """Return boxes as far as they lie in a picture of this size.

    >>> within(np.array([-27.0, 3, 280, 477]), 176, 144)
    array([  0.,   3., 176., 144.])
    """
    return np.clip(boxes, 0, [width, height, width, height])


def overlap(boxes: Float[Array, "boxes 4"], others: Float[Array, "others 4"]) -> Float[Array, "boxes others"]:
    """Return the intersection over union of every pair; zero where both are empty."""
    intersection = _intersections(boxes, others)
    union = _areas(boxes)[:, None] + _areas(others)[None] - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)


def covered(boxes: Float[Array, "boxes 4"], others: Float[Array, "others 4"]) -> Float[Array, "boxes others"]:
    """Return how much of each box, as a share of its area, lies in each other; zero where it is empty.

    >>> covered(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 9, 9], [5, 5, 6, 6]]))
    array([[0.5, 0. ]])
    """
    intersection, areas = _intersections(boxes, others), _areas(boxes)[:, None]
    return np.divide(intersection, areas, out=np.zeros_like(intersection), where=areas > 0)


def distance(box: Float[Array, "4"], other: Float[Array, "4"]) -> float:
    """Return how far apart two boxes are in place and in size.

    It is the distance of the centers in units of the longest side, plus half the log ratio of the longest
    sides: 0.5 for a step of half a body length as for one box 2.7 times the size of the other.
    """
    centers_px = (box[:2] + box[2:] - other[:2] - other[2:]) / 2
    sides_px = [max(*(edges[2:] - edges[:2]), 1.0) for edges in (box, other)]
    return float(np.hypot(*centers_px) / max(sides_px) + abs(np.log(sides_px[0] / sides_px[1])) / 2)


def suppressed(
    boxes: Float[Array, "boxes 4"], scores: Float[Array, " boxes"], most_overlap: float
) -> Int64[Array, " kept"]:
    """Return which boxes stay, best first, when each takes out the lesser ones that overlap it by more."""
    overlaps = overlap(boxes, boxes)
    kept: list[int] = []
    for index in np.argsort(-scores, kind="stable"):
        if all(overlaps[index, better] <= most_overlap for better in kept):
            kept.append(int(index))
    return np.array(kept, np.int64)


def _intersections(
    boxes: Float[Array, "boxes 4"], others: Float[Array, "others 4"]
) -> Float[Array, "boxes others"]:
    upper_left = np.maximum(boxes[:, None, :2], others[None, :, :2])
    lower_right = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.clip(lower_right - upper_left, 0, None).prod(-1)


def _areas(boxes: Float[Array, "boxes 4"]) -> Float[Array, " boxes"]:
    return np.clip(boxes[:, 2:] - boxes[:, :2], 0, None).prod(-1)
