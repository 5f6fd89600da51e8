"""`tcmr convert motion`: captured motion into the file that rendering and training read."""

from dataclasses import dataclass
from pathlib import Path

from tyro.conf import Positional

from tcmr.body.load import load_body
from tcmr.data.sources.motion import (
    HeldOut,
    motion_files,
    read_takes,
    write_motion_file,
    write_pose_store,
)
from tcmr.errors import TcmrError
from tcmr.requirements import require_above_zero
from tcmr.result import make_folder
from tcmr.stages import Stages

STORE_FPS = 30.0


@dataclass(frozen=True)
class CapturedMotion:
    """Captured motion (AMASS .npz, CMU .bvh; a file or a folder) becomes a motion file; see docs/datasets.md."""

    source: Positional[Path]
    """A file, or a folder with files in folders of their subjects."""

    output: Positional[Path]
    """The file to write (.npz, for `tcmr synth` and `tcmr train`); without .npz, a feature store of poses."""

    val: tuple[str, ...] = ()
    """Subjects held out for validation; with neither this nor --test, of ten or more about a tenth each."""

    test: tuple[str, ...] = ()
    """Subjects held out for testing."""

    body: Path | None = None
    """SMPL file or folder, to place AMASS's bodies by their own shapes."""

    fps: float | None = None
    """Frames a second of a feature store, 30 by default; motion files have 60."""

    def convert(self) -> None:
        """Write the file or the store."""
        self._check()
        make_folder(self.output.parent)
        takes = Stages(show=True).progress(
            "reading takes",
            read_takes(self.source, load_body(self.body) if self.body else None),
            len(motion_files(self.source)),
            unit="takes",
        )
        if self.output.suffix == ".npz":
            print(f"{self.output}: {write_motion_file(self.output, takes, HeldOut(self.val, self.test))}")
        else:
            store = write_pose_store(self.output, takes, self.fps or STORE_FPS)
            print(f"{self.output}: {store.describe()['frames']} poses")

    def _check(self) -> None:
        if self.fps is not None and self.output.suffix == ".npz":
            raise TcmrError(
                "--fps is for a feature store, and motion files have 60 frames a second; leave it out"
            )
        require_above_zero("--fps", self.fps)
        if (self.val or self.test) and self.output.suffix != ".npz":
            raise TcmrError(
                f"--val and --test are for a motion file (.npz), and {self.output} is to be a feature store; "
                "leave them out"
            )
