"""`tcmr predict`: static features in, motion out."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from tcmr.device import checked_device
from tcmr.errors import TcmrError
from tcmr.files import is_same_file
from tcmr.model.feature_files import load_features
from tcmr.model.predictor import load_model
from tcmr.model.windows import Edges
from tcmr.requirements import require_above_zero
from tcmr.result import make_folder
from tcmr.smooth.motion import Smooth, smoothed


def main(
    features: Positional[Path],
    output: Annotated[Path, arg(aliases=["-o"])],
    weights: str = "open",
    body: str = "open",
    edges: Edges = "reflect",
    smooth: Smooth = "none",
    fps: float | None = None,
    person: int | None = None,
    device: str = "cpu",
) -> None:
    """Turn one person's static features into motion; needs no video.

    Args:
        features: An .npy file [frames, size] of consecutive frames, an .npz as `tcmr features` writes it, or a pickle
            of the released demo with the features in it.
        output: The .npz file to write.
        weights: Temporal model: "open", a .safetensors of this package, or an authors' checkpoint (.pth.tar).
        body: Body: "open", a SMPL file, or a folder that holds one; authors' checkpoints need SMPL.
        edges: What a window sees beyond the ends of a clip: the clip mirrored ("reflect"), its end frame repeated
            ("hold"), nothing ("cut"), or instead of all else its target frame repeated ("static").
        smooth: Post-filter on the rotations.
        fps: Frames per second; by default what the file of features says, else 30.
        person: Which person of a pickle that holds several.
        device: Where the networks run: "cpu", "cuda", "cuda:1", "mps".
    """
    require_above_zero("fps", fps)
    if any(is_same_file(output, Path(source)) for source in (features, weights, body)):
        raise TcmrError(f"{output} would be written over itself; choose another file with -o")
    if output.is_dir():
        raise TcmrError(f"{output} is a folder; name the file to write with -o, as {output / 'motion.npz'}")
    make_folder(output.parent)
    given = load_features(features, person)
    rate = fps or given.fps or 30.0
    model = load_model(weights, body, checked_device(device))
    motion = smoothed(model.predict(given.features, rate, edges), smooth, model.body)
    replace(motion, person=given.person).save(output)
    print(f"{len(motion)} frames written to {output}")
