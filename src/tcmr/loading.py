"""The models of a run: which there are, and how they are chosen and loaded."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tcmr.assets import fetch
from tcmr.body import BodyModel
from tcmr.device import checked_device
from tcmr.errors import TcmrError
from tcmr.features.backbone import Backbone, LandmarkBackbone
from tcmr.features.blazepose import THREADS, BlazePose
from tcmr.features.resnet50 import FEATURE_SIZE
from tcmr.features.spin_backbone import SpinBackbone
from tcmr.features.tuned import weights_named
from tcmr.files import file_sha256
from tcmr.model.checkpoint import is_checkpoint
from tcmr.model.per_frame import FramePredictor, frame_predictor_of
from tcmr.model.predictor import Predictor, load_model, predictor_of
from tcmr.model.spin import Spin, load_spin
from tcmr.model.weights import OpenModel, load_open_model
from tcmr.options import Options
from tcmr.people.choose import available_detector
from tcmr.people.detect import Detector
from tcmr.people.reader import Landmarker

SPIN_FILE = "spin_model_checkpoint.pth.tar"


@dataclass(frozen=True, kw_only=True)
class Observers:
    """What finds people in frames and describes them: all that static features need.

    `described_by` and `read_by` are the names and hashes of the files that the backbone and the landmarker's weights
    were read from.
    """

    detector: Detector
    landmarker: Landmarker
    backbone: Backbone
    described_by: str
    read_by: str
    warnings: tuple[str, ...] = ()

    @staticmethod
    def load(options: Options, threads: int | None = None) -> "Observers":
        """Load them as the options say; the temporal model and the body are not looked at.

        Networks that read pictures have no more than so many threads, None: as many as help one video.
        """
        device = checked_device(options.device)
        if options.backbone == "spin" or _of_the_paper(options):
            path = _spin_file(options)
            return Observers(
                **_described_by_spin(load_spin(path), path, device, threads),
                **_people_finders(options, threads),
            )
        return Observers(
            **_described_by_landmarks(load_open_model(options.weights), options, device),
            **_people_finders(options, threads),
        )


@dataclass(frozen=True, kw_only=True)
class Models(Observers):
    """Everything that is loaded once and used for any number of videos."""

    predictor: Predictor | FramePredictor

    @staticmethod
    def load(options: Options, threads: int | None = None) -> "Models":
        """Load the models that the options name; outside files are fetched on first use.

        Networks that read pictures have no more than so many threads, None: as many as help one video.

        Raises:
            TcmrError: a file cannot be had or used, or the weights were not trained on that backbone's features.
        """
        device = checked_device(options.device)
        if _of_the_paper(options):
            return _paper_models(options, device, threads)
        if options.backbone == "spin":
            raise TcmrError(
                f"the weights {options.weights} were not trained on SPIN's features; give an authors' checkpoint "
                "(--weights CHECKPOINT --body SMPL_FOLDER), or leave --backbone out"
            )
        open_model = load_open_model(options.weights)
        chosen = predictor_of if options.temporal == "on" else frame_predictor_of
        return Models(
            predictor=chosen(open_model, options.body, device),
            **_described_by_landmarks(open_model, options, device),
            **_people_finders(options, threads),
        )

    @property
    def body(self) -> BodyModel:
        """The body that motions are for."""
        return self.predictor.body


def load_spin_backbone(options: Options) -> tuple[SpinBackbone, str]:
    """Load SPIN's backbone alone, where people's places are known; with it the name and hash of its file.

    Raises:
        TcmrError: its checkpoint cannot be had or used.
    """
    path = _spin_file(options)
    described = _described_by_spin(load_spin(path), path, checked_device(options.device))
    return described["backbone"], described["described_by"]


def _paper_models(options: Options, device: str, threads: int | None) -> Models:
    if options.backbone == "landmarks":
        raise TcmrError(
            f"the weights {options.weights} were trained on SPIN's features, not on landmarks; "
            "give --backbone spin, or leave it out"
        )
    predictor = load_model(options.weights, options.body, device)
    size = predictor.tcmr.config.feature_size
    if size != FEATURE_SIZE:
        raise TcmrError(
            f"the weights {options.weights} take features of {size} numbers, SPIN gives {FEATURE_SIZE}"
        )
    path = _spin_file(options)
    spin = load_spin(path)
    described = _described_by_spin(spin, path, device, threads)
    if options.temporal == "on":
        return Models(predictor=predictor, **described, **_people_finders(options, threads))
    name, sha256 = described["described_by"].rsplit(" ", 1)
    alone = FramePredictor(spin.regressor.to(device), predictor.body, f"{name}-per-frame {sha256}")
    return Models(predictor=alone, **described, **_people_finders(options, threads))


def _of_the_paper(options: Options) -> bool:
    return options.weights != "open" and is_checkpoint(Path(options.weights))


def _described_by_landmarks(model: OpenModel, options: Options, device: str) -> dict[str, Any]:
    if options.spin is not None:
        raise TcmrError(
            f"--spin {options.spin} is not used: the features of the weights {options.weights} are made of landmarks; "
            "leave it out, or give --backbone spin"
        )
    backbone = LandmarkBackbone(model.frame_model.static.to(device))
    return {"backbone": backbone, "described_by": f"{model.name} {model.sha256}"}


def _described_by_spin(spin: Spin, path: Path, device: str, threads: int | None = None) -> dict[str, Any]:
    name = path.name.removesuffix(".pth.tar")
    return {
        "backbone": SpinBackbone(spin.backbone, device, threads),
        "described_by": f"{name} {file_sha256(path)}",
    }


def _spin_file(options: Options) -> Path:
    """Return SPIN's checkpoint: the one named, else the one beside the body, else the one that was added."""
    if options.spin is not None:
        return Path(options.spin)
    body = Path(options.body)
    beside = (body if body.is_dir() else body.parent) / SPIN_FILE
    if options.body != "open" and beside.is_file():
        return beside
    try:
        return fetch(SPIN_FILE)
    except TcmrError as error:
        raise TcmrError(
            f"SPIN's features are needed: name its checkpoint with --spin FILE. {error}"
        ) from error


def _people_finders(options: Options, threads: int | None) -> dict[str, Any]:
    detector, warnings = available_detector()
    model, weights = fetch("blazepose-landmarks"), weights_named(options.landmark_weights)
    shared = THREADS if threads is None else min(THREADS, threads)
    return {
        "detector": detector,
        "landmarker": BlazePose(model, weights=weights, mirrored=options.mirrors, num_threads=shared),
        "read_by": _named(weights or model),
        "warnings": warnings,
    }


def _named(path: Path) -> str:
    return f"{path.stem} {file_sha256(path)}"
