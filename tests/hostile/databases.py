"""Surfaces that read databases as they are published: HDF5, MATLAB 5 and 7.3, 3DPW's pickles; and the user's labels."""

import io
import pickle
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import h5py
import numpy as np
from scipy.io import savemat

from tcmr.body import load_body
from tcmr.data import confined
from tcmr.data.released import files as released
from tcmr.data.released.convert import convert_database
from tcmr.data.released.kinds import FEATURE_SIZE
from tcmr.data.sources import mpii3d
from tcmr.data.sources.labelled import LabelledClip, write_store
from tcmr.data.sources.own import read_own
from tcmr.data.sources.threedpw import read_3dpw
from tcmr.errors import TcmrError

from .arrays import some
from .case import Files
from .mutation import VALUES, damaged
from .npy import damaged_npz, npz, npz_attacks
from .opcodes import PROGRAMS, attacks, damaged_pickle
from .surface import Surface, damaged_file

# A file, or what makes one that takes a while to make.
Content = bytes | Callable[[], bytes]
FRAMES = 3
# Places in a file of two cells and what is written there: scipy 1.17 dies of each, with a signal.
DEADLY = ((144, 5), (200, 5), (201, 2**31 - 1), (228, 17), (233, 9), (302, 2**31), (305, 17))
SECRET = b"what another file holds, which is nobody's business here"
READERS: dict[confined.Format, confined.ReadingProcess] = {}


@contextmanager
def _lasting(
    path: Path, format: confined.Format, names: Sequence[str] | None = None
) -> Iterator[dict[str, confined.ConfinedRows]]:
    """Open a file by a process that stays for the next one, until it dies of one: starting it takes long."""
    if format not in READERS or not READERS[format].runs:
        READERS[format] = confined.ReadingProcess(format)
    yield READERS[format].open(path, names)


def _hdf5(arrays: dict[str, Any], version: str = "earliest", user_block: int = 0, **how: Any) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w", libver=(version, "latest"), userblock_size=user_block) as written:
        for name, array in arrays.items():
            written.create_dataset(name, data=array, **(how if np.ndim(array) else {}))
    return file.getvalue()


def _hdf5_with(arrays: dict[str, Any], write: Callable[[h5py.File], Any]) -> bytes:
    file = io.BytesIO(_hdf5(arrays))
    with h5py.File(file, "r+") as changed:
        write(changed)
    return file.getvalue()


def _hdf5_attacks(arrays: dict[str, Any], name: str, row: tuple[int, ...]) -> list[Content]:
    """Return files that refer to others, say absurd sizes, or expand; `name` is one of the arrays."""
    rest = {key: array for key, array in arrays.items() if key != name}

    def virtual(file: h5py.File) -> None:
        layout = h5py.VirtualLayout((FRAMES, *row), "f4")
        layout[:] = h5py.VirtualSource("other.h5", name, (FRAMES, *row))
        file.create_virtual_dataset(name, layout)

    def huge(shape: tuple[int, ...], **how: Any) -> Callable[[h5py.File], Any]:
        return lambda file: file.create_dataset(name, shape, "f4", **how)

    def deep(file: h5py.File) -> None:
        group = file
        for _ in range(500):
            group = group.create_group("a")
        group["loop"] = h5py.SoftLink("/")

    def linked(link: Any) -> Callable[[h5py.File], Any]:
        return lambda file: file.__setitem__(name, link)

    writers: list[Callable[[h5py.File], Any]] = [
        linked(h5py.ExternalLink("other.h5", name)),
        linked(h5py.ExternalLink("/dev/zero", name)),
        linked(h5py.SoftLink(f"/{name}")),
        linked(h5py.SoftLink("/nowhere")),
        virtual,
        lambda file: file.create_dataset(
            name, (FRAMES, *row), "u1", external=[("secret", 0, h5py.h5f.UNLIMITED)]
        ),
        lambda file: file.create_dataset(name, (FRAMES, *row), "u1", external=[("/etc/passwd", 0, 100_000)]),
        huge((10**12, *row), chunks=(1, *row)),
        huge((1 << 40, *row), chunks=(1 << 10, *row)),
        huge((FRAMES, *row), chunks=(1 << 17, *row), maxshape=(None, *row), compression="gzip"),
        huge((50_000, *row), chunks=(1000, *row), compression="gzip", fillvalue=1),
        huge((0, *row)),
        huge(()),
        deep,
        lambda file: file.__setitem__(name, h5py.Empty("f4")),
        lambda file: file.__setitem__(name, np.zeros(3, [("a", "f4"), ("b", "O", ())][:1])),
        lambda file: file.create_dataset(name, (FRAMES,), h5py.vlen_dtype(np.float32)),
        lambda file: file.__setitem__(name, np.array(["a" * 10**6, "b", "c"], object)),
        lambda file: file.__setitem__(name, np.full((FRAMES, *row), np.nan)),
        lambda file: file.__setitem__(name, np.full((FRAMES, *row), 1e300)),
        lambda file: file.create_group(name),
        lambda file: [file.create_group(f"{number}") for number in range(5000)],
    ]
    return [partial(_hdf5_with, rest, write) for write in writers]


def _of(content: Content) -> bytes:
    return content() if callable(content) else content


def _beside(content: Content, name: str, arrays: dict[str, Any]) -> Files:
    """Return a file with what it may try to read beside it."""
    return {name: _of(content), "other.h5": _hdf5(arrays), "secret": SECRET * 1000}


def _insta(folder: Path) -> Surface:
    arrays = {
        "vid_name": np.array([b"a", b"a", b"b"]),
        "frame_id": np.array([0, 1, 0]),
        "joints2D": np.ones((FRAMES, 25, 3)),
        "features": np.ones((FRAMES, FEATURE_SIZE), np.float32),
    }
    packed = {"chunks": True, "compression": "gzip"}
    names = arrays | {"vid_name": np.array(["a", "a", "b"], object)}
    samples = [
        _hdf5(arrays),
        _hdf5(arrays, **packed),
        _hdf5(arrays, "latest", **packed, shuffle=True, fletcher32=True),
        _hdf5(names, chunks=True, compression="lzf"),
        _hdf5(names, "latest", 512),
    ]
    hostile = [
        *_hdf5_attacks(arrays, "features", (FEATURE_SIZE,)), *_hdf5_attacks(arrays, "vid_name", ()),
        *_hdf5_attacks(arrays, "frame_id", ()), b"", b"\x89HDF\r\n\x1a\n", b"\x89HDF\r\n\x1a\n" * 1000,
    ]  # fmt: skip

    def read(case: Path) -> None:
        with patch.object(released, "open_confined", _lasting), patch.object(confined, "ANSWER_S", 10.0):
            made = convert_database(case / "insta.h5", "insta", case / "store")
        assert made.videos > 0

    return Surface(
        "insta_hdf5",
        read,
        [{"insta.h5": sample} for sample in samples],
        [partial(_beside, attack, "insta.h5", arrays) for attack in hostile],
        (TcmrError,),
        (_damaged("insta.h5"),),
    )


def _damaged(name: str) -> Callable[[Random, Files], Files]:
    """Return what damages one file, twice over now and then: most bytes of it are data."""

    def damage(rng: Random, files: Files) -> Files:
        content = files[name]
        for _ in range(rng.choice((1, 1, 3))):
            content = damaged(rng, content) if isinstance(content, bytes) else content
        return {**files, name: content}

    return damage


def _check(clips: Iterator[LabelledClip]) -> None:
    """Make sure that labels are numbers, one for each frame."""
    for clip in clips:
        for person in clip.people:
            assert len(person.frames) > 0
            assert person.squares_xyxy_px.shape == (len(person.frames), 4)
            for name, array in person.fields.items():
                assert len(array) == len(person.frames), name


def _mpii3d(split: mpii3d.Split) -> Callable[[Path], None]:
    def read(case: Path) -> None:
        with patch.object(mpii3d, "open_confined", _lasting), patch.object(confined, "ANSWER_S", 10.0):
            _check(mpii3d.read_mpii3d(case, split))

    return read


def _mpii3d_test(folder: Path) -> Surface:
    arrays = {
        "annot2": np.full((FRAMES, 1, 17, 2), 300.0) + np.arange(17)[:, None],
        "univ_annot3": np.ones((FRAMES, 1, 17, 3)),
        "valid_frame": np.ones((FRAMES, 1)),
    }
    path = "TS1/annot_data.mat"
    samples = [_hdf5(arrays, "earliest", 512), _hdf5(arrays, chunks=True, compression="gzip")]
    hostile = [*_hdf5_attacks(arrays, "annot2", (1, 17, 2)), *_hdf5_attacks(arrays, "valid_frame", (1,))]
    return Surface(
        "mpii3d_test",
        _mpii3d("test"),
        [{path: sample} for sample in samples],
        [partial(_beside, attack, path, arrays) for attack in hostile],
        (TcmrError,),
        (_damaged(path),),
    )


def _cells(*arrays: Any) -> np.ndarray:
    column = np.empty((len(arrays), 1), object)
    column[:, 0] = [None] * len(arrays)
    for place, array in enumerate(arrays):
        column[place, 0] = array
    return column


def _matlab5(compressed: bool = False, **variables: Any) -> bytes:
    file = io.BytesIO()
    savemat(file, variables, do_compression=compressed)
    return file.getvalue()


def _mpii3d_train(folder: Path) -> Surface:
    path = "S1/Seq1/annot.mat"
    seen, true = np.full((FRAMES, 56), 300.0) + np.arange(56), np.ones((FRAMES, 84))
    both = {"annot2": _cells(*[seen] * 9), "annot3": _cells(*[true] * 9)}
    samples = [_matlab5(**both), _matlab5(True, **both)]
    wrong: list[Any] = [
        np.zeros((0, 0)), np.zeros((1, 56), complex), "text", {"a": 1}, _cells(seen), np.zeros((1, 1), bool), np.nan,
        np.full((FRAMES, 56), np.inf), np.zeros((FRAMES, 57)), 1e300, np.zeros((FRAMES, 56), np.uint8),
    ]  # fmt: skip
    hostile: list[Content] = [_matlab5(True, **{**both, "annot2": _cells(*[each] * 9)}) for each in wrong]
    hostile += [_matlab5(**{**both, name: each}) for name in both for each in wrong]
    hostile += [
        lambda: _matlab5(True, **both, big=np.zeros(1 << 25)),
        lambda: _matlab5(True, annot2=_cells(*[np.zeros((1 << 15, 56))] * 9), annot3=both["annot3"]),
        *(samples[0].replace(b"\x03\0\0\0\x38\0\0\0", shape) for shape in (b"\xff" * 8, b"\xff\xff\xff\x7f" * 2)),
        *(samples[0].replace(b"\x09\0\0\0\x01\0\0\0", shape) for shape in (b"\xff" * 8, b"\0\0\0\x10\1\0\0\0")),
        samples[0][:128] + b"\x0f\0\0\0\xff\xff\xff\x7f" + b"x\x9c" * 100,
        b"MATLAB 5.0 MAT-file" + bytes(105) + b"\0\1IM" + b"\x0e\0\0\0\x30\0\0\0" * 10_000,
        b"", _hdf5({"annot2": seen}, user_block=512), bytes(1000),
    ]  # fmt: skip
    pair = _matlab5(annot2=_cells(np.ones((1, 2)), np.ones((1, 2))))
    hostile += [pair[:place] + struct.pack("<I", number) + pair[place + 4 :] for place, number in DEADLY]
    return Surface(
        "mpii3d_train",
        _mpii3d("train"),
        [{path: sample} for sample in samples],
        [lambda each=each: {path: _of(each)} for each in hostile],  # type: ignore[misc]
        (TcmrError,),
        (_damaged(path),),
    )


def _threedpw(folder: Path) -> Surface:
    body = load_body("open")
    path = "sequenceFiles/train/walk.pkl"

    def labels(frames: int) -> dict[str, Any]:
        joints = np.stack([100 + 40 * np.arange(18) % 170, 100 + 9 * np.arange(18), np.full(18, 0.9)])
        return {
            "poses": [np.zeros((frames, 72))], "betas": [np.zeros(300)], "poses2d": [np.tile(joints, (frames, 1, 1))],
            "cam_poses": np.tile(np.eye(4), (frames, 1, 1)), "campose_valid": [np.ones(frames)],
            "img_frame_ids": np.arange(frames), "sequence": "walk",
        }  # fmt: skip

    content = labels(FRAMES)
    samples = [pickle.dumps(content, protocol) for protocol in (2, 0)]
    odd = [
        *VALUES,
        [np.array([None])],
        [[[1.0] * 1000] * 1000],
        [np.zeros((FRAMES, 72), "U9")],
        np.float64(1),
    ]
    hostile = [pickle.dumps({**content, name: value}, 2) for name in content for value in odd]
    hostile += [
        b"\x80\x02" + pickle.dumps(content, 2)[2:-1] + f"V{name}\n".encode() + (b"(" + program + b"l") + b"s."
        for name in ("poses", "poses2d", "cam_poses", "img_frame_ids")
        for program in PROGRAMS
    ]
    hostile += [pickle.dumps(labels(8000), 2), *attacks()]
    return Surface(
        "threedpw",
        lambda case: _check(read_3dpw(case, "train", body)),
        [{path: sample} for sample in samples],
        [{path: attack} for attack in hostile],
        (TcmrError,),
        (damaged_pickle,),
    )


def _own(folder: Path) -> Surface:
    body = load_body("open")

    def labels(frames: int) -> dict[str, Any]:
        return {
            "video": "clip.mp4", "frames": np.arange(frames), "poses": some(frames, 72), "betas": some(10),
            "transl": np.tile([0.0, 0.0, 9.0], (frames, 1)), "focal_px": 900.0, "center_px": np.array([320.0, 240.0]),
        }  # fmt: skip

    content = labels(FRAMES)
    wrong: dict[str, list[Any]] = {
        "video": ["../../../etc/passwd", "/dev/zero", "a\0b", "x" * 70_000, "\ud800", "", 3, np.zeros(5)],
        "focal_px": [0.0, -1.0, np.nan, 1e300, "900", np.zeros(2)],
        "center_px": [np.full(2, np.nan), np.full(2, 1e300), np.zeros(3)],
        "transl": [np.zeros((FRAMES, 3)), np.full((FRAMES, 3), 1e300), np.full((FRAMES, 3), 1e-300)],
        "betas": [np.full(10, 1e30), np.zeros((FRAMES, 10)), np.zeros(11)],
        "poses": [np.full((FRAMES, 72), 1e300), np.zeros((FRAMES, 72), bool), np.zeros((FRAMES, 72), "U3")],
        "frames": [
            np.array([0, 1, 2**62]),
            np.array([0.5, 1, 2]),
            np.array([2, 1, 0]),
            np.arange(FRAMES, dtype="u1"),
        ],
        "body": ["SMPL 0123", "", "x" * 70_000, np.zeros(4)],
    }
    hostile = [npz(**{**content, name: value}) for name, values in wrong.items() for value in values]
    hostile += [*npz_attacks("poses", **content), npz(**labels(8000))]

    def read(case: Path) -> None:
        _check(read_own(case, body))
        write_store(case / "store", read_own(case, body))

    return Surface(
        "own_labels",
        read,
        [{"ann.npz": npz(**content), "clip.mp4": b"film"}],
        [{"ann.npz": attack, "clip.mp4": b"film"} for attack in hostile],
        (TcmrError,),
        (damaged_npz, damaged_npz, damaged_file),
    )


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "insta_hdf5": _insta,
    "mpii3d_test": _mpii3d_test,
    "mpii3d_train": _mpii3d_train,
    "threedpw": _threedpw,
    "own_labels": _own,
}
