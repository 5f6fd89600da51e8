"""What is said at the end of a run."""

import sys
from collections.abc import Iterable
from pathlib import Path

from tcmr.result import Result, person_summary

LEAST_SHARE = 0.01  # of the time; stages below it are not worth a word


def print_summary(result: Result, folder: Path) -> None:
    """Print who was found, where the files are and where the time went."""
    print_warnings(result.warnings)
    frames, name = len(result.timestamps_s), result.clip.path.name
    if not result.motions:
        print(f"{name}: nobody found in {frames} frames")
    if result.shots is not None and len(result.shots) > 1:
        print(f"{name}: {len(result.shots)} shots; everybody has a new id in each")
    for motion in result.motions:
        ranges = ", ".join(f"{first}-{last}" for first, last in person_summary(motion)["ranges"])
        print(f"{name}: person {motion.person}: frames {ranges}")
    for person in result.dropped:
        print(f"{name}: person {person.id} dropped: {person.reason}")
    if (live := result.reception) is not None:
        print(
            f"{name}: {frames} frames, {live.dropped_frames} dropped, connected again {live.reconnects} times"
        )
    print(f"{name}: {speed(result.seconds, frames)}")
    print(f"{name}: written to {folder}")


def print_warnings(warnings: Iterable[str]) -> None:
    """Print what was wrong with the video or with the outside files."""
    for warning in warnings:
        print(f"tcmr: warning: {warning}", file=sys.stderr)


def speed(seconds: dict[str, float], frames: int) -> str:
    """Return the frames per second of a whole run, and the share of the time that each stage took."""
    total = seconds["total"]
    stages = {stage: spent / total for stage, spent in seconds.items() if stage != "total"}
    shares = [f"{stage} {share:.0%}" for stage, share in stages.items() if share >= LEAST_SHARE]
    return f"{frames / total:.1f} frames/s ({', '.join(shares)})"
