import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcmr.body import load_body
from tcmr.raster import (
    NEAR_M,
    SAMPLES,
    STRIP_ROWS,
    Light,
    Mesh,
    composite,
    draw,
    shade,
    to_screen,
    vertex_normals,
)

SIDE = 24


def reference_draw(meshes: list[Mesh], side: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw by the definition: at every pixel's centre, the nearest front face that has it inside."""
    centers = np.stack(np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5), -1)
    picture, inverse_depth = np.zeros((side, side, 3)), np.zeros((side, side))
    for mesh in meshes:
        for corners in mesh.faces:
            screen, rgb = mesh.screen[corners].astype(float), mesh.rgb[corners].astype(float)
            edges = np.column_stack([screen[1, :2] - screen[0, :2], screen[2, :2] - screen[0, :2]])
            if np.linalg.det(edges) >= -1e-9 or screen[:, 2].min() <= 0:
                continue
            share_bc = (centers - screen[0, :2]) @ np.linalg.inv(edges).T
            shares = np.concatenate([1 - share_bc.sum(-1, keepdims=True), share_bc], -1)
            nearness = shares @ screen[:, 2]
            seen = (shares >= 0).all(-1) & (nearness > inverse_depth)
            inverse_depth[seen] = nearness[seen]
            picture[seen] = (shares @ rgb)[seen]
    return picture, inverse_depth


def sphere(radius: float, center: Sequence[float], rings: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Make a closed sphere whose faces are wound counter-clockwise as seen from outside."""
    polar, around = np.meshgrid(
        np.linspace(0, np.pi, rings + 1), np.arange(2 * rings) * np.pi / rings, indexing="ij"
    )
    points = np.stack([np.sin(polar) * np.cos(around), np.cos(polar), np.sin(polar) * np.sin(around)], -1)
    a = np.arange((rings + 1) * 2 * rings).reshape(rings + 1, 2 * rings)
    b = np.roll(a, -1, axis=1)
    faces = np.concatenate(
        [
            np.stack([a[:-1], b[:-1], b[1:]], -1).reshape(-1, 3),
            np.stack([a[:-1], b[1:], a[1:]], -1).reshape(-1, 3),
        ]
    )
    return (radius * points.reshape(-1, 3) + center).astype(np.float32), faces.astype(np.int32)


def one_colour(
    vertices: np.ndarray, faces: np.ndarray, rgb: tuple[float, float, float], focal_px: float
) -> Mesh:
    screen = to_screen(vertices, focal_px, (100.0, 80.0))
    return Mesh(screen, np.tile(np.float32(rgb), (len(vertices), 1)), faces)


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 12), spread=st.sampled_from([0.2, 1.0, 20.0]))
def test_random_triangles_agree_with_the_definition(seed, count, spread):
    generator = np.random.default_rng(seed)
    corners = SIDE * (0.5 + spread * (generator.random((3 * count, 2)) - 0.5))
    screen = np.column_stack([corners, generator.uniform(0.1, 1, 3 * count)]).astype(np.float32)
    rgb = generator.uniform(0, 255, (3 * count, 3)).astype(np.float32)
    mesh = Mesh(screen, rgb, np.arange(3 * count, dtype=np.int32).reshape(-1, 3))
    picture, inverse_depth = np.zeros((SIDE, SIDE, 3), np.float32), np.zeros((SIDE, SIDE), np.float32)
    draw(mesh, picture, inverse_depth)
    expected_picture, expected_depth = reference_draw([mesh], SIDE)
    agree = np.abs(inverse_depth - expected_depth) < 1e-4
    # A centre within rounding of an edge may go either way.
    assert np.count_nonzero(~agree) <= 1
    np.testing.assert_allclose(picture[agree], expected_picture[agree], atol=0.1)


@settings(deadline=None)  # the first call compiles
@given(
    st.lists(
        st.tuples(st.integers(0, 2 * SIDE), st.integers(0, 2 * SIDE)), min_size=3, max_size=3, unique=True
    )
)
def test_a_triangle_and_its_turned_twin_cover_a_pixel_once_or_never(corners):
    """Corners on pixel centres and borders: the hard cases. A face is seen from one side only."""
    screen = np.column_stack([np.array(corners) / 2, np.ones(3)]).astype(np.float32)
    drawn = []
    for faces in ([[0, 1, 2]], [[0, 2, 1]]):
        inverse_depth = np.zeros((SIDE, SIDE), np.float32)
        mesh = Mesh(screen, np.zeros((3, 3), np.float32), np.array(faces, np.int32))
        draw(mesh, np.zeros((SIDE, SIDE, 3), np.float32), inverse_depth)
        drawn.append(inverse_depth.any())
    assert not all(drawn)


@settings(deadline=None)  # the first call compiles
@given(seed=st.integers(0, 2**32 - 1))
def test_a_fan_of_triangles_has_no_seams(seed):
    generator = np.random.default_rng(seed)
    angles = -np.sort(generator.uniform(0, 2 * np.pi, 30))
    rim = SIDE / 2 + SIDE * np.stack([np.cos(angles), np.sin(angles)], -1)
    screen = np.concatenate(
        [[[*generator.integers(2, 2 * SIDE - 2, 2) / 2, 1]], np.column_stack([rim, np.ones(30)])]
    )
    faces = np.array([[0, 1 + i, 1 + (i + 1) % 30] for i in range(30)], np.int32)
    mesh = Mesh(screen.astype(np.float32), np.zeros((31, 3), np.float32), faces)
    inverse_depth = np.zeros((SIDE, SIDE), np.float32)
    draw(mesh, np.zeros((SIDE, SIDE, 3), np.float32), inverse_depth)
    if (
        np.diff(angles, append=angles[0] - 2 * np.pi).min() > -np.pi / 3
    ):  # then the fan covers the whole picture
        assert (inverse_depth > 0).all()


def test_a_sphere_covers_its_analytic_area_with_smooth_edges():
    vertices, faces = sphere(0.5, (0, 0, 4))
    rgb = np.zeros((160, 200, 3), np.uint8)
    composite(rgb, [one_colour(vertices, faces, (255, 255, 255), focal_px=400.0)])
    outline_px = 400 * 0.5 / math.sqrt(4**2 - 0.5**2)  # the cone that touches the sphere
    assert rgb[..., 0].sum() / 255 == pytest.approx(math.pi * outline_px**2, rel=0.005)
    between = np.count_nonzero((rgb[..., 0] > 0) & (rgb[..., 0] < 255))
    assert between > 0.5 * 2 * math.pi * outline_px


def test_outline_is_centred_on_the_projected_centre():
    vertices, faces = sphere(0.3, (0.4, -0.2, 5))
    rgb = np.zeros((160, 200, 3), np.uint8)
    composite(rgb, [one_colour(vertices, faces, (255, 255, 255), focal_px=500.0)])
    rows, columns = np.mgrid[:160, :200] + 0.5
    weight = rgb[..., 0] / rgb[..., 0].sum(dtype=float)
    assert (weight * columns).sum() == pytest.approx(100 + 500 * 0.4 / 5, abs=0.2)
    assert (weight * rows).sum() == pytest.approx(80 - 500 * 0.2 / 5, abs=0.2)


def test_the_nearer_mesh_hides_the_other_in_any_order():
    near = one_colour(*sphere(0.3, (0.1, 0, 3)), (255, 0, 0), focal_px=400.0)
    far = one_colour(*sphere(0.6, (0, 0, 5)), (0, 0, 255), focal_px=400.0)
    pictures = []
    for meshes in ([near, far], [far, near]):
        rgb = np.zeros((160, 200, 3), np.uint8)
        composite(rgb, meshes)
        pictures.append(rgb)
    np.testing.assert_array_equal(*pictures)
    assert tuple(pictures[0][80, 110]) == (255, 0, 0)
    assert tuple(pictures[0][80, 60]) == (0, 0, 255)


def test_meshes_that_pierce_each_other_swap_where_they_meet():
    square = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
    faces = np.array([[0, 2, 1], [0, 3, 2]], np.int32)
    slope = np.float32([[0.5], [-0.5], [-0.5], [0.5]]) * np.float32([[0, 0, 1]])
    flat = one_colour(square + np.float32([0, 0, 4]), faces, (255, 0, 0), 200.0)
    tilted = one_colour(square + np.float32([0, 0, 4]) + slope, faces, (0, 255, 0), 200.0)
    rgb = np.zeros((160, 200, 3), np.uint8)
    composite(rgb, [flat, tilted])
    assert tuple(rgb[80, 90]) == (255, 0, 0)
    assert tuple(rgb[80, 110]) == (0, 255, 0)


def test_strips_and_opacity_leave_the_rest_of_the_picture_alone():
    height = 3 * STRIP_ROWS + 7
    vertices, faces = sphere(0.9, (0, 0, 4))
    screen = to_screen(vertices, 800.0, (100.0, height / 2))
    mesh = Mesh(screen, np.full((len(vertices), 3), 200, np.float32), faces)
    before = np.random.default_rng(0).integers(0, 255, (height, 201, 3), dtype=np.uint8)
    whole, half = before.copy(), before.copy()
    composite(whole, [mesh])
    composite(half, [mesh], opacity=0.5)
    inverse_depth = np.zeros((height, 201), np.float32)
    draw(mesh, np.zeros((height, 201, 3), np.float32), inverse_depth)
    inside = inverse_depth > 0
    shrunk = (
        inside
        & np.roll(inside, 2, 0)
        & np.roll(inside, -2, 0)
        & np.roll(inside, 2, 1)
        & np.roll(inside, -2, 1)
    )
    grown = (
        inside
        | np.roll(inside, 2, 0)
        | np.roll(inside, -2, 0)
        | np.roll(inside, 2, 1)
        | np.roll(inside, -2, 1)
    )
    assert (whole[shrunk] == 200).all()
    np.testing.assert_array_equal(whole[~grown], before[~grown])
    np.testing.assert_allclose(half[shrunk], (before[shrunk].astype(int) + 200) / 2, atol=0.51)


def test_a_box_that_falls_in_strips_equals_plain_supersampling():
    vertices, faces = sphere(0.4, (0.05, 0.1, 3))
    generator = np.random.default_rng(1)
    screen = to_screen(vertices, 900.0, (90.0, 150.0))
    mesh = Mesh(screen, generator.uniform(0, 255, (len(vertices), 3)).astype(np.float32), faces)
    rgb = np.zeros((320, 200, 3), np.uint8)
    composite(rgb, [mesh])
    fine = np.zeros((320 * SAMPLES, 200 * SAMPLES, 3), np.float32)
    doubled = Mesh(screen * np.float32([SAMPLES, SAMPLES, 1]), mesh.rgb, faces)
    draw(doubled, fine, np.zeros(fine.shape[:2], np.float32))
    mean = fine.reshape(320, SAMPLES, 200, SAMPLES, 3).mean((1, 3))
    # The outline's samples may round to either side; everything else is the same.
    assert np.mean(np.abs(rgb - mean) > 1) < 2e-3


@pytest.mark.parametrize("center", [(0, 0, -4), (50, 0, 4), (0, -50, 4)])
def test_what_is_out_of_view_is_not_drawn(center):
    rgb = np.full((160, 200, 3), 7, np.uint8)
    composite(rgb, [one_colour(*sphere(0.5, center), (255, 255, 255), focal_px=400.0)])
    assert (rgb == 7).all()


def test_a_mesh_around_the_camera_draws_only_what_is_in_front():
    vertices, faces = sphere(1.0, (0, 0, 0.5))
    inward = faces[:, ::-1].copy()
    rgb = np.zeros((160, 200, 3), np.uint8)
    composite(rgb, [one_colour(vertices, inward, (255, 255, 255), focal_px=100.0)])
    assert (rgb[80, 100] == 255).all()


def test_no_meshes_or_no_faces_change_nothing():
    rgb = np.full((8, 8, 3), 7, np.uint8)
    composite(rgb, [])
    vertices, _ = sphere(0.5, (0, 0, 4))
    composite(rgb, [one_colour(vertices, np.zeros((0, 3), np.int32), (255, 255, 255), 400.0)])
    assert (rgb == 7).all()


def test_screen_coordinates_are_those_of_a_pinhole():
    screen = to_screen(np.float32([[0.5, -0.25, 2], [1, 1, NEAR_M / 2], [0, 0, -1]]), 100.0, (10.0, 20.0))
    np.testing.assert_allclose(screen[0], [35, 7.5, 0.5])
    assert (screen[1:, 2] == 0).all()


def test_normals_of_a_sphere_point_away_from_its_centre():
    vertices, faces = sphere(2.0, (1, 2, 3))
    normals = vertex_normals(vertices, faces)
    used = np.unique(faces[:, 0])
    np.testing.assert_allclose(normals[used], (vertices[used] - [1, 2, 3]) / 2, atol=0.05)


def test_a_vertex_without_faces_has_no_normal_and_no_complaint():
    normals = vertex_normals(np.zeros((4, 3), np.float32), np.array([[0, 1, 2]], np.int32))
    assert (normals == 0).all()


def test_shading_grows_towards_the_lamp_and_stays_in_range():
    light = Light(direction=(0.0, -1.0, 0.0), lamp=0.6, head=0.0, ambient=0.2, gloss=0.0)
    up, down, side = np.float32([[0, -1, 0], [0, 1, 0], [1, 0, 0]])
    lit = shade(np.stack([up, down, side]), (200.0, 100.0, 50.0), light)
    np.testing.assert_allclose(lit, np.outer([0.8, 0.2, 0.2], [200, 100, 50]), rtol=1e-5)
    assert (
        shade(
            np.stack([up]), (255.0, 255.0, 255.0), Light(direction=(0.0, -1.0, 0.0), gloss=1.0, lamp=2.0)
        ).max()
        == 255
    )


def test_the_open_body_is_closed_and_wound_outwards():
    """Every sample that a back face covers is covered by a front face before it: no holes to look through."""
    body = load_body("open")
    faces = body.faces.numpy().astype(np.int32)
    vertices = (body.template_m.numpy() * [1, -1, -1] + [0, -0.3, 4]).astype(np.float32)
    screen = to_screen(vertices, 220.0, (64.0, 64.0))
    fronts, backs = np.zeros((128, 128), np.float32), np.zeros((128, 128), np.float32)
    picture, rgb = np.zeros((128, 128, 3), np.float32), np.zeros((len(vertices), 3), np.float32)
    draw(Mesh(screen, rgb, faces), picture, fronts)
    draw(Mesh(screen, rgb, faces[:, ::-1].copy()), picture, backs)
    assert np.count_nonzero(fronts) > 800
    assert np.mean((fronts > 0) == (backs > 0)) > 0.995
    assert np.mean(fronts[backs > 0] >= backs[backs > 0]) > 0.99
