"""Weights for BlazePose's landmark network in the place of its own, trained further on rendered pictures.

`train/landmark_stage.py` makes them; the open ones ship with the package.
"""

from pathlib import Path

from tcmr.errors import TcmrError
from tcmr.features.blazepose_model import with_weights
from tcmr.tensors import read_metadata, read_safetensors

FORMAT = "tcmr landmark weights 1"
OPEN, OWN = "open", "blazepose"


def weights_named(name: str) -> Path | None:
    """Return the file of weights that a user names: the open ones, or their path; None are BlazePose's own."""
    if name == OWN:
        return None
    return Path(__file__).with_name("open_landmarks.safetensors") if name == OPEN else Path(name)


def tuned_model(content: bytes, path: Path) -> bytes:
    """Return BlazePose's model with the weights of a file in the place of its own.

    Raises:
        TcmrError: the file is missing, damaged or of another kind.
    """
    if read_metadata(path).get("format") != FORMAT:
        raise TcmrError(
            f"{path} holds no landmark weights; `tcmr train configs/open_landmarks.toml` makes such a file"
        )
    weights = {name: tensor.half() for name, tensor in read_safetensors(path).items()}
    faulty = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    if faulty:
        raise TcmrError(f"the weights {path} cannot be used: {faulty[0]} is not finite")
    try:
        return with_weights(content, {name: tensor.numpy() for name, tensor in weights.items()})
    except TcmrError as error:
        raise TcmrError(f"the weights {path} cannot be used: {error}") from error
