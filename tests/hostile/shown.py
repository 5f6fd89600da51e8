"""Surfaces that show a result: the page in one file, and the plots."""

import base64
import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import numpy as np

from tcmr.body import BodyModel, load_body
from tcmr.camera import CameraMovement, PinholeCamera
from tcmr.errors import TcmrError
from tcmr.result import Making, Result, make_folder
from tcmr.types import Clip, Motion
from tcmr.view.plot import CURVES, write_plots
from tcmr.view.report import write_report

from .arrays import FRAMES, some
from .case import Files
from .mutation import VALUES
from .npy import damaged_npz, npz
from .surface import Surface, damaged_file
from .texts import damaged_json

LAST, FPS = 7, 30.0
COARSE_DPI = 40  # thousands are drawn
RESULT, PERSON = "result.json", "person-1.npz"
MARKUP = re.compile(r'<script type="([^"]+)"(?: id="(\w+)")?>(.*?)</script>', re.DOTALL)
SCRIPTS = ["importmap", "application/json", "application/octet-stream", "module"]
PICTURE = {".png": b"\x89PNG", ".svg": b"<?xml"}
NUMBERS = (0.0, -0.0, 1e-45, -1e-30, 1e-9, 0.5, -1.0, 1e4, -1e9, 1e19, 1e30, -3e38)
FRAME_NUMBERS = (-(1 << 63), -1, 0, 1, 7, 300, 10**5, 10**6, 10**9, 10**15, (1 << 63) - 1)
RATES = (5e-324, 1e-300, 1e-9, 1.0, 1e6, 1e30, 1e308)


def _motion(body: BodyModel) -> Motion:
    """Return somebody who stands three metres away and is out of sight for two frames."""
    still = np.tile(np.eye(3, dtype=np.float32), (FRAMES, 24, 1, 1))
    still[:, 0] = np.diag([1, -1, -1])  # upright before a camera that has y down
    return Motion(
        rotmat=still, betas=some(FRAMES, 10), camera=some(FRAMES, 3), joints_m=some(FRAMES, 24, 3),
        attention=some(FRAMES, 3), frames=np.array([0, 1, 2, 5, 6]), fps=FPS, body=f"{body.name} {body.sha256}",
        weights="open 00", person=1, transl_m=some(FRAMES, 3) / 10 + np.float32([0, 0, 3]),
        camera_rotmat=np.tile(np.eye(3, dtype=np.float32), (FRAMES, 1, 1)),
    )  # fmt: skip


def _samples(folder: Path, motion: Motion) -> list[Files]:
    """Return a result folder as the product writes it, and a motion file by itself."""
    making = Making(
        ("tcmr", "run"), {"fit": "on", "edges": None}, "open " + "1" * 64, "blazepose-landmarks " + "2" * 64
    )
    clip = Clip(folder / "clip.mp4", 64, 48, FPS, LAST, has_audio=False)
    times = [frame / FPS for frame in range(LAST)]
    seconds = {"total": 2.0}
    camera = PinholeCamera(80.0, (32.0, 24.0))
    movement = CameraMovement(turned_deg=9.0, unexplained=0.02, blind=0.0, focal_px=80.0)
    said = ["the sky was <b>cloudy</b>"]
    result = Result(clip, times, camera, [motion], [], said, seconds, making, movement=movement)
    made = folder / "sample"
    made.mkdir(exist_ok=True)
    result.save_motions(made)
    result.save_summary(made)
    files = {name: (made / name).read_bytes() for name in (RESULT, PERSON)}
    return [files, {PERSON: files[PERSON]}]


def _attacks(files: Files, motion: Motion) -> list[Files]:
    said = json.loads(files[RESULT])  # type: ignore[arg-type]
    summaries = [{**said, name: value} for name in said for value in VALUES]
    summaries += [
        {**said, name: {**part, key: value}}
        for name, part in said.items()
        if isinstance(part, dict)
        for key in part
        for value in VALUES
    ]
    summaries += [
        {**said, name: [value, *said[name][1:]]} for name in ("timestamps_s", "size") for value in VALUES
    ]
    summaries += [{name: part for name, part in said.items() if name != left_out} for left_out in said]
    arrays = _arrays(motion)
    odd = [{**arrays, name: np.full_like(arrays[name], value)} for name in _FLOATS for value in NUMBERS]
    odd += [{**arrays, "frames": _frames(number, place)} for number in FRAME_NUMBERS for place in (0, -1)]
    odd += [{**arrays, "mocap_framerate": np.float64(rate)} for rate in RATES]
    odd += [{**arrays, "body": np.array(name)} for name in ("", " ", "<script>", "x" * 70_000)]
    odd += [
        {**arrays, "weights": np.array(name)} for name in ("", "</script><script>alert(1)</script>", "\0")
    ]
    odd += [{**arrays, "person": np.int64(number)} for number in (-1, 0, 1 << 40, -(1 << 63))]
    odd += [{name: part[:1] if part.ndim else part for name, part in arrays.items()}]
    return [
        *({**files, RESULT: json.dumps(each).encode()} for each in summaries),
        *({**each, PERSON: npz(**damage)} for damage in odd for each in (files, {})),
    ]


_FLOATS = ("rotmat", "betas", "cam", "joints", "attention", "transl", "camera_rotmat")


def _arrays(motion: Motion) -> dict[str, Any]:
    return {
        "rotmat": motion.rotmat, "betas": motion.betas, "cam": motion.camera, "joints": motion.joints_m,
        "attention": motion.attention, "frames": motion.frames, "mocap_framerate": np.float64(motion.fps),
        "body": np.array(motion.body), "weights": np.array(motion.weights), "person": np.int64(motion.person),
        "transl": motion.transl_m, "shot": np.int64(motion.shot), "camera_rotmat": motion.camera_rotmat,
    }  # fmt: skip


def _frames(number: int, place: int) -> np.ndarray:
    frames = np.array([0, 1, 2, 5, 6])
    frames[place] = number
    return np.sort(frames)


def _of(show: Callable[[Path, Path, BodyModel], None], name: str) -> Callable[[Path], Surface]:
    def surface(folder: Path) -> Surface:
        body = load_body("open")
        motion = _motion(body)
        samples = _samples(folder, motion)
        arrays = _arrays(motion)

        def read(case: Path) -> None:
            show(case if (case / RESULT).exists() else case / PERSON, case, body)

        def odd(rng: Random, files: Files) -> Files:
            """Change some numbers to finite ones that no person has."""
            changed = {name: np.array(array) for name, array in arrays.items()}
            for _ in range(rng.choice((1, 1, 2, 4))):
                array = changed[rng.choice(_FLOATS)]
                array.flat[rng.randrange(array.size)] = rng.choice(NUMBERS)
            if rng.random() < 0.2:
                changed["frames"] = _frames(rng.choice(FRAME_NUMBERS), rng.randrange(FRAMES))
            if rng.random() < 0.2:
                changed["mocap_framerate"] = np.float64(rng.choice(RATES))
            if rng.random() < 0.1:
                changed.pop("transl")
            return {**files, PERSON: npz(**changed)}

        def said(rng: Random, files: Files) -> Files:
            return damaged_json(RESULT)(rng, files) if RESULT in files else damaged_npz(rng, files)

        return Surface(
            name, read, samples, _attacks(samples[0], motion), (TcmrError,), (odd, odd, said, said, damaged_npz,
            damaged_file)
        )  # fmt: skip

    return surface


def _refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is no JSON: a browser shows nothing")


def _page(result: Path, case: Path, body: BodyModel) -> None:
    """Write the page as `tcmr view --export` does, and read it as a browser does."""
    write_report(result, case / "page.html", body=body)
    scripts = MARKUP.findall((case / "page.html").read_text("utf-8"))
    assert [kind for kind, _, _ in scripts] == SCRIPTS
    parts = {name: content for _, name, content in scripts}
    scene = json.loads(parts["scene"], parse_constant=_refuse_constant)
    held = gzip.decompress(base64.b64decode(parts["motion"], validate=True))
    for array in scene["arrays"]:
        numbers = np.frombuffer(held, array["type"], array["length"], array["offset"])
        if array["name"].split("/")[-1] not in MAY_BE_UNKNOWN:
            assert np.isfinite(numbers).all(), array["name"]
    assert np.isfinite(scene["timestamps"]).all()
    assert scene["fps"] > 0
    for shown in scene["results"]:
        assert all(isinstance(text, str) for fact in shown["facts"] for text in fact), shown["facts"]
        assert all(isinstance(note, str) for note in shown["notes"]), shown["notes"]
        for person in shown["persons"]:
            assert person["ranges"][-1][1] < len(scene["timestamps"])


MAY_BE_UNKNOWN = ("speed", "acceleration", "attention")


def _plots(result: Path, case: Path, body: BodyModel) -> None:
    """Draw the pictures as `tcmr plot` does."""
    folder = case / "plots"
    make_folder(folder)
    with patch.dict(CURVES, {"savefig.dpi": COARSE_DPI}):
        files = write_plots(result, folder)
    for file in files:
        assert file.read_bytes().startswith(PICTURE[file.suffix])


SURFACES: dict[str, Callable[[Path], Surface]] = {
    "plots": _of(_plots, "plots"),
    "page": _of(_page, "page"),
}
