import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr import assets
from tcmr.assets import wheel
from tcmr.errors import TcmrError

SMPL_KEYS = ("v_template", "shapedirs", "posedirs", "weights", "J_regressor", "kintree_table", "f")


class Bomb:
    """Unpickling this makes a file, which must never come to be."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple:
        return open, (str(self.path), "w")


def test_a_known_file_is_recognised_under_any_name(fetched: Path, tmp_path: Path) -> None:
    shutil.copy(fetched / "movenet.tflite", tmp_path / "some name.bin")
    assert assets.add(tmp_path / "some name.bin", cache=tmp_path / "cache") == ["movenet"]
    assert assets.fetch("movenet", cache=tmp_path / "cache") == tmp_path / "cache" / "movenet.tflite"


def test_a_wheel_gives_all_it_holds(tmp_path: Path) -> None:
    path = wheel.download("sports2d==0.8.34", tmp_path)
    assert assets.add(path, cache=tmp_path / "cache") == ["sample-clip"]
    path.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(TcmrError, match=path.name):
        assets.add(path, cache=tmp_path / "cache")


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_body_is_checked_without_unpickling(tmp_path: Path, protocol: int) -> None:
    path = tmp_path / "basicModel_neutral_lbs_10_207_0_v1.0.0.pkl"
    body = {key: np.zeros(3) for key in SMPL_KEYS} | {"bomb": Bomb(tmp_path / "exploded")}
    path.write_bytes(pickle.dumps(body, protocol=protocol))
    assert assets.add(path, cache=tmp_path / "cache") == ["SMPL_NEUTRAL"]
    assert (tmp_path / "cache" / "SMPL_NEUTRAL.pkl").read_bytes() == path.read_bytes()
    assert not (tmp_path / "exploded").exists()


def test_a_body_as_arrays(tmp_path: Path) -> None:
    path = tmp_path / "SMPL_NEUTRAL.npz"
    np.savez(path, **{key: np.zeros(3) for key in SMPL_KEYS}, note=np.array({"an": "object"}))
    assert assets.add(path, cache=tmp_path / "cache") == ["SMPL_NEUTRAL"]
    assert assets.fetch("SMPL_NEUTRAL", cache=tmp_path / "cache").name == "SMPL_NEUTRAL.npz"


@pytest.mark.parametrize("as_zip", [True, False])
def test_a_checkpoint_of_either_layout(tmp_path: Path, as_zip: bool) -> None:
    path = tmp_path / "tcmr_table4_3dpw_test.pth.tar"
    torch.save(
        {"epoch": 1, "gen_state_dict": {"a": torch.zeros(2)}, "bomb": Bomb(tmp_path / "exploded")},
        path,
        _use_new_zipfile_serialization=as_zip,
    )
    assert assets.add(path, cache=tmp_path / "cache") == [path.name]
    assert not (tmp_path / "exploded").exists()
    torch.save({"model": {}}, path, _use_new_zipfile_serialization=as_zip)
    with pytest.raises(TcmrError, match="has no gen_state_dict"):
        assets.add(path, cache=tmp_path / "cache")


def test_arrays_must_have_their_shape(tmp_path: Path) -> None:
    path = tmp_path / "J_regressor_extra.npy"
    np.save(path, np.zeros((9, 6890), np.float32))
    assert assets.add(path, cache=tmp_path / "cache") == [path.name]
    np.save(path, np.zeros((17, 6890), np.float32))
    with pytest.raises(TcmrError, match=r"\(17, 6890\) where \(9, 6890\)"):
        assets.add(path, cache=tmp_path / "cache")
    assert np.load(tmp_path / "cache" / path.name).shape == (9, 6890)


def test_mean_parameters(tmp_path: Path) -> None:
    path = tmp_path / "smpl_mean_params.npz"
    np.savez(path, pose=np.zeros(144), shape=np.zeros(10), cam=np.zeros(3))
    assert assets.add(path, cache=tmp_path / "cache") == [path.name]
    np.savez(path, pose=np.zeros(144), shape=np.zeros(10))
    with pytest.raises(TcmrError, match="has no cam"):
        assets.add(path, cache=tmp_path / "cache")


@pytest.mark.parametrize(
    "name", ["SMPL_NEUTRAL.pkl", "SMPL_NEUTRAL.npz", "J_regressor_h36m.npy", "tcmr_demo_model.pth.tar"]
)
@pytest.mark.parametrize("content", [b"", b"<html>log in</html>", b"\x80\x02}q\x00(X\x05", b"PK\x03\x04"])
def test_a_damaged_file_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TcmrError, match=name) as caught:
        assets.add(path, cache=tmp_path / "cache")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "cache" / name).exists()


def test_an_unknown_file_is_told_what_is_accepted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.whl", "w") as archive:
        archive.writestr("other.py", "")
    for path in (tmp_path / "other.whl", Path(__file__)):
        with pytest.raises(TcmrError, match=r"accepted .* SMPL_NEUTRAL.pkl"):
            assets.add(path, cache=tmp_path / "cache")
    with pytest.raises(TcmrError, match="no such file"):
        assets.add(tmp_path / "missing.whl", cache=tmp_path / "cache")
