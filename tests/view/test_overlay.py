import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.ndimage import center_of_mass
from scipy.spatial.transform import Rotation

from tcmr.body import BodyModel, load_body
from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.export.colour import person_colour
from tcmr.types import Frame, Motion
from tcmr.view.label import ROWS
from tcmr.view.overlay import CHUNK_FRAMES, Figure, Style, draw_persons, overlay

WIDTH, HEIGHT = 320, 240
CAMERA = PinholeCamera(300.0, (160.0, 120.0))
GREY = 90


@pytest.fixture(scope="module")
def body() -> BodyModel:
    return load_body("open")


@pytest.fixture(scope="module")
def faces(body: BodyModel) -> np.ndarray:
    return body.faces.numpy().astype(np.int32)


def standing(frames: np.ndarray, pelvis_m: np.ndarray, person: int = 0) -> Motion:
    """Make a person who faces the camera, upright, at the given places."""
    count = len(frames)
    rotmat = np.tile(np.eye(3, dtype=np.float32), (count, 24, 1, 1))
    rotmat[:, 0] = Rotation.from_euler("x", math.pi).as_matrix()  # the body's y is up, the camera's down
    return Motion(
        rotmat=rotmat,
        betas=np.zeros((count, 10), np.float32),
        camera=np.zeros((count, 3), np.float32),
        joints_m=np.zeros((count, 24, 3), np.float32),
        attention=np.zeros((count, 3), np.float32),
        frames=frames.astype(np.int64),
        fps=30.0,
        body="open",
        weights="none",
        person=person,
        transl_m=pelvis_m.astype(np.float32),
    )


def grey_frames(count: int) -> Iterator[Frame]:
    for index in range(count):
        yield Frame(index, index / 30, np.full((HEIGHT, WIDTH, 3), GREY, np.uint8))


def covered(rgb: np.ndarray) -> np.ndarray:
    return (rgb != GREY).any(-1)


def test_a_body_lies_where_its_vertices_project(body):
    motion = standing(np.arange(1), np.array([[0.2, 0.1, 3.0]]))
    (frame,) = overlay(grey_frames(1), [motion], body, CAMERA)
    shaped = body.with_shape(torch.zeros(10))
    vertices = shaped.with_pose(
        torch.from_numpy(motion.rotmat[0]), torch.tensor([0.2, 0.1, 3.0]) - shaped.joints_m[0]
    ).vertices()
    xy = CAMERA.project(vertices).numpy()
    rows, columns = np.nonzero(covered(frame.rgb))
    assert rows.min() == pytest.approx(xy[:, 1].min(), abs=1.5)
    assert rows.max() == pytest.approx(xy[:, 1].max(), abs=1.5)
    assert columns.min() == pytest.approx(xy[:, 0].min(), abs=1.5)
    assert columns.max() == pytest.approx(xy[:, 0].max(), abs=1.5)


def test_everybody_is_drawn_in_their_own_frames_only(body):
    """Over the borders of chunks, with holes, in any order of persons."""
    count = CHUNK_FRAMES + 20
    late = standing(np.arange(count - 5, count), np.tile([0.7, 0, 4], (5, 1)), person=2)
    holes = np.array([0, 1, 5, *range(CHUNK_FRAMES - 1, count)])
    early = standing(holes, np.tile([-0.7, 0, 4], (len(holes), 1)), person=1)
    seen_left, seen_right = [], []
    for frame in overlay(grey_frames(count), [late, early], body, CAMERA):
        left, right = np.split(covered(frame.rgb), 2, axis=1)
        seen_left += [frame.index] if left.any() else []
        seen_right += [frame.index] if right[:, 20:].any() else []
    assert seen_left == holes.tolist()
    assert seen_right == late.frames.tolist()


def test_a_clip_may_begin_after_its_motion(body):
    motion = standing(np.arange(10), np.stack([np.linspace(-1, 1, 10), np.zeros(10), np.full(10, 4.0)], 1))
    frames = list(overlay((frame for frame in grey_frames(9) if frame.index >= 7), [motion], body, CAMERA))
    assert [frame.index for frame in frames] == [7, 8]
    for frame in frames:
        x = center_of_mass(covered(frame.rgb))[1]
        assert x == pytest.approx(160 + 300 * motion.transl_m[frame.index, 0] / 4, abs=3)


def test_frames_come_one_by_one(body):
    """Nothing is read ahead: a clip of any length takes the same memory."""
    taken = 0

    def counted() -> Iterator[Frame]:
        nonlocal taken
        for frame in grey_frames(5):
            taken += 1
            yield frame

    for index, _ in enumerate(overlay(counted(), [], body, CAMERA)):
        assert taken == index + 1


def test_the_nearer_person_hides_the_other(body):
    near = standing(np.arange(1), np.array([[0.0, 0.1, 2.5]]), person=0)
    far = standing(np.arange(1), np.array([[0.0, 0.1, 5.0]]), person=1)
    (alone,) = overlay(grey_frames(1), [near], body, CAMERA, Style(opacity=1.0))
    (both,) = overlay(grey_frames(1), [near, far], body, CAMERA, Style(opacity=1.0))
    inside = covered(alone.rgb)
    differing = inside & (alone.rgb != both.rgb).any(-1)
    assert differing.sum() < 0.05 * inside.sum()  # only at the outline, where the edge is mixed


def test_opacity_mixes_and_the_given_picture_stays(body, faces):
    vertices = (body.template_m.numpy() * [1, -1, -1] + [0, -0.3, 3]).astype(np.float32)
    rgb = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    solid = draw_persons(rgb, [Figure(0, vertices)], faces, CAMERA, Style(opacity=1.0))
    glass = draw_persons(rgb, [Figure(0, vertices)], faces, CAMERA, Style(opacity=0.4))
    assert (rgb == GREY).all()
    np.testing.assert_allclose(glass, 0.4 * solid.astype(float) + 0.6 * GREY, atol=1.1)


def test_colours_of_the_first_ids_differ():
    colours = np.array([person_colour(person) for person in range(8)])
    distances = np.linalg.norm(colours[:, None] - colours, axis=-1)
    assert distances[~np.eye(8, dtype=bool)].min() > 30


def test_a_motion_without_translation_is_refused(body):
    motion = replace(standing(np.arange(1), np.zeros((1, 3))), transl_m=None)
    with pytest.raises(TcmrError, match="no translation"):
        list(overlay(grey_frames(1), [motion], body, CAMERA))


def test_a_motion_of_no_frames_draws_nothing(body):
    motion = standing(np.zeros(0), np.zeros((0, 3)))
    (frame,) = overlay(grey_frames(1), [motion], body, CAMERA)
    assert not covered(frame.rgb).any()


def without_and_with_id(
    body: BodyModel, faces: np.ndarray, distance_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw person 7 so far away without and with the id; return both and the rows in which they differ."""
    vertices = (body.template_m.numpy() * [1, -1, -1] + [0, -0.3, distance_m]).astype(np.float32)
    rgb = np.full((HEIGHT, WIDTH, 3), GREY, np.uint8)
    bare, named = (
        draw_persons(rgb, [Figure(7, vertices)], faces, CAMERA, Style(ids=ids)) for ids in (False, True)
    )
    rows, _ = np.nonzero((bare != named).any(-1))
    return bare, named, rows


def test_an_id_stands_above_the_head_in_the_persons_colour(body, faces):
    bare, named, rows = without_and_with_id(body, faces, distance_m=3)
    top_of_head = np.nonzero(covered(bare))[0].min()
    assert len(rows) > 30
    assert rows.max() < top_of_head
    text = np.array(person_colour(7)).astype(np.uint8)
    assert (named[: rows.max()] == text).all(-1).any()


def test_an_id_stays_in_the_picture_where_the_head_does_not(body, faces):
    bare, _, rows = without_and_with_id(body, faces, distance_m=1)
    assert covered(bare)[0].any()
    assert (rows.min(), rows.max()) == (0, ROWS - 1)
