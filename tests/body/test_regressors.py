import numpy as np

from tcmr.body.regressors import JointRegressor, topology_hash

FACES = np.array([[0, 1, 2], [0, 2, 3]])


def test_the_hash_is_of_the_triangles_whatever_their_type():
    assert (
        topology_hash(FACES)
        == topology_hash(FACES.astype(np.uint32))
        == topology_hash(np.asfortranarray(FACES))
    )
    assert topology_hash(FACES) != topology_hash(FACES[::-1])


def test_only_the_columns_in_use_are_kept():
    matrix = np.zeros((2, 100), np.float32)
    matrix[0, 7], matrix[1, 7], matrix[1, 42] = 1, 0.25, 0.75
    regressor = JointRegressor.from_dense(("a", "b"), matrix, "mesh")
    assert regressor.vertex_ids.tolist() == [7, 42]
    assert regressor.weights.tolist() == [[1, 0], [0.25, 0.75]]


def test_picking_names_single_vertices():
    regressor = JointRegressor.picking({"nose": 5, "left_ear": 3}, "mesh")
    assert regressor.joint_set == ("nose", "left_ear")
    assert regressor.vertex_ids.tolist() == [5, 3]
    assert regressor.weights.tolist() == [[1, 0], [0, 1]]
