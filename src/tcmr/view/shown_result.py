"""What can be shown of a result: its motions, its videos, and what is known of how it was made."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tcmr.errors import TcmrError, damaged_result
from tcmr.export.saved import Saved
from tcmr.result import OVERLAY_FILE, RESULT_FILE
from tcmr.types import Motion
from tcmr.view.summary import read_summary

# Containers that browsers open.
PLAYABLE = (".mp4", ".m4v", ".mov", ".webm")
MOST_FRAMES = 1_000_000  # nine hours at 30 per second


@dataclass(frozen=True)
class ShownResult:
    """One result. `videos` are the files that a browser may play, by what they are, the overlay first.

    `summary` is result.json; None for a motion file by itself.
    """

    label: str
    motions: list[Motion]
    summary: dict[str, Any] | None
    videos: dict[str, Path]

    @staticmethod
    def open(path: Path) -> "ShownResult":
        """Read a result folder of `tcmr run`, or a motion file.

        Raises:
            TcmrError: it is neither, or nobody was found in the video.
        """
        saved = Saved.open(path)
        if saved.one_file:
            return ShownResult(saved.name, saved.motions, None, {})
        summary = _summary(path / RESULT_FILE, saved.motions)
        return ShownResult(saved.name, saved.motions, summary, _videos(path, summary))

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self.motions[0].fps

    @property
    def timestamps_s(self) -> list[float]:
        """Time of each frame.

        Raises:
            TcmrError: there are more than a page can hold.
        """
        if self.summary is not None:
            return list(self.summary["timestamps_s"])
        last = max(int(motion.frames[-1]) for motion in self.motions)
        if last >= MOST_FRAMES:
            raise TcmrError(f"{self.label}: a page holds {MOST_FRAMES} frames, and frame {last} is beyond")
        return [frame / self.fps for frame in range(last + 1)]

    @property
    def why_no_video(self) -> str | None:
        """Say why there is only the motion to be seen; None where there is a video."""
        if self.videos:
            return None
        if self.summary is None:
            return "A motion file has no video with it: here are the bodies alone."
        return (
            f"The video {self.summary['video']} is not there any more, or browsers cannot play it, and the result "
            f"has no {OVERLAY_FILE}: here are the bodies alone."
        )


def open_results(paths: Sequence[Path]) -> list[ShownResult]:
    """Read one result, or two that are to be compared.

    Raises:
        TcmrError: there are none or more than two, or one cannot be read.
    """
    if not 1 <= len(paths) <= 2:
        raise TcmrError(f"give one result, or two to compare, not {len(paths)}")
    results = [ShownResult.open(path) for path in paths]
    if len({result.label for result in results}) == len(results):
        return results
    labels = differing_parts(*(path.resolve() for path in paths))
    return [replace(result, label=label) for result, label in zip(results, labels, strict=True)]


def differing_parts(a: Path, b: Path) -> tuple[str, str]:
    """Return two paths without what they begin and end with in common; whole where nothing else is left.

    >>> differing_parts(Path("/home/results/dance"), Path("/home/per-frame/dance"))
    ('results', 'per-frame')
    """
    first, second = list(a.parts), list(b.parts)
    for end in (0, -1):
        while first and second and first[end] == second[end]:
            del first[end], second[end]
    return (str(Path(*first)), str(Path(*second))) if first and second else (str(a), str(b))


def _summary(file: Path, motions: Sequence[Motion]) -> dict[str, Any]:
    summary = read_summary(file)
    if max(int(motion.frames[-1]) for motion in motions) >= len(summary["timestamps_s"]):
        raise damaged_result(file, "the persons are seen in frames after its last")
    return summary


def _videos(folder: Path, summary: dict[str, Any]) -> dict[str, Path]:
    original = Path(summary["video"])
    candidates = {"overlay": folder / OVERLAY_FILE, "original": original}
    return {
        name: file
        for name, file in candidates.items()
        if os.path.isfile(file)
        and file.suffix.lower() in PLAYABLE  # a name may be too long for `Path.is_file`
    }
