"""How a rendered person looks: skin, hair and clothes as a colour and a thickness at every vertex."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32, Int32, Int64

from tcmr.body import BodyModel
from tcmr.joints import SMPL_24, SMPL_VERTEX_JOINTS, indices
from tcmr.raster import vertex_normals
from tcmr.synth.palette import any_colour, hair_tone, skin_tone

Array = np.ndarray

TORSO = ("pelvis", "spine1", "spine2", "spine3", "left_collar", "right_collar")
ARMS = tuple(
    f"{side}_{part}" for side in ("left", "right") for part in ("shoulder", "elbow", "wrist", "hand")
)
LEGS = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("hip", "knee", "ankle"))
FEET = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("ankle", "foot"))
HANDS = tuple(f"{side}_{part}" for side in ("left", "right") for part in ("wrist", "hand"))


@dataclass(frozen=True)
class Appearance:
    """Colour before light (0 to 255), and how far cloth and hair stand off the skin."""

    rgb: Float32[Array, "vertices 3"]
    thickness_m: Float32[Array, " vertices"]


@dataclass(frozen=True)
class Anatomy:
    """Where things are on the body at rest: what garments are cut by."""

    rest_m: Float32[Array, "vertices 3"]
    normals: Float32[Array, "vertices 3"]
    faces: Int32[Array, "faces 3"]
    part: Int64[Array, " vertices"]
    joints_m: Float32[Array, "24 3"]

    @staticmethod
    def of(body: BodyModel) -> "Anatomy":
        """Look a body over; a vertex belongs to the joint that moves it most."""
        rest, faces = body.template_m.numpy(), body.faces.numpy().astype(np.int32)
        part = body.skin_weights.argmax(1).numpy()
        return Anatomy(rest, vertex_normals(rest, faces), faces, part, body.joint_template_m.numpy())

    def moved_by(self, joints: Iterable[str]) -> Bool[Array, " vertices"]:
        """Tell which vertices belong to some joints."""
        return np.isin(self.part, indices(SMPL_24, joints))

    def joint(self, name: str) -> Float32[Array, "3"]:
        """Return where a joint is."""
        return self.joints_m[indices(SMPL_24, name)[0]]

    def point(self, name: str) -> Float32[Array, "3"]:
        """Return where a point of the face is ("nose", "left_eye", ...)."""
        return self.rest_m[SMPL_VERTEX_JOINTS[name]]

    def distance_m(self, *points: str) -> Float32[Array, " vertices"]:
        """Return how far each vertex is from the nearest of some points of the face."""
        return np.min([np.linalg.norm(self.rest_m - self.point(name), axis=1) for name in points], axis=0)


def dress(anatomy: Anatomy, rng: np.random.Generator) -> Appearance:
    """Draw a person's looks."""
    skin = skin_tone(rng)
    figure = _Figure(
        anatomy, np.tile(skin, (len(anatomy.rest_m), 1)), np.zeros(len(anatomy.rest_m), np.float32)
    )
    _face(figure, skin, rng)
    if rng.random() < 0.85:
        _trousers(figure, rng)
    else:
        _briefs(figure, rng)
    if rng.random() < 0.88:
        _shirt(figure, rng)
    if rng.random() < 0.75:
        _shoes(figure, rng)
    if rng.random() < 0.06:
        figure.cover(anatomy.moved_by(HANDS), any_colour(rng), rng.uniform(0, 0.005))
    stains = 1 + rng.uniform(0, 0.25) * waves(anatomy.rest_m, 12.0, rng)
    grain = rng.normal(0, rng.uniform(0, 7), len(stains))
    rgb = np.clip(figure.rgb * stains[:, None] + grain[:, None], 3, 252)
    return Appearance(rgb.astype(np.float32), figure.thickness_m)


def waves(
    points_m: Float[Array, "points 3"], per_m: float, rng: np.random.Generator
) -> Float[Array, " points"]:
    """Return smooth noise, mostly within -1 to 1; `per_m` says how fine it is."""
    directions, phases = rng.normal(0, per_m, (4, 3)), rng.uniform(0, 2 * np.pi, 4)
    return 1.5 * np.sin(points_m @ directions.T + phases).mean(1)


@dataclass(frozen=True)
class _Figure:
    """A person being dressed: the arrays are written in place."""

    anatomy: Anatomy
    rgb: Float32[Array, "vertices 3"]
    thickness_m: Float32[Array, " vertices"]

    def cover(
        self,
        where: Bool[Array, " vertices"],
        colour: Float[Array, "*rows 3"],
        thickness_m: float | Array = 0.0,
    ) -> None:
        """Lay cloth, hair or paint of one colour, or of one a vertex, over some of the skin."""
        self.rgb[where] = colour if colour.ndim == 1 else colour[where]
        self.thickness_m[where] = np.broadcast_to(thickness_m, self.thickness_m.shape)[where]


def _face(figure: _Figure, skin: Float32[Array, "3"], rng: np.random.Generator) -> None:
    anatomy = figure.anatomy
    x, y, z = anatomy.rest_m.T
    head = anatomy.moved_by(["head"])
    front = head & (anatomy.normals[:, 2] > 0)
    nose_y, eye, ear = anatomy.point("nose")[1], anatomy.point("left_eye"), anatomy.point("left_ear")
    hair = hair_tone(rng)
    figure.cover(front & (anatomy.distance_m("left_eye", "right_eye") < 0.013), rng.uniform(8, 60, 3))
    over_eyes = (np.abs(np.abs(x) - abs(eye[0])) < 0.022) & (y > eye[1] + 0.012) & (y < eye[1] + 0.026)
    figure.cover(front & over_eyes, 0.9 * hair)
    if rng.random() < 0.2:
        figure.cover(front & (y < nose_y - 0.02) & (y > nose_y - 0.11), 0.9 * hair, rng.uniform(0, 0.01))
    mouth = front & (np.abs(y - (nose_y - 0.038)) < 0.009) & (np.abs(x) < 0.024)
    figure.cover(mouth, skin * np.array([0.85, 0.55, 0.55], np.float32))
    if rng.random() < 0.12:
        return  # bald
    crown = y > eye[1] + rng.uniform(0.035, 0.06)
    behind = (z < ear[2]) & (y > nose_y - rng.uniform(-0.01, 0.1))
    covered = head & (crown | behind) & (anatomy.distance_m("left_ear", "right_ear") > 0.028)
    if rng.random() < 0.35:
        covered |= anatomy.moved_by(["head", "neck"]) & (z < ear[2] - 0.01)
    cap = any_colour(rng) if rng.random() < 0.2 else hair
    figure.cover(covered, cap, rng.uniform(0.002, 0.03))


def _shirt(figure: _Figure, rng: np.random.Generator) -> None:
    anatomy = figure.anatomy
    x, y, _ = anatomy.rest_m.T
    shoulder, elbow, wrist = (anatomy.joint(f"left_{name}")[0] for name in ("shoulder", "elbow", "wrist"))
    short = rng.uniform(shoulder + 0.05, elbow)
    sleeve_end = rng.choice([shoulder, short, elbow + 0.05, wrist], p=[0.12, 0.38, 0.1, 0.4])
    knee_y, pelvis_y = anatomy.joint("left_knee")[1], anatomy.joint("pelvis")[1]
    hem_y = pelvis_y + rng.uniform(-0.18, 0.06)
    if rng.random() < 0.12:  # a coat or a dress
        hem_y = rng.uniform(knee_y, pelvis_y - 0.15)
    neck_y = anatomy.joint("neck")[1] + rng.uniform(0, 0.05)
    covered = anatomy.moved_by(TORSO) | (anatomy.moved_by(LEGS) & (y < pelvis_y)) | anatomy.moved_by(ARMS)
    covered &= (y > hem_y) & (y < neck_y) & (np.abs(x) < sleeve_end)
    figure.cover(covered, _pattern(anatomy, rng), _folds(anatomy, rng))


def _trousers(figure: _Figure, rng: np.random.Generator) -> None:
    anatomy = figure.anatomy
    y = anatomy.rest_m[:, 1]
    hip_y, knee_y, ankle_y = (anatomy.joint(f"left_{name}")[1] for name in ("hip", "knee", "ankle"))
    end_y = rng.choice(
        [rng.uniform(knee_y, hip_y - 0.08), rng.uniform(ankle_y, knee_y), ankle_y - 0.04], p=[0.3, 0.1, 0.6]
    )
    covered = anatomy.moved_by((*LEGS, "pelvis", "spine1"))
    covered &= (y < anatomy.joint("pelvis")[1] + rng.uniform(-0.02, 0.1)) & (y > end_y)
    plain = np.tile(any_colour(rng) * rng.uniform(0.3, 1), (len(y), 1))
    figure.cover(covered, _pattern(anatomy, rng) if rng.random() < 0.3 else plain, _folds(anatomy, rng))


def _briefs(figure: _Figure, rng: np.random.Generator) -> None:
    anatomy = figure.anatomy
    y = anatomy.rest_m[:, 1]
    covered = anatomy.moved_by(("pelvis", "left_hip", "right_hip"))
    covered &= y > anatomy.joint("left_hip")[1] - rng.uniform(0.06, 0.2)
    figure.cover(covered, any_colour(rng), rng.uniform(0, 0.008))


def _shoes(figure: _Figure, rng: np.random.Generator) -> None:
    anatomy = figure.anatomy
    covered = anatomy.moved_by(FEET)
    covered &= anatomy.rest_m[:, 1] < anatomy.joint("left_ankle")[1] + rng.uniform(-0.03, 0.05)
    figure.cover(covered, any_colour(rng), rng.uniform(0, 0.012))


def _folds(anatomy: Anatomy, rng: np.random.Generator) -> Float[Array, " vertices"]:
    """Draw how far cloth stands off: evenly, and in folds."""
    folds = rng.uniform(0, 0.012) * waves(anatomy.rest_m, 18.0, rng)
    return np.clip(rng.uniform(0, 0.02) + folds, 0, None)


def _pattern(anatomy: Anatomy, rng: np.random.Generator) -> Float[Array, "vertices 3"]:
    """Draw the colours of a cloth: mostly plain, else stripes, blotches, checks or two halves."""
    x, y, _ = anatomy.rest_m.T
    first, second = any_colour(rng), any_colour(rng)
    kind = rng.choice(["plain", "stripes", "blotches", "checks", "halves"], p=[0.5, 0.25, 0.1, 0.07, 0.08])
    where = {
        "plain": np.zeros(len(x), bool),
        "stripes": np.sin(rng.uniform(25, 125) * (x if rng.random() < 0.5 else y)) > rng.uniform(-0.6, 0.6),
        "blotches": waves(anatomy.rest_m, 25.0, rng) > 0.2,
        "checks": np.sin(60 * x) * np.sin(60 * y) > 0,
        "halves": x > rng.uniform(-0.1, 0.1),
    }[str(kind)]
    return np.where(where[:, None], second, first)
