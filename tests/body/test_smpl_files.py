import numpy as np
import pytest
import scipy.sparse

from tcmr.body.smpl_files import read_smpl
from tcmr.errors import TcmrError


@pytest.fixture
def write(smpl_arrays, tmp_path):
    """Write the synthetic arrays, some of them replaced, to an .npz."""

    def written(**changed):
        path = tmp_path / "body.npz"
        np.savez(path, **{**smpl_arrays, **changed})
        return path

    return written


def test_more_than_ten_shape_components_are_cut(write, smpl_arrays):
    path = write(shapedirs=np.tile(smpl_arrays["shapedirs"], 3))
    np.testing.assert_array_equal(read_smpl(path)["shapedirs"], smpl_arrays["shapedirs"])


def test_parts_that_are_not_needed_may_be_anything(write):
    assert "notes" not in read_smpl(write(notes=np.array([{"a": 1}], dtype=object)))


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"weights": np.zeros((6890, 55))}, "weights is"),
        ({"v_template": np.zeros((10475, 3))}, "v_template is"),
        ({"v_template": np.full((6890, 3), np.nan)}, "v_template.*finite"),
        ({"f": np.full((5, 3), 6890)}, "faces"),
        ({"kintree_table": np.zeros((2, 24), np.int64)}, "tree"),
    ],
)
def test_what_is_wrong_is_named(write, changed, message):
    with pytest.raises(TcmrError, match=rf"body\.npz.*{message}"):
        read_smpl(write(**changed))


def test_missing_arrays_are_named(tmp_path, smpl_arrays):
    path = tmp_path / "body.npz"
    np.savez(path, v_template=smpl_arrays["v_template"])
    with pytest.raises(TcmrError, match="has no shapedirs, posedirs"):
        read_smpl(path)


def test_pickled_members_of_an_npz_are_refused(write, smpl_arrays):
    sparse = np.array(scipy.sparse.csc_matrix(smpl_arrays["J_regressor"]), dtype=object)
    with pytest.raises(TcmrError, match=r"body\.npz is no readable"):
        read_smpl(write(J_regressor=sparse))


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04 truncated"])
def test_a_damaged_npz_is_named(tmp_path, content):
    path = tmp_path / "body.npz"
    path.write_bytes(content)
    with pytest.raises(TcmrError, match=r"body\.npz is no readable"):
        read_smpl(path)


def test_a_wrong_suffix_and_a_missing_file_are_named(tmp_path):
    (tmp_path / "body.obj").touch()
    with pytest.raises(TcmrError, match=r"\.pkl or \.npz"):
        read_smpl(tmp_path / "body.obj")
    with pytest.raises(TcmrError, match="no body file"):
        read_smpl(tmp_path / "absent.pkl")
