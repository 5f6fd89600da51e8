"""`tcmr synth`: rendered training clips."""

import math
from typing import Annotated

from tyro.conf import arg

from tcmr.stages import Stages
from tcmr.synth.generate import CLIPS_A_SHARD, SynthOptions, generate


def main(options: Annotated[SynthOptions, arg(name="")]) -> None:
    """Render training clips out of motion capture; a second run does what the first left undone.

    Args:
        options: What to render.
    """
    shards = math.ceil(options.clips / CLIPS_A_SHARD)
    for path in Stages(show=True).progress("rendering", generate(options), shards):
        print(path)
