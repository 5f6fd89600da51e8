"""`tcmr export`: motions in other programs' formats."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from tcmr.batch.manifest import MANIFEST_FILE
from tcmr.body.own_body import own_body
from tcmr.camera import CameraMovement
from tcmr.commands.summary import print_warnings
from tcmr.errors import TcmrError
from tcmr.export.saved import NoPersons, Saved
from tcmr.export.write import FORMATS, Shape, format_named, prepared, write_motions
from tcmr.files import is_same_file
from tcmr.result import RESULT_FILE, make_folder
from tcmr.types import Motion
from tcmr.world.place import Placing

Person = int | Literal["all"]

MOST_BLIND = 0.1  # of the frames, until it is said


def main(
    results: Positional[tuple[Path, ...]],
    to: Annotated[str, arg(metavar="{" + ",".join(FORMATS) + "}")],
    output: Annotated[Path, arg(aliases=["-o"])],
    person: Person = "all",
    shape: Shape = "per-person",
    place: Placing = "camera",
    body: str = "open",
) -> None:
    """Write motions for Blender, game engines, OpenSim and others; see docs/exports.md.

    Args:
        results: Result folders of `tcmr run`, or files person-<id>.npz.
        to: Format; glb and usd take all persons of a result in one file.
        output: Folder for the files.
        person: Only this person, by id.
        shape: The person's median shape in every frame, or each frame's own (npz, csv, trc).
        place: As estimated ("camera"), or, if the camera stayed where it was: the path smoothed ("smooth"), also
            upright and on the floor ("level"), also with feet that stand still ("ground").
        body: Body that the motions were made with: "open", a SMPL file, or a folder that holds one.
    """
    if not results:
        raise TcmrError("no result is named; give at least one")
    known = format_named(to, shape)
    opened = open_results(results)
    model = own_body([motion for saved in opened for motion in saved.motions], body)
    files = [files_to_write(saved, output, to, person, known.several_persons) for saved in opened]
    check_files(opened, files)
    make_folder(output)
    print_warnings(filter(None, map(uneven, opened)))
    if place != "camera":
        print_warnings(doubt for saved in opened for doubt in doubts(saved))
    for saved, named in zip(opened, files, strict=True):
        placed = prepared(saved.motions, shape, place, model)
        for report in placed.reports:
            print(f"{saved.name}: {report}")
        for file, persons in named.items():
            motions = [motion for motion in placed.motions if motion.person in persons]
            write_motions(motions, file, known, model)
            print(f"{file}: {'; '.join(map(described, motions))}")


def open_results(paths: Sequence[Path]) -> list[Saved]:
    """Read results; those with nobody, and a batch's manifest, are left out with a warning.

    Raises:
        TcmrError: one cannot be read, or none is left.
    """
    opened, left_out = [], []
    for path in paths:
        if path.name == MANIFEST_FILE:
            left_out.append(f"{path} is a batch's manifest, no result")
            continue
        try:
            opened.append(Saved.open(path))
        except NoPersons as error:
            left_out.append(str(error))
    if not opened:
        raise TcmrError("; ".join(left_out))
    print_warnings(f"{reason}; left out" for reason in left_out)
    return opened


def uneven(saved: Saved) -> str | None:
    """Say that the times in the files are not the video's; None where they are, to a frame."""
    if saved.unevenness_s * saved.motions[0].fps <= 1:
        return None
    return (
        f"{saved.name}: its frames do not come evenly; times in the files, at the mean rate, are up to "
        f"{saved.unevenness_s:.2f} s off; true ones are timestamps_s in {saved.files[0].parent / RESULT_FILE}"
    )


def doubts(saved: Saved) -> Iterator[str]:
    """Say why it is doubtful how the camera turned, where it is."""
    if saved.unexplained > CameraMovement.MOST_UNEXPLAINED:
        yield (
            f"{saved.name}: the background moves otherwise than before a camera that only turns: it is carried or "
            "zooms, or much else moves; where people are placed is rough"
        )
    if saved.blind > MOST_BLIND:
        yield (
            f"{saved.name}: in {saved.blind:.0%} of the frames there is too little background to tell how the camera "
            "turns; there it is taken not to"
        )


def files_to_write(
    saved: Saved, output: Path, suffix: str, person: Person, several_persons: bool
) -> dict[Path, list[int]]:
    """Name the files of a result, and the persons who go into each.

    Raises:
        TcmrError: there is no such person.
    """
    persons = [motion.person for motion in saved.motions]
    if person != "all" and person not in persons:
        raise TcmrError(
            f"{saved.name}: there is no person {person}; there are: {', '.join(map(str, persons))}"
        )
    if saved.one_file or (several_persons and person == "all"):
        return {output / f"{saved.name}.{suffix}": persons}
    chosen = persons if person == "all" else [person]
    return {output / f"{saved.name}-person-{each}.{suffix}": [each] for each in chosen}


def check_files(opened: list[Saved], files: list[dict[Path, list[int]]]) -> None:
    """Make sure that nothing is written twice, or over what it is made of.

    Raises:
        TcmrError: something would be.
    """
    names = [file for named in files for file in named]
    for file in names:
        if names.count(file) > 1:
            raise TcmrError(f"two results would both be written to {file}; export them apart")
        if any(is_same_file(file, source) for saved in opened for source in saved.files):
            raise TcmrError(f"{file} would be written over itself; choose another folder with -o")


def described(motion: Motion) -> str:
    """Say which frames a file holds, and how many of them had to be filled in."""
    first, last = motion.frames[[0, -1]].tolist()
    unseen = last - first + 1 - len(motion)
    filled = f", {unseen} of them not seen and interpolated" if unseen else ""
    return f"person {motion.person}, frames {first}-{last}{filled}"
