import numpy as np
import roma
import torch

from tcmr.body.kinematics import forward_kinematics
from tcmr.joints import SMPL_24, SMPL_PARENTS


def test_agrees_with_walking_the_tree_joint_by_joint():
    torch.manual_seed(0)
    rotmat, rest = roma.random_rotmat((5, 24)), torch.randn(5, 24, 3)
    rotations, positions = [rotmat[:, 0]], [rest[:, 0]]
    for joint, parent in enumerate(SMPL_PARENTS[1:], start=1):
        rotations.append(rotations[parent] @ rotmat[:, joint])
        bone = rest[:, joint] - rest[:, parent]
        positions.append(positions[parent] + (rotations[parent] @ bone[..., None])[..., 0])
    found_rotations, found_positions = forward_kinematics(rotmat, rest)
    torch.testing.assert_close(found_rotations, torch.stack(rotations, dim=1), atol=1e-6, rtol=0)
    torch.testing.assert_close(found_positions, torch.stack(positions, dim=1), atol=5e-6, rtol=0)


def test_a_bent_elbow_swings_only_the_forearm():
    rest = torch.zeros(24, 3)
    names = {name: index for index, name in enumerate(SMPL_24)}
    for distance, joint in enumerate(("left_shoulder", "left_elbow", "left_wrist", "left_hand")):
        rest[names[joint], 0] = float(distance)
    rotmat = torch.eye(3).repeat(24, 1, 1)
    rotmat[names["left_elbow"]] = roma.rotvec_to_rotmat(torch.tensor([0.0, 0.0, np.pi / 2]))
    _, moved = forward_kinematics(rotmat, rest)
    expected = rest.clone()
    expected[names["left_wrist"]] = torch.tensor([1.0, 1.0, 0.0])
    expected[names["left_hand"]] = torch.tensor([1.0, 2.0, 0.0])
    torch.testing.assert_close(moved, expected, atol=1e-6, rtol=0)
