"""`tcmr synth`: rendered training clips."""

import math
from dataclasses import replace
from typing import Annotated

from tyro.conf import arg

from tcmr.data.sources.motion import as_motion_file
from tcmr.stages import Stages
from tcmr.synth.generate import CLIPS_A_SHARD, SynthOptions, generate


def main(options: Annotated[SynthOptions, arg(name="")]) -> None:
    """Render training clips out of motion capture; a second run does what the first left undone.

    Clips that an earlier run made with other options are never written over: the run is refused.
    Motion of AMASS or BVH files is first made a motion file, OUTPUT/motion.npz, unless it is there from before.

    Args:
        options: What to render.
    """
    options = replace(options, motion=as_motion_file(options.motion, options.output / "motion.npz"))
    shards = math.ceil(options.clips / CLIPS_A_SHARD)
    for path in Stages(show=True).progress("rendering", generate(options), shards, unit="shards"):
        print(path)
