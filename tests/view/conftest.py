"""Results with known motion, whose video says in its pixels which frame it shows; and a real browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.body import BodyModel
from tcmr.camera import PinholeCamera
from tcmr.result import Making, Result
from tcmr.rotations import rotmat_from_axis_angle
from tcmr.types import Clip, Motion
from tcmr.video import VideoWriter

FRAMES, FPS, WIDTH, HEIGHT = 40, 20.0, 320, 240
BITS = 6  # bars across the picture, white for 1, the lowest bit on the left
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Drawing without a graphics card, and no talk with the makers' servers.
BROWSER_OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
CAMERA = PinholeCamera(300.0, (WIDTH / 2, HEIGHT / 2))

ResultMaker = Callable[..., Path]


def write_numbered_video(path: Path) -> None:
    """Write a video whose frames are their numbers in black and white bars."""
    with VideoWriter(path, width=WIDTH, height=HEIGHT, fps=FPS) as writer:
        for frame in range(FRAMES):
            bars = [255 * (frame >> bit & 1) for bit in range(BITS)]
            columns = np.array(bars, np.uint8)[np.arange(WIDTH) * BITS // WIDTH]
            writer.write(np.broadcast_to(columns[None, :, None], (HEIGHT, WIDTH, 3)).copy())


@pytest.fixture(scope="session")
def make_motion(open_body) -> Callable[..., Motion]:
    """Return a maker of motions that are known: somebody who waves, walks by and may be away for some frames."""

    def make(person: int = 1, frames: np.ndarray | None = None, speed: float = 1.0) -> Motion:
        frames = np.arange(FRAMES) if frames is None else frames
        time = torch.from_numpy(frames / FPS).float()
        pose = torch.zeros(len(frames), 24, 3)
        pose[:, 0] = torch.tensor([np.pi, 0, 0])  # upright before a camera that has y down
        pose[:, 16, 2] = -0.6 + 0.8 * torch.sin(4 * speed * time)
        pose[:, 5, 0] = 0.5 + 0.4 * torch.sin(3 * speed * time)
        rotmat = rotmat_from_axis_angle(pose)
        betas = torch.zeros(len(frames), 10)
        joints = open_body.with_shape(betas).with_pose(rotmat).joints_m
        across = torch.stack([-0.8 + 0.3 * person + 0.4 * time, 0.1 + 0 * time, 3.5 + 0 * time], 1)
        generator = np.random.default_rng(person)
        return Motion(
            rotmat=rotmat.numpy(),
            betas=betas.numpy(),
            camera=np.ones((len(frames), 3), np.float32),
            joints_m=(joints - joints[:, :1]).numpy(),
            attention=generator.dirichlet([3, 5, 3], len(frames)).astype(np.float32),
            frames=frames.astype(np.int64),
            fps=FPS,
            body=f"{open_body.name} {open_body.sha256}",
            weights="made up " + "0" * 64,
            person=person,
            transl_m=across.float().numpy(),
        )

    return make


@pytest.fixture(scope="session")
def make_result(make_motion) -> ResultMaker:
    """Return a maker of result folders, written by the product's own code."""

    def make(folder: Path, overlay: bool = True, motions: list[Motion] | None = None) -> Path:
        folder.mkdir(parents=True)
        away = np.r_[5:15, 25:FRAMES]
        clip = Clip(folder / "moved-away.mp4", WIDTH, HEIGHT, FPS, FRAMES, has_audio=False)
        result = Result(
            clip=clip,
            timestamps_s=[frame / FPS for frame in range(FRAMES)],
            camera=CAMERA,
            motions=motions or [make_motion(1), make_motion(3, away)],
            dropped=[],
            warnings=["the sky was <b>cloudy</b>"],
            seconds={"total": 2.0},
            making=Making(
                ("tcmr", "run", "--fit", "on"),
                {"fit": "on", "focal": None},
                "open " + "1" * 64,
                "blazepose-landmarks " + "2" * 64,
            ),
        )
        if overlay:
            write_numbered_video(folder / "overlay.mp4")
        result.save_motions(folder)
        result.save_summary(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def result(make_result, tmp_path_factory) -> Path:
    return make_result(tmp_path_factory.mktemp("results") / "numbered")


@pytest.fixture(scope="session")
def body(open_body) -> BodyModel:
    return open_body


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """Start a real Chromium, headless, drawing in software."""
    playwright = pytest.importorskip("playwright.sync_api", reason="takes playwright")
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip(f"takes a browser: none of {', '.join(BROWSERS)} is installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=list(BROWSER_OPTIONS), timeout=120_000)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium) -> Iterator:
    """Open an empty tab that has no network, and in which no script may fail."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900}, offline=True)
    page = context.new_page()
    page.set_default_timeout(120_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.asked_for = []
    page.on("request", lambda request: page.asked_for.append(request.url))
    yield page
    context.close()
    assert not errors
