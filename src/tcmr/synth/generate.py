"""Rendered clips in number: seeded clip by clip, on several processes, in shards that a second run does not redo."""

import functools
import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch

from tcmr.arrays import names_in_npz, read_npz
from tcmr.body import load_body
from tcmr.errors import TcmrError
from tcmr.features.blazepose import BlazePose
from tcmr.features.tuned import OPEN, OWN, weights_named
from tcmr.files import file_sha256, written_whole
from tcmr.requirements import require_all_above_zero
from tcmr.synth.appearance import Anatomy
from tcmr.synth.background import load_pictures, picture_files
from tcmr.synth.clips import SIDE_PX, Landmarker, RenderedClip, Studio, Truth, make_clip
from tcmr.synth.contact_sheet import contact_sheet
from tcmr.synth.jpeg import encode_jpeg
from tcmr.synth.motion import FPS, MotionCapture, Split

CLIPS_A_SHARD = 20
NO_BACKGROUNDS = ""


@dataclass(frozen=True)
class SynthOptions:
    """What to render.

    `motion` is the file of captured motion, `output` the folder in which a folder for the split is filled,
    `backgrounds` a folder of pictures to use beside made-up ones. `pooled` keeps BlazePose's pooled feature
    too, `pictures` the pictures (some 11 KB each). `landmark_weights` read them, as in a run. With `acrobatics` people
    curl up, tilt and turn over, as nobody was captured (`synth/acrobatics.py`); with `close_ups` little more than
    their heads is in the picture (`synth/close_up.py`). The first `contact_sheets` shards come
    with a picture to look at. At another `fps` people move as fast, but a hand-held camera shakes as much from frame to
    frame.

    Raises:
        TcmrError: a number is not above zero, or the seed is below it.
    """

    motion: Path
    output: Path
    split: Split = "train"
    clips: int = 1000
    frames: int = 48
    fps: int = FPS
    seed: int = 0
    processes: int = 1
    backgrounds: Path | None = None
    pooled: bool = False
    pictures: bool = False
    landmark_weights: str = OPEN
    acrobatics: bool = False
    close_ups: bool = False
    contact_sheets: int = 2

    def __post_init__(self) -> None:
        require_all_above_zero(self, ("clips", "frames", "fps", "processes"))
        if self.seed < 0:
            raise TcmrError(f"seed must be 0 or more, not {self.seed}")


# Opens the landmarker of the weights that a user names.
Opener = Callable[[str], Landmarker]


def open_blazepose(landmark_weights: str) -> BlazePose:
    """Open BlazePose with the weights of that name."""
    return BlazePose(weights=weights_named(landmark_weights))


def generate(options: SynthOptions, open_landmarker: Opener = open_blazepose) -> Iterator[Path]:
    """Render clips; yield each shard (npz) once it is there, those of an earlier run with the same settings too.

    A shard holds, a clip a row: clip (its number), source, focal_px, restarts; pose, betas, joints_m, root_m,
    joints_px (see `clips.Truth`); xy_px, visibility, presence, world_m, score, spread_px, pooled (see
    `types.Landmarks`); flow_px, flow_certainty (see `types.Flow`); region (center x, y and size in pixels, rotation
    in radians); jpeg_end (where in jpeg, all frames' pictures one after the other, each ends). For all clips:
    center_px, size_px (width, height), seed, split and the settings (see `settings_of`). `open_landmarker` is called
    once in every process.

    Raises:
        TcmrError: the motion file or the backgrounds cannot be used, or a shard of other settings is in the place of
            one; then nothing is rendered.
    """
    settings = settings_of(options)
    (options.output / options.split).mkdir(parents=True, exist_ok=True)
    shards = [
        Shard(options, range(first, min(first + CLIPS_A_SHARD, options.clips)), settings)
        for first in range(0, options.clips, CLIPS_A_SHARD)
    ]
    for shard in shards:
        shard.is_finished()
    make = functools.partial(_make_shard, open_landmarker)
    if options.processes == 1:
        yield from map(make, shards)
        return
    with ProcessPoolExecutor(
        options.processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=torch.set_num_threads,
        initargs=(1,),
    ) as pool:
        yield from pool.map(make, shards)


def settings_of(options: SynthOptions) -> dict[str, Any]:
    """Return what clips depend on beside split, seed and number; files by their sha256.

    Raises:
        TcmrError: a file cannot be read.
    """
    backgrounds = options.backgrounds
    weights = weights_named(options.landmark_weights)
    return {
        "body": load_body("open").sha256,
        "motion": _sha256(options.motion),
        "landmark_weights": OWN if weights is None else _sha256(weights),
        "backgrounds": NO_BACKGROUNDS if backgrounds is None else _pictures_sha256(backgrounds),
        "fps": options.fps,
        "acrobatics": options.acrobatics,
        "close_ups": options.close_ups,
    }


@dataclass(frozen=True)
class Shard:
    """Some of the clips, in one file; `settings` are what `settings_of` the options returns."""

    options: SynthOptions
    clips: range
    settings: dict[str, Any]

    @property
    def path(self) -> Path:
        """Where the shard is, once it is finished."""
        return self.options.output / self.options.split / f"seed{self.options.seed}-{self.clips[0]:06d}.npz"

    def is_finished(self) -> bool:
        """Tell whether a file with these clips, or more, is there.

        Raises:
            TcmrError: one of other settings, or of other clips, is.
        """
        try:
            names = names_in_npz(self.path)
            found = read_npz(self.path, {"clip", "pose", *self.settings}.__contains__)
        except (OSError, ValueError):
            return False
        found = {"backgrounds": np.array(NO_BACKGROUNDS)} | found  # shards of earlier versions do not say it
        clips = np.atleast_1d(found.get("clip", -1))
        shared = min(len(clips), len(self.clips))
        same = {
            name: name in found and np.array_equal(found[name], value)
            for name, value in self.settings.items()
        }
        same |= {
            "numbering": np.array_equal(clips[:shared], self.clips[:shared]),
            "frames": found.get("pose", np.empty(0)).shape[1:2] == (self.options.frames,),
            "pooled": ("pooled" in names) == self.options.pooled,
            "pictures": ("jpeg" in names) == self.options.pictures,
        }
        if not all(same.values()):
            differing = ", ".join(sorted(name for name, is_same in same.items() if not is_same))
            raise TcmrError(
                f"{self.path} holds clips with another {differing}; give these another --output, or delete that file"
            )
        return len(clips) >= len(self.clips)

    def write(self, rendered: Sequence[RenderedClip]) -> None:
        """Write the shard at once or not at all."""
        with written_whole(self.path) as file:
            np.savez(file, allow_pickle=False, **self._arrays(rendered))

    def _arrays(self, rendered: Sequence[RenderedClip]) -> dict[str, np.ndarray]:
        arrays = {
            "clip": np.array(self.clips),
            "source": np.array([clip.source for clip in rendered]),
            "focal_px": np.array([clip.focal_px for clip in rendered], np.float32),
            "restarts": np.array([clip.restarts for clip in rendered]),
            "center_px": np.array([SIDE_PX / 2, SIDE_PX / 2], np.float32),
            "size_px": np.array([SIDE_PX, SIDE_PX]),
            "seed": np.array(self.options.seed),
            "split": np.array(self.options.split),
            **{name: np.array(value) for name, value in self.settings.items()},
        }
        for field in fields(Truth):
            arrays[field.name] = np.stack([getattr(clip.truth, field.name) for clip in rendered])
        for name in ("xy_px", "visibility", "presence", "world_m", "score", "spread_px"):
            seen = [[getattr(landmarks, name) for landmarks in clip.landmarks] for clip in rendered]
            arrays[name] = np.array(seen, np.float32)
        for name, of_flow in (("flow_px", "px"), ("flow_certainty", "certainty")):
            flows = [[getattr(flow, of_flow) for flow in clip.flows] for clip in rendered]
            arrays[name] = np.array(flows, np.float32)
        regions = [[landmarks.region for landmarks in clip.landmarks] for clip in rendered]
        arrays["region"] = np.array(
            [
                [(*region.center_xy_px, region.size_px, region.rotation_rad) for region in row]
                for row in regions
            ],
            np.float32,
        )
        if self.options.pooled:
            pooled = [[landmarks.pooled for landmarks in clip.landmarks] for clip in rendered]
            arrays["pooled"] = np.array(pooled, np.float16)
        if self.options.pictures:
            files = [encode_jpeg(rgb) for clip in rendered for rgb in clip.frames]
            arrays["jpeg"] = np.frombuffer(b"".join(files), np.uint8)
            ends = np.cumsum([len(file) for file in files])
            arrays["jpeg_end"] = ends.reshape(len(rendered), self.options.frames)
        return arrays


@functools.cache
def _open_studio(options: SynthOptions, open_landmarker: Opener) -> Studio:
    body, backgrounds = load_body("open"), options.backgrounds
    return Studio(
        motion=MotionCapture.load(options.motion, float(options.fps), options.acrobatics),
        body=body,
        anatomy=Anatomy.of(body),
        pictures=load_pictures(backgrounds) if backgrounds else [],
        landmarker=open_landmarker(options.landmark_weights),
        close_ups=options.close_ups,
    )


def _make_shard(open_landmarker: Opener, shard: Shard) -> Path:
    options = shard.options
    if shard.is_finished():
        return shard.path
    studio = _open_studio(options, open_landmarker)
    rendered = [make_clip(studio, options.split, options.frames, options.seed, clip) for clip in shard.clips]
    if shard.clips[0] < options.contact_sheets * CLIPS_A_SHARD:
        shard.path.with_suffix(".jpg").write_bytes(encode_jpeg(contact_sheet(rendered)))
    shard.write(rendered)
    return shard.path


def _pictures_sha256(folder: Path) -> str:
    """Return what tells a folder's pictures, and their order, apart from all others."""
    told = "\n".join(f"{path.name!r} {_sha256(path)}" for path in picture_files(folder))
    return hashlib.sha256(told.encode()).hexdigest()


def _sha256(path: Path) -> str:
    try:
        return file_sha256(path)
    except OSError as error:
        raise TcmrError(f"{path}: cannot be read ({error.strerror})") from error
