"""`tcmr features`: the first half of the main job."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
from tyro.conf import Positional, arg

from tcmr.camera import PinholeCamera
from tcmr.commands.summary import print_warnings
from tcmr.errors import TcmrError
from tcmr.features.occlusion import Occluders, Occlusion
from tcmr.features.spin_backbone import SpinBackbone
from tcmr.files import written_whole
from tcmr.job import folders_of
from tcmr.loading import Observers
from tcmr.options import Options
from tcmr.pipeline import describe, find_people, with_sides_settled
from tcmr.result import make_folder
from tcmr.stages import Stages
from tcmr.types import Features, Track
from tcmr.video.read import open_clip


def main(
    video: Positional[Path],
    output: Annotated[Path, arg(aliases=["-o"])],
    options: Annotated[Options, arg(name="")] = Options(),
    occluders: Path | None = None,
    seed: int = 0,
) -> None:
    """Write the tracks and the static features of every person in a video.

    Writes OUTPUT/<name of the video>/features-<id>-<segment>.npz for each unbroken stretch of each person;
    those of an earlier run go.

    Args:
        video: A video file, or a folder of images.
        output: Folder for the results.
        options: As for `tcmr run`.
        occluders: Pascal VOC's folder VOC2012, to paste its things over the crops (SPIN's features only).
        seed: What the things are drawn from.
    """
    folder = folders_of([video], output)[video]
    observers, stages = Observers.load(options), Stages(show=True)
    if occluders is not None:
        if not isinstance(observers.backbone, SpinBackbone):
            raise TcmrError("--occluders is for features of pictures: give --backbone spin too")
        occlusion = Occlusion(Occluders.of_voc(occluders), seed).of_clip(video.stem)
        observers = replace(observers, backbone=observers.backbone.occluded(occlusion))
    with open_clip(video, image_fps=options.image_fps) as reader:
        # Nothing is fitted, so nobody needs to know how the picture moves.
        found = find_people(reader, observers, replace(options, fit="off"), stages)
    print_warnings([*observers.warnings, *reader.warnings()])
    clip = reader.clip
    tracks = with_sides_settled(found.tracks, clip.fps, options)
    camera = PinholeCamera.assumed(clip.width, clip.height, options.focal_px)
    make_folder(folder)
    stale = set(folder.glob("features-*-*.npz"))
    described = describe(tracks, clip, camera, observers, options, stages)
    for track, (features, _) in zip(tracks, described, strict=True):
        path = folder / f"features-{track.id}-{track.segment}.npz"
        save(path, track, features, clip.fps)
        stale.discard(path)
        print(f"person {track.id}: frames {track.frames[0]}-{track.frames[-1]}: {path}")
    for path in stale:
        path.unlink()
    for person in found.dropped:
        print(f"person {person.id} dropped: {person.reason}")
    if not tracks:
        print(f"{video}: nobody found in {clip.frame_count} frames")


def save(path: Path, track: Track, features: Features, fps: float) -> None:
    """Write a track and its static features; docs/output.md names the keys."""
    with written_whole(path) as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            static=features.static,
            frames=features.frames,
            boxes=np.asarray(features.boxes_xyxy_px),
            landmarks=track.xy_px,
            visibility=track.visibility,
            world_landmarks=track.world_m,
            scores=track.scores,
            bridged=track.bridged,
            mocap_framerate=np.float64(fps),
            person=np.int64(track.id),
        )
