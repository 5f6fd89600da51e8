"""Surfaces that read tensors: .safetensors and checkpoints of torch."""

import io
import json
import struct
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import torch
from safetensors.torch import save

from tcmr.assets import fetch
from tcmr.errors import TcmrError
from tcmr.features.blazepose_model import read_without_segmentation
from tcmr.features.static import StaticNetwork
from tcmr.features.tuned import FORMAT, tuned_model
from tcmr.model.ablation import AblatedTCMR, Ablation, load_ablated, save_ablated
from tcmr.model.checkpoint import load_checkpoint
from tcmr.model.tcmr import TCMRConfig
from tcmr.model.weights import FrameModel, OpenModel, load_open_model, save_open_model
from tcmr.tensors import read_metadata, read_pth_tar, read_safetensors

from .case import Files
from .mutation import HUGE, VALUES, changed, damaged
from .opcodes import attacks as pickles
from .opcodes import damaged_pickle
from .surface import Made, Surface, damaged_file
from .zips import bomb, damaged_zip, lying


def _parts(content: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + size]), content[8 + size :]


def _whole(header: Any, data: bytes, size: int | None = None) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", (len(text) if size is None else size) % (1 << 64)) + text + data


def damaged_header(rng: Random, files: Files) -> Files:
    """Change what the header of a .safetensors file says, or how long it is said to be."""
    name = rng.choice(sorted(files))
    content = files[name]
    try:
        header, data = _parts(content) if isinstance(content, bytes) else ({}, b"")
    except ValueError:
        return damaged_file(rng, files)
    size = rng.choice(HUGE) if rng.random() < 0.2 else None
    return {**files, name: _whole(changed(rng, header), data, size)}


def _safetensors(folder: Path) -> Surface:
    path = folder / "sample.safetensors"
    frame_model = FrameModel(StaticNetwork(feature_size=4, hidden_size=4, layers=1), regressor_size=4)
    save_open_model(path, OpenModel(frame_model), {})
    sample = path.read_bytes()
    header, data = _parts(sample)
    about = header["__metadata__"]

    def with_about(**said: Any) -> bytes:
        return _whole({**header, "__metadata__": {**about, **said}}, data)

    frame = json.loads(about["frame"])
    lies = [json.dumps({**frame, name: value}) for name in frame for value in VALUES]
    lies += ["[" * 100_000, "null", "[]", "1", '"a"', "9" * 5000, json.dumps({**frame, "bogus": 1})]
    attacks = [with_about(frame=lie) for lie in lies]
    attacks += [
        with_about(tcmr=json.dumps({"hidden_size": 10**6, "layers": 10**9})),
        with_about(tcmr=json.dumps({"window": 10**12})),
    ]
    attacks += [struct.pack("<Q", size) + b"{}" for size in (1 << 30, 1 << 40, (1 << 64) - 1, 100_000_000, 2)]
    attacks += [
        _whole({"a": {"dtype": "F32", "shape": shape, "data_offsets": [0, 4]}}, b"1234")
        for shape in ([1 << 62, 4], [10**12], [0, 1 << 62], [-1], [1] * 10_000)
    ]
    attacks += [
        _whole({"a": {"dtype": "F32", "shape": [1], "data_offsets": offsets}}, b"1234")
        for offsets in ([0, 1 << 62], [-4, 0], [4, 0], [2, 6])
    ]

    def read(case: Path) -> None:
        path = case / "weights.safetensors"
        read_metadata(path)
        read_safetensors(path)
        load_open_model(path)

    return Surface(
        "safetensors",
        read,
        [
            {"weights.safetensors": sample},
            {"weights.safetensors": save({"a": torch.ones(3)}, {"format": "tcmr-open-1"})},
        ],
        [{"weights.safetensors": attack} for attack in attacks],
        (TcmrError,),
        (damaged_header, damaged_header, damaged_file),
    )


def _landmark_weights(folder: Path) -> Surface:
    content = read_without_segmentation(fetch("blazepose-landmarks"))
    name, weight = "model_1/model/convworld_3d/Conv2D", torch.zeros(117, 2, 2, 288, dtype=torch.float16)

    def read(case: Path) -> None:
        assert len(tuned_model(content, case / "weights.safetensors")) == len(content)

    sample = save({name: weight}, {"format": FORMAT})
    attacks = [
        save({name: tensor}, {"format": FORMAT})
        for tensor in (weight[0], weight.float() + 1e30, weight.bool(), weight.long(), weight + torch.nan)
    ]
    attacks += [save({other: weight}, {"format": FORMAT}) for other in ("", "a" * 70_000, "\x00", "é")]
    return Surface(
        "landmark_weights",
        read,
        [{"weights.safetensors": sample}],
        [{"weights.safetensors": attack} for attack in attacks],
        (TcmrError,),
        (damaged_header, damaged_header, damaged_file),
    )


def _ablation(folder: Path) -> Surface:
    path = folder / "ablation.safetensors"
    config = TCMRConfig(feature_size=4, hidden_size=4, layers=1, window=4, regressor_size=4)
    save_ablated(path, AblatedTCMR(config, Ablation(residual=True)), {})
    sample = path.read_bytes()
    header, data = _parts(sample)
    about = header["__metadata__"]

    def about_of(part: str, text: str) -> Files:
        said = {**about, part: text}
        return {"weights.safetensors": _whole({**header, "__metadata__": said}, data)}

    attacks: list[Made] = [
        lambda part=part, name=name, value=value: about_of(  # type: ignore[misc]
            part, json.dumps({**json.loads(about[part]), name: value})
        )
        for part in ("tcmr", "ablation")
        for name in json.loads(about[part])
        for value in (*VALUES, *HUGE)
    ]
    texts = (
        "[" * 100_000, "null", "[]", "1", '"a"', "9" * 5000, '{"bogus": 1}', '{"forecast": false}',
    )  # fmt: skip
    attacks += [
        lambda part=part, text=text: about_of(part, text)  # type: ignore[misc]
        for part in ("tcmr", "ablation", "format")
        for text in texts
    ]
    return Surface(
        "ablation",
        lambda case: load_ablated(case / "weights.safetensors"),
        [{"weights.safetensors": sample}],
        attacks,
        (TcmrError,),
        (damaged_header, damaged_header, damaged_file),
    )


def saved(content: Any, new_format: bool) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, _use_new_zipfile_serialization=new_format)
    return file.getvalue()


class _Call:
    def __init__(self, function: Any, *args: Any) -> None:
        self.call = (function, args)

    def __reduce__(self) -> Any:
        return self.call


def damaged_checkpoint(rng: Random, files: Files) -> Files:
    """Damage a checkpoint's archive or one of the files in it, or an old one's bytes."""
    name = rng.choice(sorted(files))
    content = files[name]
    if not isinstance(content, bytes):
        return files

    def inside(rng: Random, member: bytes) -> bytes:
        hurt = damaged_pickle(rng, {"data.pkl": member})["data.pkl"]
        return hurt if isinstance(hurt, bytes) else member

    if content[:2] == b"PK":
        return {**files, name: damaged_zip(rng, content, inside)}
    return {**files, name: inside(rng, content) if rng.random() < 0.5 else damaged(rng, content)}


def _pth_tar(folder: Path) -> Surface:
    state = {
        "encoder.linear_cur.weight": torch.ones(4, 8),
        "regressor.fc2.weight": torch.ones(3, 3),
        "count": torch.tensor(1),
    }
    content = {"gen_state_dict": state, "performance": 56.5, "epoch": 3}
    samples = [saved(content, new_format) for new_format in (True, False)]
    wide = torch.ones(1).expand(1 << 20, 1 << 20)
    sizes = {
        "gen_state_dict": {
            "encoder.gru_cur.weight_hh_l0": torch.ones(1).expand(3, 10**9),
            "regressor.fc2.weight": wide,
        }
    }
    hostile = [
        saved({"gen_state_dict": each}, new_format)
        for new_format in (True, False)
        for each in (
            _Call(bytearray, 1 << 34),
            _Call(print, "a"),
            _Call(eval, "1"),
            {"a": wide},
            {"a": [1]},
            {"a" * 70_000: 1},
            wide,
        )
    ] + [saved(sizes, True), saved(sizes, False)]
    hostile += [
        bomb("archive/data.pkl", b"\x80\x02}.", 1 << 29),
        lying(samples[0], 1 << 31),
        lying(samples[0], 3, 3),
    ]

    def read(case: Path) -> None:
        path = case / "some.pth.tar"
        for name, tensor in read_pth_tar(path, "gen_state_dict").items():
            assert isinstance(tensor, torch.Tensor), name
        load_checkpoint(path)

    return Surface(
        "pth_tar",
        read,
        [{"some.pth.tar": sample} for sample in samples],
        [{"some.pth.tar": attack} for attack in [*hostile, *pickles()]],
        (TcmrError,),
        (damaged_checkpoint,),
    )


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "safetensors": _safetensors,
    "landmark_weights": _landmark_weights,
    "ablation": _ablation,
    "pth_tar": _pth_tar,
}
