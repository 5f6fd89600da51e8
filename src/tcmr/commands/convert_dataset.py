"""`tcmr convert dataset`: raw labelled videos into a feature store."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from tcmr.body.load import load_body
from tcmr.data.sources import mpii3d, threedpw
from tcmr.data.sources.described import SpinDescriber
from tcmr.data.sources.labelled import LabelledClip, write_store
from tcmr.data.sources.own import read_own
from tcmr.errors import TcmrError
from tcmr.features.occlusion import Occluders, Occlusion
from tcmr.loading import load_spin_backbone
from tcmr.options import Options
from tcmr.requirements import require_above_zero
from tcmr.result import make_folder
from tcmr.stages import Stages


@dataclass(frozen=True)
class Dataset:
    """Raw 3DPW, raw MPI-INF-3DHP or your own labelled videos become a feature store; see docs/datasets.md."""

    source: Positional[Path]
    """The database's folder as published; for "own" a folder with an .npz file for each person."""

    kind: Literal["3dpw", "mpii3d", "own"]
    """Which database it is."""

    output: Annotated[Path, arg(aliases=["-o"])]
    """The folder to write."""

    split: Literal["train", "validation", "test"] = "train"
    """Which part of 3DPW (all three) or MPI-INF-3DHP (train, test)."""

    body: str | None = None
    """SMPL file or folder, on which 3DPW's poses are posed; for "own" the body of the labels ("open")."""

    features: Literal["spin", "none"] = "spin"
    """SPIN's features of the pictures, or labels alone."""

    spin: str | None = None
    """SPIN's checkpoint; default: the one in the body's folder, else the one that was added to the assets."""

    scale: Annotated[float | None, arg(metavar="FLOAT")] = None
    """How much larger than a person's box the crop is; default: 1.3 for 3DPW, else 1.2."""

    occluders: Path | None = None
    """Pascal VOC's folder VOC2012, to paste its things over the crops."""

    seed: int = 0
    """What the things are drawn from."""

    device: str = "cpu"
    """Where SPIN runs: "cpu", "cuda", "cuda:1", "mps"."""

    def convert(self) -> None:
        """Write the store."""
        make_folder(self.output.parent)
        clips = self._clips()
        describe, made_by = None, ""
        if self.features == "spin":
            backbone, name = load_spin_backbone(
                Options(spin=self.spin, body=self.body or "open", device=self.device)
            )
            occlusion = Occlusion(Occluders.of_voc(self.occluders), self.seed) if self.occluders else None
            describe = SpinDescriber(backbone, Stages(show=True), occlusion)
            made_by = f"{name} {self.source} {self.scale} {self.occluders} {self.seed}"
        elif self.occluders is not None:
            raise TcmrError("--occluders is for features of pictures; there are none with --features none")
        database = None if self.kind == "own" else self.kind
        about = write_store(self.output, clips, database, describe, made_by).describe()
        print(
            f"{self.source} written to {self.output}: {about['frames']} frames in {about['sequences']} sequences, "
            f"with {', '.join(about['fields'])}"
        )

    def _clips(self) -> Iterator[LabelledClip]:
        require_above_zero("--scale", self.scale)
        scale: dict[str, float] = {} if self.scale is None else {"crop_scale": self.scale}
        if self.kind == "own":
            return read_own(self.source, load_body(self.body or "open"), **scale)
        if self.kind == "mpii3d":
            if self.split == "validation":
                raise TcmrError("MPI-INF-3DHP has the splits train and test")
            return mpii3d.read_mpii3d(self.source, self.split, **scale)
        if self.body is None or self.body == "open":
            raise TcmrError("3DPW's poses are SMPL's: give the folder of SMPL_NEUTRAL.pkl with --body")
        return threedpw.read_3dpw(self.source, self.split, load_body(self.body), **scale)
