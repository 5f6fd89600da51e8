"""Make all pictures of README and docs out of real runs on the sample clip.

    python -m tools.pictures WORK_FOLDER

takes Chromium and Blender (`apt-get install chromium blender python3-numpy`) beside the package's extra `dev`, and
about three minutes. What is already in the work folder is not run again. Writes into docs/pictures/.
"""

import shutil
import subprocess
from contextlib import chdir
from pathlib import Path

import tyro
from tools.pictures.overlay_sheet import write_sheet
from tools.pictures.pages import Browser

from tcmr.assets import fetch
from tcmr.cli import main as tcmr
from tcmr.result import OVERLAY_FILE, REPORT_FILE, RESULT_FILE
from tcmr.view.plot import write_plots
from tcmr.view.report import write_report

PICTURES = Path(__file__).resolve().parents[2] / "docs/pictures"
MOST_BYTES = 200_000
CLIP = "street.mp4"
FRAME = 80  # the woman is in the middle of a step


def main(work: tyro.conf.Positional[Path]) -> None:
    """Run, export and photograph."""
    work.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(fetch("sample-clip"), work / CLIP)
    with chdir(work):  # so that the pages name the clip as anybody's
        with_tcmr, per_frame = run("TCMR"), run("per frame", "--temporal", "off")
        photograph(with_tcmr, per_frame)
    check()


def photograph(with_tcmr: Path, per_frame: Path) -> None:
    """Make all pictures of two results."""
    write_sheet(with_tcmr / OVERLAY_FILE, PICTURES / "overlay.jpg")
    for plot in write_plots([with_tcmr, per_frame], "."):
        if plot.suffix == ".png":
            shutil.copyfile(plot, PICTURES / plot.name)
    write_report(with_tcmr, REPORT_FILE)
    with Browser() as browser:
        browser.photograph_viewer([with_tcmr], PICTURES / "viewer.jpg", FRAME, (1000, 690))
        browser.photograph_viewer(
            [with_tcmr, per_frame], PICTURES / "comparison.jpg", FRAME, (1150, 760), dark=True
        )
        browser.photograph_file(Path(REPORT_FILE), PICTURES / "report.jpg", FRAME, (900, 800))
    tcmr(["export", str(with_tcmr), "--to", "glb", "--place", "ground", "-o", "."])
    render(Path(f"{with_tcmr.name}.glb"), PICTURES / "blender.jpg")


def run(output: str, *options: str) -> Path:
    """Run the main job, unless it has been, and return the result's folder."""
    folder = Path(output, Path(CLIP).stem)
    if not (folder / RESULT_FILE).exists():
        tcmr(["run", CLIP, "-o", output, *options])
    return folder


def render(glb: Path, picture: Path) -> None:
    """Let Blender import a .glb and render a frame."""
    script = Path(__file__).with_name("blender_scene.py")
    command = [
        "blender",
        "--background",
        "--python-exit-code",
        "1",
        "--python",
        script,
        "--",
        glb,
        picture,
        FRAME,
    ]
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)


def check() -> None:
    """Say what was written; stop where a picture is too large for a page."""
    for picture in sorted(PICTURES.iterdir()):
        size = picture.stat().st_size
        print(f"{picture}: {size / 1e3:.0f} kB")
        if size > MOST_BYTES:
            raise SystemExit(f"{picture} is larger than {MOST_BYTES / 1e3:.0f} kB")


if __name__ == "__main__":
    tyro.cli(main)
