"""Real clips filmed by four calibrated cameras, 100 frames at 60 fps, each with a reference of one person.

"beam": a man walks along a beam; test only. "pair": the woman of a clip of two persons; settings are chosen on her.
The references are our own pseudo-references (`*_reference.npz`, which say how they were made). Each camera is scored
by itself at 30 fps, on the even and on the odd frames, and the eight scores are averaged. A method sees the clip at
30 fps too, but for rows "of all 60 frames a second": these are of what it makes of all frames, as a run does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32

from tcmr.assets import fetch
from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.evaluate.baselines import BASELINES
from tcmr.evaluate.calibration import CalibratedCamera, read_qualisys
from tcmr.evaluate.prediction import Method, Observation
from tcmr.evaluate.report import Report
from tcmr.evaluate.score import EndScores, Sample, Scores, mean_scores, score, score_ends
from tcmr.joints import LIMBS_IN_BLAZEPOSE
from tcmr.types import Track

Array = np.ndarray

CAMERAS = 4
CALIBRATION = "four-camera-calibration"  # of both clips' cameras
PHASES = (0, 1)

_PROTOCOL = (
    "12 limb joints at BlazePose's definitions against BlazePose ({network}) of four views, triangulated and "
    "low-passed at 6 Hz; relative to mid-hip; at 30 fps, mean over 4 cameras x 2 phases; "
    "no post-filter but where named; 'of all 60 frames a second' is scored at 30 fps too"
)


@dataclass(frozen=True)
class FourCameraClip:
    """One of the clips: the names of its views among the assets, its reference, and what a report says of it."""

    assets: str
    reference: str
    data: str
    split: str
    protocol: str


BEAM = FourCameraClip(
    assets="four-camera-clip",
    reference="four_camera_reference.npz",
    data="beam: real four-camera clip (Pose2Sim sample)",
    split="test only: one person, 100 frames of 4 cameras; never trained, selected or tuned on",
    protocol=_PROTOCOL.format(network="heavy"),
)
PAIR = FourCameraClip(
    assets="two-person-clip",
    reference="two_person_reference.npz",
    data="pair: real two-person clip (Pose2Sim sample), the woman",
    split="validation: one person, 100 frames of 4 cameras; never trained on, settings and weights are chosen on it",
    protocol=_PROTOCOL.format(network="full, its own weights"),
)


@dataclass(frozen=True)
class View:
    """One camera's clip, and where the limb joints (LIMBS_12) truly are in that camera's coordinates."""

    video: Path
    camera: CalibratedCamera
    fps: float
    reference_m: Float32[Array, "frames 12 3"]


def fetch_views(clip: FourCameraClip) -> list[View]:
    """Fetch a clip and its calibration (see `tcmr assets`) and open them.

    Raises:
        TcmrError: a file cannot be had.
    """
    return open_views(fetch_videos(clip), fetch(CALIBRATION), clip.reference)


def fetch_videos(clip: FourCameraClip) -> list[Path]:
    """Fetch a clip's views.

    Raises:
        TcmrError: a file cannot be had.
    """
    return [fetch(f"{clip.assets}-{number}") for number in range(1, CAMERAS + 1)]


def open_views(videos: Sequence[Path], calibration: Path, reference: str) -> list[View]:
    """Join the videos, in the calibration's order, with the reference in each camera's coordinates.

    Raises:
        TcmrError: the calibration cannot be read, or is of another number of cameras.
    """
    cameras = read_qualisys(calibration)
    if len(cameras) != len(videos):
        raise TcmrError(f"{calibration} is of {len(cameras)} cameras, but there are {len(videos)} videos")
    with as_file(files("tcmr.evaluate") / reference) as path, np.load(path) as arrays:
        joints_m, fps = arrays["joints_m"], float(arrays["fps"])
    return [
        View(video, camera, fps, camera.from_world(joints_m).astype(np.float32))
        for video, camera in zip(videos, cameras, strict=True)
    ]


def track_of_reference(view: View, tracks: Sequence[Track]) -> Track:
    """Return the track of the person whom the reference shows: whose limbs lie nearest to it in the picture.

    Raises:
        TcmrError: nobody was found.
    """
    if not tracks:
        raise TcmrError(f"{view.video}: nobody was found")
    reference_px = view.camera.pinhole.project(torch.from_numpy(view.reference_m)).numpy()

    def distance_px(track: Track) -> float:
        return float(np.median(np.abs(track.xy_px[:, LIMBS_IN_BLAZEPOSE] - reference_px[track.frames])))

    return min(tracks, key=distance_px)


def evaluate_four_cameras(
    clip: FourCameraClip,
    views: Sequence[View],
    tracks: Sequence[Track],
    predictors: Mapping[str, Method],
    *,
    weights: str,
    command: str,
    focal_px: float | None = None,
    as_filmed: Mapping[str, Method] | None = None,
) -> Report:
    """Score methods, after the baselines, on one person's track in each view of a clip.

    `tracks` are of all frames, at 60 fps. The methods see each at 30 fps, those of `as_filmed` all frames, and the
    camera that a run assumes: not the calibrated one, but the picture's middle and `focal_px` (None: the run's own
    default).

    Raises:
        ValueError: there is not one track for each view, or a track leaves the reference's frames.
    """
    scores: dict[str, dict[str, Scores]] = {}
    ends: dict[str, EndScores] = {}
    half_rate = {name: (predict, _at_half_rate) for name, predict in {**BASELINES, **predictors}.items()}
    whole = {name: (predict, _as_filmed) for name, predict in (as_filmed or {}).items()}
    for name, (predict, seen) in (half_rate | whole).items():
        samples = {
            view.camera.name: seen(view, track, predict, focal_px)
            for view, track in zip(views, tracks, strict=True)
        }
        scores[name] = {
            camera: mean_scores([score([phase]) for phase in phases]) for camera, phases in samples.items()
        }
        ends[name] = score_ends([phase for phases in samples.values() for phase in phases])
    return Report(
        data=clip.data,
        split=clip.split,
        protocol=clip.protocol,
        weights=weights,
        command=command,
        rows={name: mean_scores(list(of_camera.values())) for name, of_camera in scores.items()},
        parts=scores,
        ends=ends,
    )


def at_half_rate(track: Track, phase: int) -> Track:
    """Keep every second frame, numbered as if the clip had been filmed so."""
    every_second = track.part(slice(phase, None, len(PHASES)))
    flow_px, certainty = _flow_over_two(track)
    return replace(
        every_second,
        frames=np.arange(len(every_second.frames)),
        flow_px=flow_px[phase :: len(PHASES)],
        flow_certainty=certainty[phase :: len(PHASES)],
    )


def _flow_over_two(track: Track) -> tuple[Float32[Array, "frames 33 2"], Float32[Array, "frames 33"]]:
    """Return each frame's flow since two frames before; nothing is known of the first two."""
    flow_px, certainty = np.zeros_like(track.xy_px), np.zeros_like(track.visibility)
    flow_px[2:] = track.flow_px[2:] + track.flow_px[1:-1]
    with np.errstate(divide="ignore"):
        errors_px = 1 / track.flow_certainty
    certainty[2:] = 1 / np.hypot(errors_px[2:], errors_px[1:-1])
    return flow_px, certainty


def _at_half_rate(view: View, track: Track, predict: Method, focal_px: float | None) -> list[Sample]:
    """Let a method see one camera's track at 30 fps: the even frames, then the odd ones."""
    true_m = _truth(view, track)
    return [
        Sample(seen, predict(seen), true_m[phase :: len(PHASES)])
        for phase, seen in enumerate(_phases(view, track, focal_px))
    ]


def _as_filmed(view: View, track: Track, predict: Method, focal_px: float | None) -> list[Sample]:
    """Let a method see all frames of one camera's track; take of what it says the even frames, then the odd ones."""
    observation = Observation(track, _camera(view, focal_px), view.fps)
    whole = Sample(observation, predict(observation), _truth(view, track))
    return [
        replace(whole.part(slice(phase, None, len(PHASES))), observation=seen)
        for phase, seen in enumerate(_phases(view, track, focal_px))
    ]


def _phases(view: View, track: Track, focal_px: float | None) -> list[Observation]:
    camera, fps = _camera(view, focal_px), view.fps / len(PHASES)
    return [Observation(at_half_rate(track, phase), camera, fps) for phase in PHASES]


def _camera(view: View, focal_px: float | None) -> PinholeCamera:
    return PinholeCamera.assumed(view.camera.width, view.camera.height, focal_px)


def _truth(view: View, track: Track) -> Float32[Array, "frames 12 3"]:
    last, last_known = track.frames[-1], len(view.reference_m) - 1
    if last > last_known:
        raise ValueError(f"{view.video}: the track ends at frame {last}, the reference at {last_known}")
    return view.reference_m[track.frames]
