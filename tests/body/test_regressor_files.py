import numpy as np
import pytest

from tcmr.body.regressor_files import read_regressor
from tcmr.errors import TcmrError
from tcmr.joints import H36M_17, SPIN_EXTRA_9


@pytest.mark.parametrize(("key", "joint_set"), [("extra", SPIN_EXTRA_9), ("h36m", H36M_17)])
def test_a_regressor_is_read_as_it_stands(smpl_folder, smpl_body, key, joint_set):
    path = smpl_folder / f"J_regressor_{key}.npy"
    regressor = read_regressor(path, joint_set, smpl_body)
    expected = np.load(path) @ smpl_body.template_m.numpy()
    found = regressor.weights @ smpl_body.template_m[regressor.vertex_ids]
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert regressor.topology == smpl_body.topology


@pytest.mark.parametrize("key", ["extra", "h36m"])
def test_a_foreign_regressor_is_refused_by_where_it_puts_the_joints(smpl_folder, open_body, key):
    joint_set = {"extra": SPIN_EXTRA_9, "h36m": H36M_17}[key]
    with pytest.raises(TcmrError, match="made for another mesh than open"):
        read_regressor(smpl_folder / f"J_regressor_{key}.npy", joint_set, open_body)


def test_wrong_shape_and_damage_are_named(tmp_path, smpl_folder, smpl_body):
    with pytest.raises(TcmrError, match="not 9 joints x 6890 vertices"):
        read_regressor(smpl_folder / "J_regressor_h36m.npy", SPIN_EXTRA_9, smpl_body)
    damaged = tmp_path / "J_regressor_h36m.npy"
    damaged.write_bytes((smpl_folder / "J_regressor_h36m.npy").read_bytes()[:1000])
    with pytest.raises(TcmrError, match="no readable"):
        read_regressor(damaged, H36M_17, smpl_body)
