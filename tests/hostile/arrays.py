"""Surfaces that read numpy's files: motions, features, bodies, regressors, captured motion, shards, stores."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tcmr.body import load_body
from tcmr.body.landmarks import LandmarkPoints
from tcmr.body.regressor_files import read_regressor
from tcmr.body.smpl_files import read_smpl
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.data.sources.amass import read_take
from tcmr.data.sources.bvh import read_bvh
from tcmr.data.store import FeatureStore, StoreWriter
from tcmr.errors import TcmrError
from tcmr.joints import H36M_17, SMPL_PARENTS
from tcmr.model.feature_files import load_features
from tcmr.synth.jpeg import encode_jpeg
from tcmr.synth.motion import MotionCapture
from tcmr.synth.poses import PoseLibrary
from tcmr.train.landmark_pictures import LandmarkPictures
from tcmr.types import Motion

from .case import Files
from .mutation import VALUES, changed
from .npy import damaged_npy_file, damaged_npz, npy, npz, npz_attacks, with_header
from .surface import Surface, damaged_file
from .zips import bomb, members, zipped

RNG = np.random.default_rng(6)
FRAMES = 5


def some(*shape: int, dtype: Any = np.float32) -> np.ndarray:
    """Return small numbers."""
    return RNG.normal(size=shape).astype(dtype)


def motion_arrays() -> dict[str, Any]:
    """Return what a motion file holds."""
    return {
        "poses": some(FRAMES, 72), "betas": some(FRAMES, 10), "cam": some(FRAMES, 3), "joints": some(FRAMES, 24, 3),
        "rotmat": np.tile(np.eye(3, dtype=np.float32), (FRAMES, 24, 1, 1)), "attention": some(FRAMES, 3),
        "frames": np.array([0, 1, 2, 5, 6]), "mocap_framerate": np.float64(30), "body": np.array("open 00"),
        "weights": np.array("open 00"), "person": np.int64(1), "transl": some(FRAMES, 3), "boxes": some(FRAMES, 4),
        "bridged": np.zeros(FRAMES, bool),
    }  # fmt: skip


def captured_arrays() -> dict[str, Any]:
    """Return what a file of captured motion holds."""
    return {
        "pose": some(90, 24, 3), "pelvis": some(90, 3), "start": np.array([0, 40]), "length": np.array([40, 50]),
        "leg_length": np.float32([0.8, 0.9]), "split": np.array(["train", "val"]), "name": np.array(["a", "b"]),
        "fps": np.array(30.0),
    }  # fmt: skip


def shard_arrays() -> dict[str, Any]:
    """Return what a shard of rendered clips holds."""
    return {
        "xy_px": some(2, 4, 33, 2), "visibility": some(2, 4, 33), "world_m": some(2, 4, 33, 3), "score": some(2, 4),
        "pose": some(2, 4, 24, 3), "betas": some(2, 10), "root_m": some(2, 4, 3), "focal_px": some(2),
        "spread_px": some(2, 4, 33), "flow_px": some(2, 4, 33, 2), "flow_certainty": some(2, 4, 33),
        "center_px": np.float32([128, 128]), "clip": np.arange(2), "fps": np.array(30),
        "body": np.array(load_body("open").sha256),
    }  # fmt: skip


def smpl_arrays(dtype: Any = np.int8) -> dict[str, np.ndarray]:
    """Return arrays of SMPL's shapes, as small as they can be."""
    shapes = {
        "v_template": (6890, 3),
        "shapedirs": (6890, 3, 10),
        "posedirs": (6890, 3, 207),
        "J_regressor": (24, 6890),
        "weights": (6890, 24),
        "f": (20, 3),
    }
    tree = np.array([[0, *SMPL_PARENTS[1:]], range(24)])
    return {name: np.zeros(shape, dtype) for name, shape in shapes.items()} | {"kintree_table": tree}


def check_motion(motion: Motion) -> None:
    """Make sure that a motion is one."""
    count = len(motion)
    shapes = {
        "rotmat": (24, 3, 3), "betas": (10,), "camera": (3,), "joints_m": (24, 3), "attention": (3,),
        "frames": (), "transl_m": (3,),
        "boxes_xyxy_px": (4,), "bridged": (),
    }  # fmt: skip
    for name, shape in shapes.items():
        array = getattr(motion, name)
        if array is not None:
            kind = {"frames": np.int64, "bridged": np.bool_}.get(name, np.float32)
            assert (array.shape, array.dtype) == ((count, *shape), kind), name
            assert np.isfinite(array).all(), name
    assert count > 0
    assert 0 < motion.fps < np.inf
    assert (np.diff(motion.frames) > 0).all()
    motion.stretches()


def _motion(folder: Path) -> Surface:
    arrays = motion_arrays()
    return Surface(
        "motion",
        lambda case: check_motion(Motion.load(case / "person-1.npz")),
        [{"person-1.npz": npz(**arrays)}],
        [
            {"person-1.npz": attack}
            for attack in npz_attacks("poses", **arrays) + npz_attacks("rotmat", **arrays)
        ],
        (TcmrError,),
        (damaged_npz, damaged_npz, damaged_file),
    )


def _features_npz(folder: Path) -> Surface:
    arrays = {
        "static": some(FRAMES, 8),
        "frames": np.arange(FRAMES),
        "fps": np.array(30.0),
        "boxes": some(FRAMES, 4),
        "person": np.array(2),
    }
    return Surface(
        "features_npz",
        lambda case: check_features(load_features(case / "features.npz")),
        [{"features.npz": npz(**arrays)}],
        [{"features.npz": attack} for attack in npz_attacks("static", **arrays)],
        (TcmrError,),
        (damaged_npz, damaged_npz, damaged_file),
    )


def check_features(read: Any) -> None:
    """Make sure that features are numbers that a network can take."""
    static, frames = read.features.static, read.features.frames
    assert static.dtype == np.float32
    assert static.shape[:-1] == frames.shape
    assert np.isfinite(static).all()
    assert read.features.boxes_xyxy_px is None or np.isfinite(read.features.boxes_xyxy_px).all()


def _features_npy(folder: Path) -> Surface:
    return Surface(
        "features_npy",
        lambda case: check_features(load_features(case / "features.npy")),
        [{"features.npy": npy(some(FRAMES, 8))}, {"features.npy": npy(some(3, 4, dtype=np.float64))}],
        [
            {"features.npy": with_header(descr, shape, bytes(64))}
            for descr, shape in (
                ("<f4", (10**12, 4)), ("<f4", (1 << 29,)), ("<f4", (1 << 28, 0)), ("|O", (8,)), ("<f4", (0, 8)),
                ("<f4", (8, 0)), ("|V2147483647", (1, 1)),
            )
        ] + [{"features.npy": npz(static=some(5, 8))}, {"features.npy": b"\x93NUMPY\x02\x00\xff\xff\xff\x7f{"}],
        (TcmrError,),
        (damaged_npy_file, damaged_file),
    )  # fmt: skip


def _body_npz(folder: Path) -> Surface:
    arrays = smpl_arrays()
    whole = zipped(members(npz(**arrays)), method=8)
    few = npz(v_template=some(6, 3), f=np.arange(6).reshape(2, 3))
    attacks = [
        bomb("posedirs.npy", with_header("<f8", (1 << 26,), b""), 1 << 29),
        *npz_attacks("J_regressor", J_regressor=some(3, 4)),
    ]
    return Surface(
        "body_npz",
        lambda case: read_smpl(case / "body.npz"),
        [{"body.npz": whole}, *[{"body.npz": few}] * 9],
        [{"body.npz": attack} for attack in attacks],
        (TcmrError,),
        (damaged_npz, damaged_file),
    )


def _regressor(folder: Path) -> Surface:
    body = load_body("open")
    matrix = np.zeros((len(H36M_17), 6890), np.float32)
    return Surface(
        "regressor_npy",
        lambda case: read_regressor(case / "J_regressor_h36m.npy", H36M_17, body),
        [{"J_regressor_h36m.npy": npy(matrix)}, {"J_regressor_h36m.npy": npy(some(3, 4))}],
        [
            {"J_regressor_h36m.npy": with_header("<f4", shape, bytes(64))}
            for shape in ((17, 10**12), (10**9,), (17, 6890))
        ]
        + [
            {"J_regressor_h36m.npy": npz(a=matrix)},
            {"J_regressor_h36m.npy": npy(np.full((17, 6890), np.nan))},
        ],
        (TcmrError,),
        (damaged_npy_file, damaged_file),
    )


def _captured(folder: Path) -> Surface:
    arrays = captured_arrays()

    def read(case: Path) -> None:
        motion = MotionCapture.load(case / "motion.npz")
        PoseLibrary.load(case / "motion.npz", "train")
        motion.perform("train", 5, np.random.default_rng(0))

    return Surface(
        "captured_motion",
        read,
        [{"motion.npz": npz(**arrays)}],
        [{"motion.npz": attack} for attack in npz_attacks("pose", **arrays)],
        (TcmrError,),
        (damaged_npz, damaged_npz, damaged_file),
    )


def _shard(folder: Path) -> Surface:
    arrays, body = shard_arrays(), load_body("open")

    def read(case: Path) -> None:
        clips = LandmarkClips.load([case / "a.npz", case / "b.npz"], body)
        assert clips.xy_px.shape == (len(clips), clips.score.shape[1], 33, 2)
        assert clips.rotmat.shape == (*clips.score.shape, 24, 3, 3)
        assert clips.root_m.shape == (*clips.score.shape, 3)

    whole = npz(**arrays)
    return Surface(
        "shard",
        read,
        [{"a.npz": whole, "b.npz": whole}],
        [{"a.npz": attack, "b.npz": whole} for attack in npz_attacks("pose", **arrays)],
        (TcmrError,),
        (damaged_npz, damaged_npz, damaged_file),
    )


def _picture_shard(folder: Path) -> Surface:
    body, points = load_body("open"), LandmarkPoints.load()
    jpeg = encode_jpeg(np.zeros((32, 32, 3), np.uint8))
    arrays = shard_arrays() | {
        "root_m": np.full((2, 4, 3), 3, np.float32),
        "jpeg": np.frombuffer(8 * jpeg, np.uint8), "jpeg_end": len(jpeg) * np.arange(1, 9).reshape(2, 4),
    }  # fmt: skip

    def read(case: Path) -> None:
        pictures = LandmarkPictures.load([case / "a.npz"], body, points)
        batch = pictures.straight(range(len(pictures)))
        assert batch.pictures.shape == (len(pictures), 3, 256, 256)
        assert batch.pictures.isfinite().all()

    wide = jpeg.replace(b"\x00\x20\x00\x20", b"\xff\xff\xff\xff")
    lying = arrays | {"jpeg": np.frombuffer(wide + 7 * jpeg, np.uint8)}
    return Surface(
        "picture_shard",
        read,
        [{"a.npz": npz(**arrays)}],
        [{"a.npz": attack} for attack in [npz(**lying), *npz_attacks("jpeg", **arrays)]],
        (TcmrError,),
        (damaged_npz, damaged_npz, damaged_file),
    )


def _store(folder: Path) -> Surface:
    path = folder / "sample-store"
    writer = StoreWriter(path, "3dpw", ("static", "keypoints", "pose", "betas", "valid"), feature_size=4)
    writer.add(
        np.arange(FRAMES), static=some(FRAMES, 4), keypoints=some(FRAMES, 49, 3), pose=some(FRAMES, 72),
        betas=some(FRAMES, 10), valid=np.ones(FRAMES, np.float32)
    )  # fmt: skip
    writer.close()
    sample: Files = {file.name: file.read_bytes() for file in path.iterdir()}
    about = json.loads(sample["store.json"])

    def read(case: Path) -> None:
        store = FeatureStore.open(case)
        store.describe()
        for rows in store.sequences():
            assert len(store.labels(rows).keypoints) == len(rows)

    def damaged_about(rng, files: Files) -> Files:
        return {**files, "store.json": json.dumps(changed(rng, about)).encode()}

    attacks = [
        {**sample, "store.json": json.dumps({**about, "fields": [value, "static"]}).encode()}
        for value in VALUES
    ]
    attacks += [{**sample, "store.json": json.dumps({**about, "frames": value}).encode()} for value in VALUES]
    attacks += [
        {**sample, f"{name}.npy": with_header("<i8", shape, bytes(40))}
        for name in ("sequence_start", "sequence_length")
        for shape in ((10**12,), (1 << 27,), (1, 1), ())
    ]
    attacks += [
        {**sample, "sequence_start.npy": npy(np.array([-5])), "sequence_length.npy": npy(np.array([5]))}
    ]
    attacks += [
        {**sample, "sequence_length.npy": npy(np.array([-5]))},
        {**sample, "sequence_start.npy": npy(np.array([2**62]))},
    ]
    return Surface(
        "store",
        read,
        [sample],
        attacks,
        (TcmrError,),
        (damaged_about, damaged_npy_file, damaged_npy_file, damaged_file),
    )


def _amass(folder: Path) -> Surface:
    arrays = {
        "poses": some(FRAMES, 156),
        "trans": some(FRAMES, 3),
        "betas": some(16),
        "mocap_framerate": np.array(60.0),
        "gender": np.array("neutral"),
    }

    def read(case: Path) -> None:
        take = read_take(case / "take.npz", "walk", "one")
        assert np.isfinite(np.asarray(take.rotmat)).all()

    return Surface(
        "amass",
        read,
        [{"take.npz": npz(**arrays)}],
        [{"take.npz": attack} for attack in npz_attacks("poses", **arrays)],
        (TcmrError,),
        (damaged_npz, damaged_npz, damaged_file),
    )


_BVH = b"""HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Leg
  {
    OFFSET 0 -40 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 -40 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.0333333
0 90 0 1 2 3 4 5 6
0 91 0 1 2 3 4 5 6
"""


def _bvh(folder: Path) -> Surface:
    attacks = [
        _BVH.replace(b"CHANNELS 6", b"CHANNELS " + number)
        for number in (b"-1", b"0", b"1000000000000", b"9" * 5000, b"x")
    ] + [
        _BVH.replace(b"Frames: 2", b"Frames: " + number)
        for number in (b"0", b"-1", b"1000000000000", b"9" * 5000)
    ]
    attacks += [
        _BVH.replace(b"0.0333333", number) for number in (b"0", b"nan", b"1e-320", b"-1", b"inf", b"1e999")
    ]
    attacks += [_BVH.replace(b" 91 ", number) for number in (b" nan ", b" 1e999 ", b" x ", b" ")]
    still = b"HIERARCHY ROOT a { OFFSET 0 0 0 CHANNELS 0 } MOTION Frames: 1000000000 Frame Time: 0.1\n"
    bushy = (
        b"HIERARCHY ROOT a { OFFSET 0 0 0 CHANNELS 1 Xrotation "
        + b"End s { OFFSET 0 0 0 } " * 5000
        + b"} MOTION Frames: 50000 Frame Time: 0.1\n"
        + b"1 " * 50_000
    )
    deep = b"HIERARCHY " + b"ROOT a { OFFSET 0 0 0 CHANNELS 0 " * 20_000
    attacks += [
        still,
        bushy,
        deep,
        _BVH.replace(b"Xrotation Yrotation", b"Zrotation Zrotation"),
        b"}",
        b"HIERARCHY }",
        b"HIERARCHY End",
        b"",
        b"MOTION",
    ]
    return Surface(
        "bvh",
        lambda case: read_bvh(case / "walk.bvh"),
        [{"walk.bvh": _BVH}],
        [{"walk.bvh": attack} for attack in attacks],
        (TcmrError,),
    )


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "motion": _motion,
    "features_npz": _features_npz,
    "features_npy": _features_npy,
    "body_npz": _body_npz,
    "regressor_npy": _regressor,
    "captured_motion": _captured,
    "amass": _amass,
    "bvh": _bvh,
    "shard": _shard,
    "picture_shard": _picture_shard,
    "store": _store,
}
