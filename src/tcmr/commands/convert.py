"""`tcmr convert`: released files into this package's own."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import OmitSubcommandPrefixes, Positional, arg, subcommand

from tcmr.commands.convert_dataset import Dataset
from tcmr.commands.convert_motion import CapturedMotion
from tcmr.data.released.convert import convert_database
from tcmr.data.released.kinds import KindName
from tcmr.model.checkpoint import convert_checkpoint
from tcmr.result import make_folder
from tcmr.stages import Stages


@dataclass(frozen=True)
class Checkpoint:
    """An authors' TCMR (.pth.tar) becomes a .safetensors that says where it comes from."""

    source: Positional[Path]
    """The released file."""

    output: Positional[Path]
    """The file to write."""

    def convert(self) -> None:
        """Write the file."""
        make_folder(self.output.parent)
        convert_checkpoint(self.source, self.output)
        print(f"{self.source} written to {self.output}")


@dataclass(frozen=True)
class Database:
    """A released preprocessed database becomes a feature store, to train and to test on; see docs/databases.md."""

    source: Positional[Path]
    """The released file: joblib's .pt, or InstaVariety's .h5."""

    kind: KindName
    """Which database it is."""

    output: Annotated[Path, arg(aliases=["-o"])]
    """The folder to write."""

    only: Annotated[str | None, arg(metavar="REGEX")] = None
    """Take only the videos in whose names this is found."""

    without: Annotated[str | None, arg(metavar="REGEX")] = None
    """Leave out the videos in whose names this is found."""

    def convert(self) -> None:
        """Write the store."""
        made = convert_database(
            self.source, self.kind, self.output, self.only, self.without, Stages(show=True)
        )
        about = made.store.describe()
        print(
            f"{self.source} written to {self.output}: {about['frames']} frames of {made.videos} videos in "
            f"{about['sequences']} sequences, with {', '.join(about['fields'])}"
        )
        if made.without_box:
            print(f"note: {made.without_box} frames have no box: their keypoints do not count")


What = (
    Annotated[Checkpoint, subcommand("checkpoint", prefix_name=False)]
    | Annotated[Database, subcommand("database", prefix_name=False)]
    | Annotated[Dataset, subcommand("dataset", prefix_name=False)]
    | Annotated[CapturedMotion, subcommand("motion", prefix_name=False)]
)


def main(what: OmitSubcommandPrefixes[What]) -> None:
    """Turn released files, raw databases and captured motion into this package's own, strictly.

    Args:
        what: The kind of file.
    """
    what.convert()
