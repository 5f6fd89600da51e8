"""Surfaces that take in outside files: wheels, and what only the user has."""

import hashlib
import json
import pickle
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from unittest.mock import patch

import numpy as np

from tcmr.assets import wheel
from tcmr.assets.asset import Asset, Track, WheelMember
from tcmr.assets.cache import is_verified
from tcmr.errors import TcmrError

from .case import Files
from .npy import npz, npz_attacks, with_header
from .opcodes import attacks as pickles
from .opcodes import damaged_pickle
from .surface import Surface, damaged_file
from .weights import damaged_checkpoint, saved
from .zips import bomb, damaged_zip, lying, zipped

CONTENT = b"a network" * 300
adding = import_module("tcmr.assets.add")  # a function has the same name


def _asset(name: str, inner: str | None) -> Asset:
    member = WheelMember(
        "package", "1.0", f"package/{name}", len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), inner
    )
    return Asset(name, (f"{name}.bin",), "test", Track.OPEN, "none", "none", member)


def _wheel(folder: Path) -> Surface:
    table = (_asset("plain", None), _asset("nested", "models/inner"))
    inner = zipped({"models/inner": CONTENT})
    members = {"package/plain": CONTENT, "package/nested": inner, "package-1.0.dist-info/RECORD": b""}
    sample = zipped(members, 8)
    attacks = [
        bomb("package/plain", b"", 1 << 29), bomb("package/nested", b"PK\x03\x04", 1 << 29),
        lying(bomb("package/plain", b"", 1 << 29), len(CONTENT)),
        lying(sample, 1 << 31), lying(sample, 3, 3), zipped({"../../escaped": b"x", "/etc/escaped": b"x",
        **members}), zipped({"package/nested": sample}),
        zipped({"package/plain": bytes(len(CONTENT))}), zipped({"package/nested": lying(bomb("models/inner",
        b"", 1 << 29), len(CONTENT))}),
    ]  # fmt: skip

    def expanding(method: int) -> Files:
        inflated = zipped({"package/plain": bytes(1 << 27), "package/nested": b""}, method)
        return {"package.whl": lying(inflated, len(CONTENT))}

    def read(case: Path) -> None:
        # The table is the package's own and names files of megabytes; these stand for them.
        with patch.object(wheel, "ASSETS", table), patch.object(adding, "ASSETS", table):
            adding.add(case / "package.whl", cache=case / "cache")
        for asset in table:
            path = case / "cache" / asset.file_names[0]
            assert not path.exists() or path.read_bytes() == CONTENT
        assert {path.suffix for path in (case / "cache").iterdir()} <= {".bin"}

    return Surface(
        "asset_wheel",
        read,
        [{"package.whl": sample}],
        [
            *({"package.whl": attack} for attack in attacks),
            *(lambda method=method: expanding(method) for method in (8, 12, 14)),
        ],
        (TcmrError,),
        (lambda rng, files: _zip(rng, files), lambda rng, files: _zip(rng, files), damaged_file),
    )


def _zip(rng, files: Files) -> Files:
    return {
        name: damaged_zip(rng, content) if isinstance(content, bytes) else content
        for name, content in files.items()
    }


def _user(folder: Path) -> Surface:
    names = ("SMPL_NEUTRAL.pkl", "smpl_mean_params.npz", "J_regressor_extra.npy", "tcmr_demo_model.pth.tar")
    body = {
        name: np.zeros(2)
        for name in ("v_template", "shapedirs", "posedirs", "weights", "J_regressor", "kintree_table", "f")
    }
    mean = {"pose": np.zeros(144), "shape": np.zeros(10), "cam": np.zeros(3)}
    samples: list[Files] = [
        {names[0]: pickle.dumps(body, 2)}, {names[1]: npz(**mean)}, {names[2]: with_header("|i1", (9, 6890),
        bytes(9 * 6890))},
        {names[3]: saved({"gen_state_dict": {}}, True)}, {names[3]: saved({"gen_state_dict": {}}, False)},
    ]  # fmt: skip
    attacks: list[Files] = [
        *({names[0]: attack} for attack in pickles()), *({names[3]: attack} for attack in pickles()),
        *({names[1]: attack} for attack in npz_attacks("pose", **mean)), {names[3]: bomb("archive/data.pkl",
        b"\x80\x02}", 1 << 29)},
        *({names[2]: with_header(descr, (9, 6890), b"")} for descr in ("<f4", "|O")),
        {names[2]: with_header("<f4", (10**12, 6890), b"")},
    ]  # fmt: skip

    def read(case: Path) -> None:
        for path in sorted(case.iterdir()):
            adding.add(path, cache=case / "cache")
        adding.add(case / names[0], cache=case / "cache") if not list(case.iterdir()) else None

    def damage(rng, files: Files) -> Files:
        name = next(iter(files))
        if name.endswith(".npz"):
            return _zip(rng, files)
        return damaged_checkpoint(rng, files) if name.endswith(".tar") else damaged_pickle(rng, files)

    return Surface("asset_user", read, samples, attacks, (TcmrError,), (damage, damage, damaged_file))


def _record(folder: Path) -> Surface:
    asset = _asset("plain", None)
    stamp = {"size": len(CONTENT), "mtime_ns": 0, "sha256": "0"}
    sample: Files = {"plain.bin": CONTENT, ".plain.bin.verified.json": json.dumps(stamp).encode()}
    attacks: list[Files] = [
        {**sample, ".plain.bin.verified.json": text}
        for text in (b"[" * 100_000, b"9" * 5000, b"\xff", b"null", b"{}")
    ]

    def read(case: Path) -> None:
        path = case / "plain.bin"
        if path.is_file():
            assert is_verified(asset, path) == (
                path.stat().st_size == len(CONTENT) and path.read_bytes() == CONTENT
            )

    return Surface("asset_record", read, [sample], attacks, (TcmrError,))


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "asset_wheel": _wheel,
    "asset_user": _user,
    "asset_record": _record,
}
