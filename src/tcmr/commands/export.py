"""`tcmr export`: motions in other programs' formats."""

from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from tcmr.body import load_body
from tcmr.errors import TcmrError
from tcmr.export.saved import Saved
from tcmr.export.write import FORMATS, Shape, export_motions, format_named
from tcmr.result import make_folder
from tcmr.types import Motion


def main(
    results: Positional[tuple[Path, ...]],
    to: Annotated[str, arg(metavar="{" + ",".join(FORMATS) + "}")],
    output: Annotated[Path, arg(aliases=["-o"])],
    person: int | Literal["all"] = "all",
    shape: Shape = "per-person",
    body: str = "open",
) -> None:
    """Write motions for Blender, game engines, OpenSim and others; see docs/exports.md.

    Args:
        results: Result folders of `tcmr run`, or files person-<id>.npz.
        to: Format; glb and usd take all persons of a result in one file.
        output: Folder for the files.
        person: Only this person, by id.
        shape: The person's median shape in every frame, or each frame's own (npz, csv, trc).
        body: Body that the motions were made with: "open", a SMPL file, or a folder that holds one.
    """
    if not results:
        raise TcmrError("no result is named; give at least one")
    together = format_named(to, shape).several_persons and person == "all"
    targets: dict[Path, list[Motion]] = {}
    for path in results:
        saved = Saved.open(path).only(person)
        for target, motions in files_to_write(saved, output, to, together).items():
            if target in targets:
                raise TcmrError(f"two results would both be written to {target}; export them apart")
            if any(target.exists() and target.samefile(file) for file in saved.files):
                raise TcmrError(f"{target} would be written over itself; choose another folder with -o")
            targets[target] = motions
    make_folder(output)
    loaded = load_body(body)
    for target, motions in targets.items():
        export_motions(motions, target, shape=shape, body=loaded)
        print(f"{target}: {'; '.join(map(described, motions))}")


def files_to_write(saved: Saved, output: Path, suffix: str, together: bool) -> dict[Path, list[Motion]]:
    """Name the files of a result, and who goes into each."""
    if together or saved.one_file:
        return {output / f"{saved.name}.{suffix}": saved.motions}
    return {output / f"{saved.name}-person-{motion.person}.{suffix}": [motion] for motion in saved.motions}


def described(motion: Motion) -> str:
    """Say which frames a file holds, and how many of them had to be filled in."""
    first, last = motion.frames[[0, -1]].tolist()
    unseen = last - first + 1 - len(motion)
    filled = f", {unseen} of them not seen and interpolated" if unseen else ""
    return f"person {motion.person}, frames {first}-{last}{filled}"
