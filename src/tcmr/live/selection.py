"""Who of the persons seen is worth keeping, where following went on without looking back."""

from collections.abc import Sequence

import numpy as np

from tcmr.options import Options
from tcmr.people.selection import prominence
from tcmr.types import Dropped, Motion


def select_motions(motions: Sequence[Motion], options: Options) -> tuple[list[Motion], list[Dropped]]:
    """Return the motions to keep, and the persons dropped: seen too shortly, or less prominent than those wanted."""
    long = [motion for motion in motions if len(motion) >= options.min_frames]
    by_prominence = sorted(
        long, key=lambda motion: prominence(np.asarray(motion.boxes_xyxy_px)), reverse=True
    )
    kept = {motion.person for motion in by_prominence[: options.max_persons]}
    few = f"seen in fewer than {options.min_frames} frames"
    surplus = f"less prominent than the {options.max_persons} persons asked for"
    dropped = [
        Dropped(
            id=motion.person,
            first_frame=int(motion.frames[0]),
            last_frame=int(motion.frames[-1]),
            frame_count=len(motion),
            reason=surplus if len(motion) >= options.min_frames else few,
        )
        for motion in motions
        if motion.person not in kept
    ]
    return [motion for motion in motions if motion.person in kept], dropped
