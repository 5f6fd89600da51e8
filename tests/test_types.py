"""A motion's file: the keys that users rely on, round trips, refusal of what is no motion."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.errors import TcmrError
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Motion

# Key -> type and shape for N frames, as DESIGN and docs/output.md promise.
ALWAYS = {
    "poses": ("float32", ("N", 72)),
    "betas": ("float32", ("N", 10)),
    "cam": ("float32", ("N", 3)),
    "joints": ("float32", ("N", 24, 3)),
    "rotmat": ("float32", ("N", 24, 3, 3)),
    "attention": ("float32", ("N", 3)),
    "frames": ("int64", ("N",)),
    "mocap_framerate": ("float64", ()),
}
WITH_VIDEO = {
    "transl": ("float32", ("N", 3)),
    "boxes": ("float32", ("N", 4)),
    "bridged": ("bool", ("N",)),
    "camera_rotmat": ("float32", ("N", 3, 3)),
}


def motion_of(frames: list[int], seed: int = 0, with_video: bool = True) -> Motion:
    rng = np.random.default_rng(seed)
    count = len(frames)
    turns = torch.from_numpy(rng.normal(size=(count, 24, 3)))
    return Motion(
        rotmat=rotmat_from_axis_angle(turns).float().numpy(),
        betas=rng.normal(size=(count, 10)).astype(np.float32),
        camera=rng.normal(size=(count, 3)).astype(np.float32),
        joints_m=rng.normal(size=(count, 24, 3)).astype(np.float32),
        attention=rng.dirichlet(np.ones(3), count).astype(np.float32),
        frames=np.array(frames),
        fps=29.97,
        body="open 1234",
        weights="open 5678",
        person=3,
        transl_m=rng.normal(size=(count, 3)).astype(np.float32) if with_video else None,
        boxes_xyxy_px=rng.normal(size=(count, 4)).astype(np.float32) if with_video else None,
        bridged=rng.random(count) < 0.5 if with_video else None,
        shot=2 if with_video else 0,
        camera_rotmat=rotmat_from_axis_angle(turns[:, 0]).float().numpy() if with_video else None,
    )


def assert_same(a: Motion, b: Motion) -> None:
    for field in fields(Motion):
        mine, theirs = getattr(a, field.name), getattr(b, field.name)
        np.testing.assert_array_equal(mine, theirs, err_msg=field.name)
        assert getattr(mine, "dtype", type(mine)) == getattr(theirs, "dtype", type(theirs)), field.name


@pytest.mark.parametrize("with_video", [True, False])
def test_a_saved_motion_loads_as_it_was(tmp_path, with_video):
    motion = motion_of([0, 1, 2, 7, 8], with_video=with_video)
    motion.save(tmp_path / "person-3.npz")
    assert_same(Motion.load(tmp_path / "person-3.npz"), motion)
    assert [path.name for path in tmp_path.iterdir()] == ["person-3.npz"]


@pytest.mark.parametrize("with_video", [True, False])
def test_the_file_keeps_the_contract(tmp_path, with_video):
    motion_of([4, 5, 6], with_video=with_video).save(tmp_path / "motion.npz")
    promised = ALWAYS | (WITH_VIDEO if with_video else {})
    with np.load(tmp_path / "motion.npz", allow_pickle=False) as arrays:
        assert set(arrays) == set(promised) | {"body", "weights", "person", "shot"}
        for key, (dtype, shape) in promised.items():
            assert arrays[key].dtype == dtype, key
            assert arrays[key].shape == tuple(3 if size == "N" else size for size in shape), key
            assert np.isfinite(arrays[key]).all(), key
        assert str(arrays["body"]) == "open 1234"
        assert str(arrays["weights"]) == "open 5678"


def test_poses_are_the_rotations_as_axis_angle(tmp_path):
    motion = motion_of([0, 1])
    motion.save(tmp_path / "motion.npz")
    with np.load(tmp_path / "motion.npz") as arrays:
        poses = torch.from_numpy(arrays["poses"]).unflatten(1, (24, 3))
    np.testing.assert_allclose(rotmat_from_axis_angle(poses).numpy(), motion.rotmat, atol=1e-5)


def test_half_turns_are_saved_without_nan(tmp_path):
    half_turn = np.diag([-1.0, -1.0, 1.0]).astype(np.float32)
    rotmat = np.broadcast_to(np.stack([np.eye(3, dtype=np.float32), half_turn])[:, None], (2, 24, 3, 3))
    replace(motion_of([0, 1]), rotmat=rotmat.copy()).save(tmp_path / "motion.npz")
    with np.load(tmp_path / "motion.npz") as arrays:
        assert np.isfinite(arrays["poses"]).all()


def test_stretches_join_in_the_order_of_time():
    whole = motion_of([0, 1, 2, 10, 11])
    columns = {
        field.name: getattr(whole, field.name)
        for field in fields(Motion)
        if isinstance(getattr(whole, field.name), np.ndarray)
    }
    early = replace(whole, **{name: column[:3] for name, column in columns.items()})
    late = replace(whole, **{name: column[3:] for name, column in columns.items()})
    assert len(early) == 3
    assert_same(Motion.joined([late, early]), whole)
    assert_same(Motion.joined([early]), early)


def test_what_one_stretch_lacks_the_whole_lacks():
    joined = Motion.joined([motion_of([0, 1]), motion_of([5], with_video=False)])
    assert joined.transl_m is None
    assert joined.frames.tolist() == [0, 1, 5]


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def scribbled_over(path: Path) -> None:
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 300] = b"\xff" * 300
    path.write_bytes(content)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def made_text(path: Path) -> None:
    path.write_text("frames: none")


def made_npy(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def robbed_of_a_key(path: Path) -> None:
    with np.load(path) as arrays:
        rest = {key: arrays[key] for key in arrays if key != "rotmat"}
    np.savez(path, **rest)


def removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "damage", [truncated, scribbled_over, emptied, made_text, made_npy, robbed_of_a_key, removed]
)
def test_what_is_no_motion_is_refused_by_name(tmp_path, damage):
    path = tmp_path / "person-3.npz"
    motion_of([0, 1, 2]).save(path)
    damage(path)
    with pytest.raises(TcmrError, match=r"person-3\.npz"):
        Motion.load(path)


def test_a_motion_that_cannot_be_written_names_the_file(tmp_path):
    (tmp_path / "taken.npz").mkdir()
    for path in (tmp_path / "taken.npz", tmp_path / "gone" / "motion.npz"):
        with pytest.raises(TcmrError, match=f"cannot write {path}: "):
            motion_of([0, 1]).save(path)
