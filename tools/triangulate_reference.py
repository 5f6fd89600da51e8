"""Where the woman of the real two-person clip truly was: BlazePose's landmarks of four views, triangulated.

    python tools/triangulate_reference.py   (writes src/tcmr/evaluate/two_person_reference.npz; a minute)

A pseudo-reference, made by BlazePose's own weights with a run's defaults. Of all ways to choose one person in each
view, those whose landmarks meet best in space are the persons whom all views see; the woman is the smaller.
"""

from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
import tyro
from jaxtyping import Float
from scipy.signal import butter, sosfiltfilt

from tcmr.assets import fetch
from tcmr.commands.evaluate import tracks_of
from tcmr.evaluate.calibration import read_qualisys
from tcmr.evaluate.four_cameras import CALIBRATION, PAIR, fetch_videos
from tcmr.evaluate.triangulation import persons_in_all
from tcmr.joints import LIMBS_12, indices
from tcmr.loading import Models
from tcmr.options import Options
from tcmr.people.sides import settle_sides

Array = np.ndarray

FPS = 60.0
CUTOFF_HZ, ORDER = 6.0, 2  # run forth and back: of fourth order

PROVENANCE = (
    "Our own measurement on Pose2Sim 0.10.49's multi-person sample clip (100 frames, 60 fps), of the woman, a "
    "pseudo-reference, not motion capture: BlazePose 'full' landmarks of the four views as tcmr {tcmr} reads them ("
    "each crop and its mirror image, sides settled), weighed by visibility, triangulated by linear least squares in "
    "which views that disagree count less (mean reprojection error {error:.0f} px of 1088 x 1920), "
    "then a 4th-order Butterworth low-pass at 6 Hz, run both ways. Metres, in the world of the clip's calibration."
)


def main(output: Path = Path("src/tcmr/evaluate/two_person_reference.npz")) -> None:
    """Find people in each view, and write where the woman's limbs are."""
    torch.set_num_threads(1)
    cameras, options = read_qualisys(fetch(CALIBRATION)), Options(landmark_weights="blazepose")
    models = Models.load(options)
    views = [
        [settle_sides(track, FPS) for track in tracks_of(video, options, models)[0]]
        for video in fetch_videos(PAIR)
    ]
    persons = sorted(persons_in_all(cameras, views), key=lambda found: height_m(found[0]))
    joints_m, error_px = persons[0]
    low_pass = butter(ORDER, CUTOFF_HZ, fs=FPS, output="sos")
    provenance = PROVENANCE.format(tcmr=version("tcmr"), error=error_px)
    np.savez(
        output,
        joints_m=sosfiltfilt(low_pass, joints_m, axis=0).astype(np.float32),
        joint_names=np.array(LIMBS_12),
        fps=np.float32(FPS),
        provenance=np.array(provenance),
    )
    for found_m, found_px in persons:
        print(f"shoulder to ankle {height_m(found_m):.2f} m, views miss each other by {found_px:.1f} px")


def height_m(joints_m: Float[Array, "frames 12 3"]) -> float:
    """Return the median distance from the middle of the shoulders to the middle of the ankles."""
    shoulders, ankles = (
        joints_m[:, indices(LIMBS_12, [f"left_{name}", f"right_{name}"])].mean(1)
        for name in ("shoulder", "ankle")
    )
    return float(np.median(np.linalg.norm(shoulders - ankles, axis=-1)))


if __name__ == "__main__":
    tyro.cli(main)
