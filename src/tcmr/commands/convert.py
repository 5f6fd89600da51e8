"""`tcmr convert`: released files into this package's own."""

from pathlib import Path
from typing import Literal

from tyro.conf import Positional

from tcmr.model.checkpoint import convert_checkpoint
from tcmr.result import make_folder


def main(kind: Positional[Literal["checkpoint"]], source: Positional[Path], output: Positional[Path]) -> None:
    """Turn released files into this package's own, strictly.

    Args:
        kind: "checkpoint": an authors' TCMR (.pth.tar) becomes a .safetensors that says where it comes from.
        source: The released file.
        output: The file to write.
    """
    make_folder(output.parent)
    convert_checkpoint(source, output)
    print(f"{source} written to {output}")
