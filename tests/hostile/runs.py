"""Surfaces that read what a run of this package left behind, to go on from it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim.lr_scheduler import ReduceLROnPlateau

from tcmr.data.sources.labelled import LabelledClip, LabelledPerson, Remembered
from tcmr.errors import TcmrError
from tcmr.synth.generate import Shard, SynthOptions, settings_of
from tcmr.train.checkpoint import resume, save_checkpoint
from tcmr.train.record import read_record
from tcmr.train.run_log import read_log

from .arrays import some
from .case import Files
from .mutation import HUGE, VALUES, changed
from .npy import damaged_npy_file, damaged_npz, npy, npz, npz_attacks, with_header
from .opcodes import attacks as pickles
from .surface import Surface, damaged_file
from .weights import damaged_checkpoint, saved
from .zips import bomb, lying


def _parts() -> dict[str, Any]:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
    optimiser = torch.optim.Adam(network.parameters())
    return {"network": network, "optimiser": optimiser, "plateau": ReduceLROnPlateau(optimiser)}


def _learn(parts: dict[str, Any]) -> None:
    parts["optimiser"].zero_grad()
    parts["network"](torch.ones(2, 3)).square().mean().backward()
    parts["optimiser"].step()
    parts["plateau"].step(1.0)


def _checkpoint(folder: Path) -> Surface:
    path = folder / "sample.pt"
    parts = _parts()
    _learn(parts)
    save_checkpoint(path, 3, parts, best={"pa_mpjpe_mm": 50.0})
    state = torch.load(path, weights_only=True)
    wide = torch.ones(1).expand(1 << 20, 1 << 20)
    odd = [*VALUES, *HUGE, wide, torch.ones(3, dtype=torch.complex64), torch.ones(3, dtype=torch.int8)]
    places: list[tuple[str, ...]] = [(name,) for name in state]
    places += [("network", "0.weight"), ("optimiser", "state"), ("optimiser", "param_groups")]
    places += [("plateau", name) for name in state["plateau"]]
    moments, groups = state["optimiser"]["state"], state["optimiser"]["param_groups"]
    states = [_with(state, place, value) for place in places for value in odd]
    states += [
        _with(state, ("optimiser", "state"), {**moments, 0: {**moments[0], key: value}})
        for key in moments[0]
        for value in odd
    ]
    states += [
        _with(state, ("optimiser", "param_groups"), [{**groups[0], name: value}])
        for name in groups[0]
        for value in odd
    ]
    whole = path.read_bytes()
    hostile = [bomb("archive/data.pkl", b"\x80\x02}.", 1 << 29), lying(whole, 1 << 31), lying(whole, 3, 3)]

    def read(case: Path) -> None:
        parts = _parts()
        state = resume(case / "checkpoint.pt", parts)
        assert state["step"] >= 0
        _learn(parts)

    def wrong(rng: Random, files: Files) -> Files:
        return {"checkpoint.pt": saved(changed(rng, state), rng.random() < 0.9)}

    return Surface(
        "run_checkpoint",
        read,
        [{"checkpoint.pt": whole}, {"checkpoint.pt": saved(state, False)}],
        [
            *({"checkpoint.pt": attack} for attack in [*hostile, *pickles()]),
            *(lambda each=each: {"checkpoint.pt": saved(each, True)} for each in states),
        ],
        (TcmrError,),
        (damaged_checkpoint, wrong, damaged_file),
    )


def _with(state: Any, place: tuple[str, ...], value: Any) -> Any:
    """Return a state with another value in one of its places."""
    return value if not place else {**state, place[0]: _with(state[place[0]], place[1:], value)}


def _record(folder: Path) -> Surface:
    record = {"config": {"seed": 0, "run": "run"}, "revision": "1", "versions": {"torch": "2"}, "data": {}}
    rows = [{"step": step, "kind": "train", "loss": 0.5} for step in range(1, 5)]
    sample: Files = {"record.json": json.dumps(record).encode(), "log.jsonl": _lines(rows)}
    texts = [b"[" * 100_000, b"9" * 5000, b"\xff", b"null", b"{}", b"\n" * 1000, b'{"step": 1}', b"\r" * 9]
    attacks = [{**sample, name: text + end} for name in sample for text in texts for end in (b"", b"\n")]
    attacks += [
        {**sample, "record.json": json.dumps({**record, name: value}).encode()}
        for name in record
        for value in VALUES
    ]
    attacks += [{**sample, "log.jsonl": _lines([*rows, {"step": value}])} for value in VALUES]

    def read(case: Path) -> None:
        assert isinstance(read_record(case / "record.json")["config"], dict)
        assert all(row["step"] <= 10**40 for row in read_log(case))

    def wrong(rng: Random, files: Files) -> Files:
        if rng.random() < 0.5:
            return {**sample, "record.json": json.dumps(changed(rng, record)).encode()}
        hurt = changed(rng, rows)
        return {**sample, "log.jsonl": _lines(hurt if isinstance(hurt, list) else [hurt])}

    return Surface("run_record", read, [sample], attacks, (TcmrError,), (wrong, wrong, damaged_file))


def _lines(rows: list[Any]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def _finished(folder: Path) -> Surface:
    motion = folder / "finished-motion.npz"
    motion.write_bytes(b"motion")
    settings = settings_of(SynthOptions(motion, folder))
    arrays = {"clip": np.arange(2), "pose": some(2, 5, 24, 3)} | {
        name: np.array(value) for name, value in settings.items()
    }

    def shard_in(case: Path) -> Shard:
        return Shard(SynthOptions(motion, case, frames=5), range(2), settings)

    def read(case: Path) -> None:
        assert isinstance(shard_in(case).is_finished(), bool)

    name = shard_in(Path("case")).path.relative_to("case").as_posix()
    return Surface(
        "finished_shard",
        read,
        [{name: npz(**arrays)}],
        [{name: attack} for attack in npz_attacks("pose", **arrays)],
        (TcmrError,),
        (damaged_npz, damaged_npz, damaged_file),
    )


def _kept(folder: Path) -> Surface:
    name = f"{hashlib.sha256(b'clip').hexdigest()}.npy"
    lengths = (2, 3)
    people = tuple(
        LabelledPerson(f"clip-{length}", np.arange(length), np.zeros((length, 4), np.float32), {})
        for length in lengths
    )
    clip = LabelledClip("clip", Path("clip"), people)

    def read(case: Path) -> None:
        made = Remembered(lambda clip: [some(length, 8) for length in lengths], case)(clip)
        assert [len(each) for each in made] == list(lengths)
        assert {(each.ndim, each.dtype) for each in made} == {(2, np.dtype(np.float32))}

    hostile = [npy(some(*shape)) for shape in ((5,), (4, 8), (5, 8, 1), (0, 8), (5, 0))]
    hostile += [npy(np.zeros((5, 8), kind)) for kind in ("f8", "i4", "U3", "c8")]
    hostile += [with_header(kind, (5, 10**12), b"") for kind in ("<f4", "|O", "V2147483647")]
    return Surface(
        "kept_features",
        read,
        [{name: npy(some(5, 8))}],
        [{name: attack} for attack in hostile],
        (TcmrError,),
        (damaged_npy_file, damaged_npy_file, damaged_file),
    )


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "run_checkpoint": _checkpoint,
    "run_record": _record,
    "finished_shard": _finished,
    "kept_features": _kept,
}
