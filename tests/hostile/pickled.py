"""Surfaces that read pickles: SMPL bodies, features, databases of joblib."""

import bz2
import gzip
import io
import lzma
import pickle
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import scipy.sparse
import torch

from tcmr.body.smpl_files import read_smpl
from tcmr.data.released.files import open_joblib
from tcmr.errors import TcmrError
from tcmr.model.feature_files import load_features
from tcmr.pickles.read import read_pickle

from .arrays import check_features, smpl_arrays, some
from .opcodes import attacks, damaged_pickle
from .surface import Made, Surface


def _joblib(content: Any, compress: Any = 0) -> bytes:
    file = io.BytesIO()
    joblib.dump(content, file, compress=compress)
    return file.getvalue()


@cache
def _bomb(compress: Callable[[bytes], bytes], zeros: int) -> bytes:
    """Return a pickle that expands a thousand times when it is unpacked."""
    return compress(pickle.dumps(np.zeros(1))[:20] + bytes(zeros))


def _zlib(content: bytes) -> bytes:
    return zlib.compress(content, 1)


def _bz2(content: bytes) -> bytes:
    return bz2.compress(content, 1)


def _lzma(content: bytes) -> bytes:
    return lzma.compress(content, preset=0)


BOMBS = ((_zlib, 1 << 29), (_bz2, (1 << 27) - 20), (_lzma, (1 << 27) - 20))


def _bombs(name: str) -> list[Made]:
    return [lambda bomb=bomb: {name: _bomb(*bomb)} for bomb in BOMBS]  # type: ignore[misc]


def _features(folder: Path) -> Surface:
    person = {"features": some(5, 8), "frame_ids": np.arange(5), "bboxes": some(5, 4), "fps": 30.0}
    tensors = {1: person | {"features": torch.from_numpy(some(5, 8))}}
    samples = [
        pickle.dumps({1: person}),
        _joblib({1: person}),
        pickle.dumps(tensors),
        _joblib({1: person}, 3),
        pickle.dumps(some(5, 8), 0),
    ]
    lists = [
        some(5, 8).tolist(),
        [[0.0] * 1000] * 1000,
        {"features": [[[0] * 100] * 100] * 100},
        {"features": some(5, 8), "person": [1]},
    ]
    more = [
        {"features": some(5, 8), "fps": value}
        for value in ("a", [], -1, float("nan"), np.zeros(3), None, 1 + 2j)
    ]
    return Surface(
        "features_pickle",
        lambda case: check_features(load_features(case / "features.pkl")),
        [{"features.pkl": sample} for sample in samples],
        [
            *({"features.pkl": attack} for attack in attacks()),
            *_bombs("features.pkl"),
            *({"features.pkl": pickle.dumps(each)} for each in [*lists, *more]),
        ],
        (TcmrError,),
        (damaged_pickle,),
    )


def _body(folder: Path) -> Surface:
    arrays = smpl_arrays()
    sparse = scipy.sparse.csc_matrix(some(3, 4))
    small = {"v_template": some(6, 3), "J_regressor": sparse, "f": np.arange(6).reshape(2, 3)}
    wild = scipy.sparse.csc_matrix(some(3, 4))
    wild.indices[:] = 10**6
    wide = scipy.sparse.csc_matrix(some(3, 4))
    wide._shape = (10**6, 10**6)
    back = scipy.sparse.csr_matrix(some(3, 4))
    back.indptr = np.array([0, 10**6, -(10**6), 12], np.int32)
    hostile = [small | {"J_regressor": matrix} for matrix in (wild, wide, back)]
    return Surface(
        "body_pickle",
        lambda case: read_smpl(case / "body.pkl"),
        [
            {"body.pkl": gzip.compress(pickle.dumps(arrays, 2), 1)},
            *[{"body.pkl": pickle.dumps(small, 2)}] * 9,
        ],
        [{"body.pkl": attack} for attack in [*attacks(), *(pickle.dumps(each, 2) for each in hostile)]],
        (TcmrError,),
        (damaged_pickle,),
    )


def _plain(folder: Path) -> Surface:
    content = {
        "vid_name": np.array(["a", "b"]),
        "features": some(2, 8),
        "bbox": some(2, 4),
        "names": ["a", "b"],
        "object": np.array([1, "a"], object),
    }
    samples = [pickle.dumps(content, protocol) for protocol in (0, 2, 5)] + [
        _joblib(content),
        _joblib(content, 3),
    ]
    return Surface(
        "pickle",
        lambda case: read_pickle(case / "any.pkl"),
        [{"any.pkl": sample} for sample in samples],
        [*({"any.pkl": attack} for attack in attacks()), *_bombs("any.pkl")],
        (TcmrError,),
        (damaged_pickle,),
    )


def _database(folder: Path) -> Surface:
    content = {
        "vid_name": np.array(["a", "a", "b"]),
        "features": some(3, 8),
        "bbox": some(3, 4),
        "frame_id": np.arange(3),
    }

    def read(case: Path) -> None:
        with open_joblib(case / "database.pt", case) as database:
            for rows in database.values():
                rows[0 : min(2, rows.shape[0])] if rows.shape else None

    samples = [
        _joblib(content),
        _joblib(content, 3),
        _joblib(content, ("gzip", 3)),
        _joblib(content, ("lzma", 3)),
    ]
    return Surface(
        "joblib_database",
        read,
        [{"database.pt": sample} for sample in samples],
        [{"database.pt": attack} for attack in attacks()],
        (TcmrError,),
        (damaged_pickle,),
    )


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "features_pickle": _features,
    "body_pickle": _body,
    "pickle": _plain,
    "joblib_database": _database,
}
