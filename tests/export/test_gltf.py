"""What is particular to .glb: the skinned mesh, its size and way up, several persons, the file's size."""

import struct

import numpy as np
import pygltflib
import pytest
import torch
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from export import readers
from tcmr.export import export_motions
from tcmr.export.colour import person_colour
from tcmr.export.skin import strongest
from tcmr.joints import SMPL_VERTEX_JOINTS
from tcmr.world.shape import with_one_shape


@pytest.fixture(scope="module")
def glb(motion, tmp_path_factory):
    path = tmp_path_factory.mktemp("glb") / "motion.glb"
    export_motions(motion, path)
    return path


def test_the_mesh_at_rest_is_the_body_feet_down_in_metres(glb, motion, open_body):
    mesh = trimesh.load(glb, process=False).geometry["person-1"]
    betas = torch.from_numpy(with_one_shape(motion, open_body).betas[0])
    np.testing.assert_allclose(mesh.vertices, open_body.with_shape(betas).vertices_m, atol=1e-6)
    assert (mesh.faces == open_body.faces.numpy()).all()
    assert (np.einsum("nc,nc->n", mesh.face_normals, mesh.vertex_normals[mesh.faces[:, 0]]) > 0).mean() > 0.95
    heels = [SMPL_VERTEX_JOINTS[f"{side}_heel"] for side in ("left", "right")]
    assert mesh.vertices[heels, 1].max() < mesh.bounds[0, 1] + 0.1
    assert 1.4 < mesh.extents[1] < 2.1


def test_the_skinned_mesh_is_the_body_but_for_pose_blend_shapes(glb, motion, open_body, seen_rows):
    kept = with_one_shape(motion, open_body)
    posed = open_body.with_shape(torch.from_numpy(kept.betas)).with_pose_at(
        torch.from_numpy(kept.rotmat), torch.from_numpy(kept.transl_m)
    )
    ours_m = posed.vertices().numpy() * [1, -1, -1]
    error_mm = 1e3 * np.linalg.norm(readers.gltf_vertices(glb)[seen_rows] - ours_m, axis=-1)
    assert error_mm.mean() < 3
    assert np.percentile(error_mm, 99) < 20


def test_times_are_the_videos(glb, motion):
    times, _ = readers.gltf_motion(glb)
    np.testing.assert_allclose(
        times, np.arange(motion.frames[0], motion.frames[-1] + 1) / motion.fps, rtol=1e-6
    )


def test_several_persons_share_a_scene_and_a_clock(motion_of, expected, seen_rows, tmp_path):
    motions = [motion_of(1), motion_of(2, frames=np.arange(10, 20))]
    export_motions(motions, tmp_path / "scene.glb")
    gltf = pygltflib.GLTF2().load(str(tmp_path / "scene.glb"))
    assert (len(gltf.skins), len(gltf.meshes), len(gltf.animations)) == (2, 2, 1)
    materials = [gltf.materials[mesh.primitives[0].material] for mesh in gltf.meshes]
    for motion, material in zip(motions, materials, strict=True):
        expected_srgb = np.array(person_colour(motion.person)) / 255
        np.testing.assert_allclose(
            material.pbrMetallicRoughness.baseColorFactor[:3], expected_srgb**2.2, atol=0.02
        )
    for person, motion in enumerate(motions):
        times, matrices = readers.gltf_motion(tmp_path / "scene.glb", person)
        rows = motion.frames - motion.frames[0]
        assert times[0] == pytest.approx(motion.frames[0] / motion.fps)
        np.testing.assert_allclose(matrices[rows, :, :3, 3], expected(motion), atol=1e-3)


def test_the_file_is_laid_out_as_the_specification_says(glb):
    content = glb.read_bytes()
    magic, version, length = struct.unpack_from("<4sII", content)
    assert (magic, version, length) == (b"glTF", 2, len(content))
    gltf = pygltflib.GLTF2().load(str(glb))
    assert gltf.buffers[0].byteLength <= len(gltf.binary_blob())
    for accessor in gltf.accessors:
        assert gltf.bufferViews[accessor.bufferView].byteOffset % 4 == 0
    positions = gltf.accessors[gltf.meshes[0].primitives[0].attributes.POSITION]
    vertices = readers.gltf_array(gltf, gltf.meshes[0].primitives[0].attributes.POSITION)
    np.testing.assert_array_equal(positions.min, vertices.min(0))
    for channel in gltf.animations[0].channels:
        if channel.target.path == "rotation":
            turns = readers.gltf_array(gltf, gltf.animations[0].samplers[channel.sampler].output)
            np.testing.assert_allclose(np.linalg.norm(turns, axis=1), 1, atol=1e-5)
            assert ((turns[1:] * turns[:-1]).sum(1) > 0).all()


def test_three_hundred_frames_stay_below_five_megabytes(motion_of, tmp_path):
    export_motions(motion_of(frames=np.arange(300)), tmp_path / "long.glb")
    assert (tmp_path / "long.glb").stat().st_size < 5e6


def test_the_open_bodys_own_weights_are_kept(open_body):
    weights = open_body.skin_weights.numpy()
    joints, kept = strongest(weights)
    back = np.zeros_like(weights)
    np.add.at(back, (np.arange(len(back))[:, None], joints), kept)
    np.testing.assert_allclose(back, weights, atol=1e-6)


@given(st.integers(0, 10_000))
def test_the_four_strongest_joints_are_kept(seed):
    weights = np.random.default_rng(seed).dirichlet(np.full(24, 0.1), 20).astype(np.float32)
    joints, kept = strongest(weights)
    np.testing.assert_allclose(kept.sum(1), 1, atol=1e-5)
    assert (np.diff(kept, axis=1) <= 0).all()
    for row in range(len(weights)):
        others = np.delete(weights[row], joints[row][kept[row] > 0])
        assert others.max() <= weights[row, joints[row][kept[row] > 0]].min()
