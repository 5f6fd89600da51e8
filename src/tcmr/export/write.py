"""Motions to a file of another format: the body made sure of, one shape for a person, a place in the world."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from tcmr.body import BodyModel
from tcmr.body.own_body import own_body
from tcmr.errors import TcmrError
from tcmr.export.animation import Animation
from tcmr.export.bvh import write_bvh
from tcmr.export.gltf import write_glb
from tcmr.export.joints_csv import write_csv
from tcmr.export.npz_amass import write_npz
from tcmr.export.smpl_file import write_smpl
from tcmr.export.trc import write_trc
from tcmr.export.usd import write_usd
from tcmr.requirements import require_one_of
from tcmr.types import Motion
from tcmr.world.place import Placed, Placing
from tcmr.world.place import place as placed
from tcmr.world.shape import with_one_shape

Shape = Literal["per-person", "per-frame"]


@dataclass(frozen=True)
class Format:
    """A file format: its writer, and whether it holds several persons, and a shape that changes."""

    write: Callable[[list[Animation], Path], None]
    several_persons: bool = False
    changing_shape: bool = False


FORMATS = {
    "npz": Format(write_npz, changing_shape=True),
    "glb": Format(write_glb, several_persons=True),
    "bvh": Format(write_bvh),
    "usd": Format(write_usd, several_persons=True),
    "smpl": Format(write_smpl),
    "csv": Format(write_csv, changing_shape=True),
    "trc": Format(write_trc, changing_shape=True),
}


def format_named(name: str, shape: Shape = "per-person") -> Format:
    """Return a format that can hold what is asked for.

    Raises:
        TcmrError: there is no such format, or it holds one shape only.
    """
    if name not in FORMATS:
        raise TcmrError(f"there is no format '{name}'; there are: {', '.join(FORMATS)}")
    if shape == "per-frame" and not FORMATS[name].changing_shape:
        changing = [other for other, each in FORMATS.items() if each.changing_shape]
        raise TcmrError(
            f"{name} holds one shape for each person; leave out --shape per-frame, or use {', '.join(changing)}"
        )
    return FORMATS[name]


def export_motions(
    motions: Motion | Sequence[Motion],
    path: str | Path,
    *,
    shape: Shape = "per-person",
    place: Placing = "camera",
    body: str | Path | BodyModel = "open",
) -> None:
    """Write motions in the format that the path's ending names: npz, glb, bvh, usd, smpl, csv, trc.

    Several persons of a clip go into one .glb or .usd; the other formats hold one. docs/exports.md has units and axes.

    Raises:
        TcmrError: a choice or the format is unknown, the format cannot hold this, the motions are not of one
            clip's persons, the body is another than the motions', or the file cannot be written.
    """
    require_one_of("shape", shape, Shape)
    require_one_of("place", place, Placing)
    path = Path(path)
    motions = [motions] if isinstance(motions, Motion) else list(motions)
    known = format_named(path.suffix.removeprefix(".").lower(), shape)
    if not motions or (len(motions) > 1 and not known.several_persons):
        raise TcmrError(f"{path}: a {path.suffix} holds one person, {len(motions)} were given")
    if len({motion.person for motion in motions}) < len(motions):
        raise TcmrError(
            f"{path}: two motions are of the same person; give each its own (replace(motion, person=2))"
        )
    if len({motion.fps for motion in motions}) > 1:
        raise TcmrError(f"{path}: the motions differ in frames per second; write each into its own file")
    body = own_body(motions, body).to("cpu")  # where the motions' numbers are
    write_motions(prepared(motions, shape, place, body).motions, path, known, body)


def prepared(motions: Sequence[Motion], shape: Shape, place: Placing, body: BodyModel) -> Placed:
    """Give the persons of one clip the shape and the place that they are to be written with."""
    if shape == "per-person":
        motions = [with_one_shape(motion, body) for motion in motions]
    return placed(motions, place, body)


def write_motions(motions: Sequence[Motion], path: Path, known: Format, body: BodyModel) -> None:
    """Write motions as they are; the file is there whole or not at all.

    Raises:
        TcmrError: it cannot be written.
    """
    animations = [Animation.of(motion, body, f"person-{motion.person}") for motion in motions]
    if not path.parent.is_dir():
        raise TcmrError(f"cannot write {path}: there is no folder {path.parent}")
    try:
        # The name may be as long as names can be; some writers go by its ending.
        with TemporaryDirectory(prefix=".partial-", dir=path.parent) as folder:
            partial = Path(folder) / f"motions{path.suffix}"
            known.write(animations, partial)
            os.replace(partial, path)
    except OSError as error:
        raise TcmrError(f"cannot write {path}: {error.strerror or error}") from error
