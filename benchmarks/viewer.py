"""How fast the viewer starts and draws in a real browser without a graphics card, in one line of JSON.

    python benchmarks/viewer.py --persons 4

Serves a made-up result of a 1280x720 clip of 30 frames per second with so many walkers, opens it in headless Chromium
(which without a graphics card draws in software: pages by itself, WebGL by SwiftShader), and plays it. `start_s` is
from reading the result to the first painted frame.
"""

import json
import os
import platform
import shutil
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
import tyro
from playwright.sync_api import Page, sync_playwright

from tcmr.body import load_body
from tcmr.camera import PinholeCamera
from tcmr.result import Making, Result
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Clip, Motion
from tcmr.video.write import VideoWriter
from tcmr.view.viewer import page_server

FPS, WIDTH, HEIGHT = 30.0, 1280, 720
VIEWPORT = (1400, 1000)
SOFTWARE_GL = ("--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader")
COUNT_PAINTED = """seconds => new Promise(done => {
  const canvas = document.querySelector('canvas'), begun = performance.now();
  let painted = 0, last = canvas.dataset.painted;
  const look = now => {
    if (canvas.dataset.painted !== last) painted++;
    last = canvas.dataset.painted;
    if (now - begun < 1000 * seconds) requestAnimationFrame(look);
    else done(1000 * painted / (now - begun));
  };
  requestAnimationFrame(look);
})"""


def main(persons: int = 4, frames: int = 300, seconds: float = 6.0, browser: str = "chromium") -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = made_up_result(Path(temporary), persons, frames)
        begun = time.perf_counter()
        server = page_server([folder])
        threading.Thread(target=server.serve_forever, daemon=True).start()
        served_s = time.perf_counter() - begun
        with sync_playwright() as driver:
            chromium = driver.chromium.launch(executable_path=shutil.which(browser), args=list(SOFTWARE_GL))
            page = chromium.new_page(viewport={"width": VIEWPORT[0], "height": VIEWPORT[1]})
            begun = time.perf_counter()
            page.goto(server.address)
            page.wait_for_selector("canvas[data-painted]")
            opened_s = time.perf_counter() - begun
            figures = measured(page, seconds)
            renderer = page.evaluate(
                "document.createElement('canvas').getContext('webgl2').getParameter(WebGL2RenderingContext.VERSION)"
            )
            name = f"Chromium {chromium.version}, {renderer}"
            chromium.close()
        server.shutdown()
    print(
        json.dumps(
            {
                "persons": persons,
                "frames": frames,
                "start_s": round(served_s + opened_s, 2),
                "of_that_page_made_s": round(served_s, 2),
                **figures,
                "browser": name,
                "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
                "load_before": round(os.getloadavg()[0], 1),
                "versions": {name: version(name) for name in ("tcmr", "torch", "numpy", "playwright")},
            }
        )
    )


def measured(page: Page, seconds: float) -> dict[str, float]:
    """Count the frames of the body that are painted in a second while the clip plays, and plays twice as fast."""
    page.wait_for_function("() => document.querySelector('video').readyState >= 3")
    page.keyboard.press(" ")
    page.wait_for_function("() => Number(document.getElementById('frame').textContent) > 5")
    playing = page.evaluate(COUNT_PAINTED, seconds)
    page.select_option("#rate", "2")
    double = page.evaluate(COUNT_PAINTED, seconds)
    return {"painted_per_s": round(playing, 1), "painted_per_s_at_double_speed": round(double, 1)}


def made_up_result(folder: Path, persons: int, frames: int) -> Path:
    """Write a result as a run leaves it: a moving picture, and people who wave as they go."""
    rng = np.random.default_rng(0)
    with VideoWriter(folder / "overlay.mp4", width=WIDTH, height=HEIGHT, fps=FPS) as writer:
        scenery = rng.integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
        for frame in range(frames):
            writer.write(np.roll(scenery, 2 * frame, axis=1))
    result = Result(
        clip=Clip(folder / "gone.mp4", WIDTH, HEIGHT, FPS, frames, has_audio=False),
        timestamps_s=[frame / FPS for frame in range(frames)],
        camera=PinholeCamera.assumed(WIDTH, HEIGHT),
        motions=[walker(person, persons, frames) for person in range(persons)],
        dropped=[],
        warnings=[],
        seconds={"total": 1.0},
        making=Making(("tcmr", "run"), {}, "none 0", "none 0"),
    )
    result.save_motions(folder)
    result.save_summary(folder)
    return folder


def walker(person: int, persons: int, frames: int) -> Motion:
    """Make the motion of one of several people side by side."""
    body = load_body("open")
    time_s = torch.arange(frames) / FPS
    pose = 0.3 * torch.sin(time_s[:, None, None] * torch.linspace(1, 4, 72).reshape(24, 3) + person)
    pose[:, 0] = torch.tensor([np.pi, 0, 0])
    rotmat = rotmat_from_axis_angle(pose)
    joints = body.with_shape(torch.zeros(10)).with_pose(rotmat).joints_m
    place = torch.stack([person - (persons - 1) / 2 + 0.1 * time_s, 0 * time_s, 5 + 0 * time_s], 1)
    return Motion(
        rotmat=rotmat.numpy(),
        betas=np.zeros((frames, 10), np.float32),
        camera=np.ones((frames, 3), np.float32),
        joints_m=(joints - joints[:, :1]).numpy(),
        attention=np.full((frames, 3), 1 / 3, np.float32),
        frames=np.arange(frames),
        fps=FPS,
        body=f"{body.name} {body.sha256}",
        weights="none 0",
        person=person + 1,
        transl_m=place.float().numpy(),
    )


if __name__ == "__main__":
    tyro.cli(main)
