"""How fast the viewer starts and draws in a real browser without a graphics card, in one line of JSON.

    python benchmarks/viewer.py --persons 4

Serves a made-up result of a 1280x720 clip with so many walkers, opens it in headless Chromium (WebGL by SwiftShader,
in software), and plays it for some seconds. `start_s` is from the command's start of work to the first painted frame;
`painted_per_s` counts the different frames painted while it plays a 30 fps clip, `most_per_s` how many can be painted
when nothing has to wait for the video's clock.
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
from tcmr.result import Result
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Clip, Motion
from tcmr.video.write import VideoWriter
from tcmr.view.viewer import page_server

FPS, WIDTH, HEIGHT = 30.0, 1280, 720
VIEWPORT = (1400, 1000)
SOFTWARE_GL = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
COUNT_PAINTED = """seconds => new Promise(done => {
  const canvas = document.querySelector('canvas'), painted = new Set(), begun = performance.now();
  const look = now => {
    painted.add(canvas.dataset.painted);
    if (now - begun < 1000 * seconds) requestAnimationFrame(look);
    else done(1000 * painted.size / (now - begun));
  };
  requestAnimationFrame(look);
})"""
# Reading a pixel waits until the picture is done.
PAINT_ALL = """count => {
  const canvas = document.querySelector('canvas'), scrub = document.getElementById('scrub');
  const gl = canvas.getContext('webgl2'), pixel = new Uint8Array(4), begun = performance.now();
  return (async () => {
    for (let frame = 0; frame < count; frame++) {
      scrub.value = frame;
      scrub.dispatchEvent(new Event('input'));
      await new Promise(requestAnimationFrame);
      gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, pixel);
    }
    return 1000 * count / (performance.now() - begun);
  })();
}"""


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
            figures = measured(page, seconds, frames)
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
                "load_before": round(os.getloadavg()[2], 1),
                "versions": {name: version(name) for name in ("tcmr", "torch", "numpy", "playwright")},
            }
        )
    )


def measured(page: Page, seconds: float, frames: int) -> dict[str, float]:
    """Play, then paint every frame as fast as it goes."""
    page.wait_for_function("() => document.querySelector('video').readyState >= 3")
    page.keyboard.press(" ")
    page.wait_for_function("() => Number(document.getElementById('frame').textContent) > 5")
    playing = page.evaluate(COUNT_PAINTED, seconds)
    page.keyboard.press(" ")
    page.evaluate("document.querySelector('video').remove()")
    return {"painted_per_s": round(playing, 1), "most_per_s": round(page.evaluate(PAINT_ALL, frames), 1)}


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
