"""Read one person's static features: .npy, .npz, or pickled as the released demo would save them."""

import io
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped

from tcmr.arrays import names_in_npz, read_npy, read_npz
from tcmr.errors import TcmrError
from tcmr.pickles.read import read_pickle
from tcmr.torch_files import load_torch
from tcmr.types import Features

_STATIC = ("static", "features")
_FRAMES = ("frames", "frame_ids")
_FPS = ("fps", "mocap_framerate")


def _storage(content: bytes) -> torch.UntypedStorage | torch.TypedStorage:
    storage = load_torch(io.BytesIO(content), len(content))
    if not isinstance(storage, torch.UntypedStorage | torch.TypedStorage):
        raise ValueError(f"a {type(storage).__name__} where the numbers of a tensor should be")
    return storage


def _tensor(storage: torch.TypedStorage, offset: int, size: Any, stride: Any, *more: Any) -> torch.Tensor:
    """Build a tensor, as `torch._utils._rebuild_tensor_v2` does, of no more numbers than its storage has."""
    numbers = torch.tensor([], dtype=storage.dtype).set_(storage)
    if not 0 <= offset <= offset + math.prod(size) <= len(numbers):
        raise ValueError(f"a tensor of {size} in a storage of {len(numbers)}")
    return numbers.as_strided(size, stride, offset).clone()


# The released demo's features are tensors of torch, which keep their numbers in a checkpoint within the pickle.
_TORCH = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch.storage", "_load_from_bytes"): _storage,
}


@dataclass(frozen=True)
class FeatureFile:
    """One person's static features, and what else a file says: the rate (None if it does not), who it is."""

    features: Features
    fps: float | None
    person: int


def load_features(path: str | Path, person: int | None = None) -> FeatureFile:
    """Read one person's static features; docs/features_and_weights.md has the kinds of file and their keys.

    `person` chooses among several, by the number that the file gives them.

    Raises:
        TcmrError: the file is missing, damaged or unsafe, has no features or those of several persons, or its
            frames or boxes do not fit them; or `person` is given for a file of one.
    """
    path = Path(path)
    readers: dict[str, Callable[[Path], Mapping[Any, Any]]] = {".npy": _read_npy, ".npz": _read_npz}
    content = _of_person(readers.get(path.suffix, _read_pickle)(path), person, path)
    found = _first(content, _STATIC)
    if found is None:
        raise TcmrError(
            f"{path} has no static features, only {', '.join(map(str, content))}; {_remedy(content)}"
        )
    static = _numbers(found, "static features", path)
    if static.ndim != 2 or len(static) == 0:
        raise TcmrError(
            f"the static features in {path} must be [frames, size], of one person, not {list(static.shape)}"
        )
    with np.errstate(over="ignore"):
        static = static.astype(np.float32)
    if static.shape[1] == 0 or not np.isfinite(static).all():
        raise TcmrError(f"the static features in {path} are none, or not all finite")
    features = Features(static, _frames(content, len(static), path), _boxes(content, len(static), path))
    return FeatureFile(features, _fps(content, path), _person(content, path))


def _read_npy(path: Path) -> dict[str, Any]:
    try:
        return {_STATIC[0]: read_npy(path)}
    except (OSError, ValueError) as error:
        raise TcmrError(f"{path} is not an .npy file of numbers: {error}") from error


def _read_npz(path: Path) -> dict[str, Any]:
    known = (*_STATIC, *_FRAMES, *_FPS, "boxes", "bboxes", "person")
    try:
        return {**dict.fromkeys(names_in_npz(path)), **read_npz(path, known.__contains__)}
    except (OSError, ValueError) as error:
        raise TcmrError(f"{path} is not an .npz file of numbers: {error}") from error


def _read_pickle(path: Path) -> Mapping[Any, Any]:
    content = read_pickle(path, _TORCH)
    if isinstance(content, np.ndarray | torch.Tensor):
        return {_STATIC[0]: content}
    if not isinstance(content, Mapping):
        raise TcmrError(
            f"{path} holds a {type(content).__name__}, neither features nor a dictionary with them"
        )
    return content


def _of_person(content: Mapping[Any, Any], person: int | None, path: Path) -> Mapping[Any, Any]:
    """Return the entries of one person: the only one, or the one asked for."""
    if not content or not all(isinstance(entries, Mapping) for entries in content.values()):
        if person is not None:
            raise TcmrError(f"{path} holds one person, and --person chooses among several; leave it out")
        return content
    persons = {str(key): entries for key, entries in content.items()}
    if person is None and len(persons) > 1:
        raise TcmrError(f"{path} has several persons ({', '.join(persons)}); choose one with --person")
    chosen = next(iter(persons)) if person is None else str(person)
    if chosen not in persons:
        raise TcmrError(f"{path} has no person {chosen}; it has {', '.join(persons)}")
    return {"person": chosen if chosen.isdecimal() else 0, **persons[chosen]}


def _remedy(content: Mapping[Any, Any]) -> str:
    if "pred_cam" in content:
        return "the released demo leaves them out: add 'features': feature_list to the output_dict in its demo.py"
    return f"give an array [frames, size] under {' or '.join(map(repr, _STATIC))}"


def _first(content: Mapping[Any, Any], names: tuple[str, ...]) -> Any:
    return next((content[name] for name in names if content.get(name) is not None), None)


def _numbers(value: Any, what: str, path: Path) -> Shaped[np.ndarray, "..."]:
    # Lists within lists may be each other's parts, and without end when they are written out.
    plain = isinstance(value, int | float) or (
        isinstance(value, list | tuple) and all(isinstance(each, int | float) for each in value)
    )
    if not plain and not isinstance(value, np.ndarray | np.generic | torch.Tensor):
        raise TcmrError(f"the {what} in {path} must be an array, not a {type(value).__name__}")
    array = np.asarray(value)
    if array.dtype.kind not in "fiu":
        raise TcmrError(f"the {what} in {path} must be numbers, not {array.dtype}")
    return array


def _frames(content: Mapping[Any, Any], count: int, path: Path) -> Shaped[np.ndarray, " frames"]:
    """Return the frame of each feature: consecutive from 0 where the file does not say."""
    found = _first(content, _FRAMES)
    if found is None:
        return np.arange(count)
    frames = _numbers(found, "frames", path)
    if frames.shape != (count,) or frames.dtype.kind == "f" or (np.diff(frames.astype(np.int64)) <= 0).any():
        raise TcmrError(f"the frames in {path} must be {count} ascending integers, one for each feature")
    return frames.astype(np.int64)


def _boxes(content: Mapping[Any, Any], count: int, path: Path) -> Shaped[np.ndarray, "frames 4"] | None:
    """Return the crops' corners: `boxes` as they are, the demo's `bboxes` from centre, width and height."""
    found = _first(content, ("boxes", "bboxes"))
    if found is None:
        return None
    boxes = _numbers(found, "boxes", path).astype(np.float32)
    if boxes.shape != (count, 4):
        raise TcmrError(
            f"the boxes in {path} must be [{count}, 4], one for each feature, not {list(boxes.shape)}"
        )
    if content.get("boxes") is not None:
        return boxes
    center, half = boxes[:, :2], boxes[:, 2:] / 2
    return np.concatenate([center - half, center + half], axis=1)


def _fps(content: Mapping[Any, Any], path: Path) -> float | None:
    found = _first(content, _FPS)
    if found is None:
        return None
    fps = _numbers(found, "frame rate", path)
    if fps.size != 1 or not 0 < fps < np.inf:
        raise TcmrError(f"the frame rate in {path} must be one number above 0")
    return float(fps.item())


def _person(content: Mapping[Any, Any], path: Path) -> int:
    found = content.get("person")
    if found is None:
        return 0
    person = _numbers(int(found) if isinstance(found, str) else found, "person", path)
    if person.size != 1 or person.dtype.kind == "f":
        raise TcmrError(f"the person in {path} must be one whole number")
    return int(person.item())
