"""`tcmr predict`: static features in, motion out."""

from pathlib import Path
from typing import Annotated

import numpy as np
from jaxtyping import Float32
from tyro.conf import Positional, arg

from tcmr.device import checked_device
from tcmr.errors import TcmrError
from tcmr.model.predictor import load_model
from tcmr.model.windows import Edges
from tcmr.result import make_folder
from tcmr.smooth.motion import Smooth, smoothed


def main(
    features: Positional[Path],
    output: Annotated[Path, arg(aliases=["-o"])],
    weights: str = "open",
    body: str = "open",
    edges: Edges = "reflect",
    smooth: Smooth = "none",
    fps: float = 30.0,
    device: str = "cpu",
) -> None:
    """Turn one person's static features into motion; needs no video.

    Args:
        features: An .npy file [frames, size] of consecutive frames.
        output: The .npz file to write.
        weights: Temporal model: "open", or a file of weights.
        body: Body: "open", a SMPL file, or a folder that holds one.
        edges: What a window sees beyond the ends: the clip mirrored, or its target frame repeated.
        smooth: Post-filter on the rotations.
        fps: Frames per second.
        device: Where the networks run: "cpu", "cuda", "cuda:1", "mps".
    """
    if not fps > 0:
        raise TcmrError(f"fps must be above 0, not {fps}")
    make_folder(output.parent)
    static = read_features(features)
    model = load_model(weights, body, checked_device(device))
    motion = smoothed(model.predict(static, fps, edges), smooth, model.body)
    try:
        motion.save(output)
    except OSError as error:
        raise TcmrError(f"cannot write {output}: {error.strerror}") from error
    print(f"{len(motion)} frames written to {output}")


def read_features(path: Path) -> Float32[np.ndarray, "..."]:
    """Read an .npy file of numbers.

    Raises:
        TcmrError: it is missing or is no such file.
    """
    try:
        with path.open("rb") as file:
            return np.lib.format.read_array(file, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError, EOFError) as error:
        raise TcmrError(f"{path} is not an .npy file of numbers: {error}") from error
