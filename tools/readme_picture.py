"""Make the README's picture out of the demo's overlay.

    tcmr demo -o results && python tools/readme_picture.py results/sample-clip

writes docs/pictures/overlay.jpg: frames of the overlay, evenly spaced, two a row.
"""

from pathlib import Path

import numpy as np
import tyro

from tcmr.result import OVERLAY_FILE
from tcmr.synth.contact_sheet import write_jpeg
from tcmr.video.read import open_clip

OUTPUT = Path(__file__).parents[1] / "docs/pictures/overlay.jpg"
SIDE_PX = 640


def main(result: tyro.conf.Positional[Path], frames: tuple[int, int, int, int] | None = None) -> None:
    """Write the picture; `frames` are the four to show (default: evenly spaced)."""
    with open_clip(result / OVERLAY_FILE, max_side=SIDE_PX) as clip:
        pictures = [frame.rgb for frame in clip]
    shown = frames or np.linspace(0, len(pictures) - 1, 6).round().astype(int)[1:-1]
    rows = np.array([pictures[index] for index in shown]).reshape(2, 2, *pictures[0].shape)
    sheet = np.concatenate([np.concatenate(list(row), axis=1) for row in rows])
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    write_jpeg(OUTPUT, np.ascontiguousarray(sheet[: len(sheet) // 2 * 2, : sheet.shape[1] // 2 * 2]))
    print(OUTPUT)


if __name__ == "__main__":
    tyro.cli(main)
