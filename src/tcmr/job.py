"""One video and its folder of files: the pipeline, the overlay, the result."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from tcmr.errors import TcmrError
from tcmr.files import is_same_file
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.pipeline import run
from tcmr.result import OVERLAY_FILE, Result, earlier_files, make_folder, replacing, result_folder
from tcmr.stages import Stages
from tcmr.video.prefetch import prefetched
from tcmr.video.read import open_clip
from tcmr.video.write import VideoWriter
from tcmr.view.overlay import Style, overlay

FRAMES_AHEAD = 3  # drawn and waiting for the encoder


def run_to_folder(
    video: Path,
    folder: Path,
    options: Options,
    models: Models,
    stages: Stages,
    draw: bool = True,
    source: str | None = None,
) -> Result:
    """Run the pipeline on a video and write its files into a folder: all of them or none, `result.json` last.

    Files of an earlier run in that folder are replaced then. There is no overlay of a video with nobody in it; where
    it cannot be written the motions are kept all the same. `source` is what the result calls the video, where `video`
    is a copy of it.

    Raises:
        TcmrError: the video cannot be read, or a file that is needed cannot be had or written.
    """
    lost = ""
    with replacing(folder) as fresh:
        with stages.timed("total"):
            result = run(video, options, models, stages)
            result.save_motions(fresh)
            if draw and result.motions:
                try:
                    write_overlay(result, fresh / OVERLAY_FILE, options, models, stages)
                except TcmrError as error:
                    lost = str(error).replace(str(fresh), str(folder))
                    result.warnings.append(f"no overlay: {lost}")
        result.save_summary(fresh, source)
    if lost:
        raise TcmrError(f"{lost}; the motions are in {folder}, only the overlay is missing")
    return result


def write_overlay(result: Result, path: Path, options: Options, models: Models, stages: Stages) -> None:
    """Go through the clip again and write it with the bodies over it, several with their ids.

    Decoding, drawing and encoding each have a thread of their own.
    """
    clip = result.clip
    writer = VideoWriter(
        path,
        width=clip.width,
        height=clip.height,
        fps=clip.fps,
        audio_from=clip.path if clip.has_audio else None,
        threads=stages.threads,
    )
    with writer, open_clip(clip.path, image_fps=options.image_fps, prefetch=stages.ahead(4)) as frames:
        style = Style.telling_apart(result.motions)
        drawing = overlay(frames, result.motions, models.body, result.camera, style)
        with closing(prefetched(drawing, stages.ahead(FRAMES_AHEAD))) as drawn:
            shown = stages.progress("drawing bodies", stages.waiting("draw", drawn), clip.frame_count)
            for frame in shown:
                with stages.timed("encode"):
                    writer.write(frame.rgb, frame.time_s)


def folders_of(videos: Sequence[Path], output: Path) -> dict[Path, Path]:
    """Return the folder for each video's files, after making sure that they can be written.

    Raises:
        TcmrError: no video is named, two would share a folder, one would be replaced by the result, or the output
            cannot be written.
    """
    if not videos:
        raise TcmrError("no video is named; give at least one")
    folders: dict[Path, Path] = {}
    for video in videos:
        folder = result_folder(output, video)
        if folder in folders:
            raise TcmrError(
                f"{folders[folder]} and {video} would both be written to {folder}; run them apart"
            )
        folders[folder] = video
    for replaced in (path for folder in folders for path in earlier_files(folder)):
        if any(is_same_file(replaced, video) for video in videos):
            raise TcmrError(f"{replaced} would be replaced by the result; choose another folder with -o")
    make_folder(output)
    return {video: folder for folder, video in folders.items()}
