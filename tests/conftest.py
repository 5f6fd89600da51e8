"""Bodies, motion and clips that tests of several packages share; all made here, all seeded."""

import itertools
import pickle
import signal
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import settings
from jaxtyping import config as checks_of_types

from parity import synth
from tcmr.assets import fetch
from tcmr.body import BodyModel, load_body
from tcmr.body.landmarks import LandmarkPoints, hip_centred
from tcmr.data.landmark_clips import SHARD_NAMES, LandmarkClips
from tcmr.model.weights import FrameModel, OpenModel, build_open_model, save_open_model
from tcmr.rotations import axis_angle_from_rotmat, rotmat_from_axis_angle
from tcmr.synth.noise import standard_size
from tcmr.video import VideoWriter, open_clip

# No deadline: a test must not fail because the machine is busy.
settings.register_profile("tcmr", deadline=None, max_examples=25)
settings.load_profile("tcmr")

ClipMaker = Callable[..., LandmarkClips]


def pytest_configure() -> None:
    """Let children be interrupted even where the tests run in the background, which ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def without_checks_of_types() -> Iterator[None]:
    """Call as users do: these tests check the type of every argument, the package itself does not."""
    checks_of_types.update("jaxtyping_disable", True)
    yield
    checks_of_types.update("jaxtyping_disable", False)


@pytest.fixture(scope="session")
def open_body() -> BodyModel:
    return load_body("open")


@pytest.fixture(scope="session")
def smpl_arrays() -> dict[str, np.ndarray]:
    """Arrays in SMPL's format that have nothing of SMPL in them."""
    return synth.smpl_arrays()


@pytest.fixture(scope="session")
def smpl_folder(smpl_arrays, tmp_path_factory) -> Path:
    """Make a folder as a user of SMPL has it."""
    folder = tmp_path_factory.mktemp("smpl")
    with (folder / "SMPL_NEUTRAL.pkl").open("wb") as file:
        pickle.dump(smpl_arrays, file, protocol=2)
    np.savez(folder / "smpl_mean_params.npz", **synth.mean_params())
    np.save(folder / "J_regressor_extra.npy", synth.j_regressor_extra(smpl_arrays["v_template"]))
    np.save(folder / "J_regressor_h36m.npy", synth.j_regressor_h36m(smpl_arrays["v_template"]))
    return folder


@pytest.fixture(scope="session")
def narrow_state() -> dict[str, torch.Tensor]:
    """State of a TCMR under the released names, with the body, narrow where the paper does not fix the size."""
    state = synth.tcmr_state(include_smpl=True, hidden=16)
    return {name: torch.from_numpy(array) for name, array in state.items()}


@pytest.fixture(scope="session")
def narrow_checkpoint(narrow_state, tmp_path_factory) -> Path:
    """Write that state as the released code did."""
    path = tmp_path_factory.mktemp("narrow") / "narrow.pth.tar"
    torch.save(
        {
            "epoch": 28,
            "gen_state_dict": narrow_state,
            "performance": np.float32(52.7),
            "gen_optimizer": {
                "state": {0: {"step": 5, "exp_avg": torch.zeros(2)}},
                "param_groups": [{"lr": 5e-5}],
            },
            "disc_motion_optimizer": None,
        },
        path,
        _use_new_zipfile_serialization=False,
    )
    return path


@pytest.fixture(scope="session")
def landmark_points() -> LandmarkPoints:
    return LandmarkPoints.load()


def smooth_axis_angle(frames: int, seed: int) -> torch.Tensor:
    """Swing every joint about its own axis, slowly: [frames, 24, 3], float32."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames)[:, None, None] / 30
    rate, phase = rng.uniform(0.5, 3, (24, 3)), rng.uniform(0, 6, (24, 3))
    return torch.from_numpy((0.35 * np.sin(rate * time + phase)).astype(np.float32))


@pytest.fixture(scope="session")
def motion_file(tmp_path_factory) -> Path:
    """Make a motion capture file: two segments to train on, one to validate on."""
    lengths = np.array([150, 90, 120])
    path = tmp_path_factory.mktemp("motion") / "motion.npz"
    np.savez(
        path,
        pose=np.concatenate([smooth_axis_angle(length, seed) for seed, length in enumerate(lengths)]),
        start=np.cumsum(lengths) - lengths,
        length=lengths,
        split=np.array(["train", "train", "val"]),
        fps=np.float64(60),
    )
    return path


@pytest.fixture(scope="session")
def exact_clips(open_body, landmark_points) -> ClipMaker:
    """Return a maker of clips whose landmarks are where the body's points are, without any error."""

    def make(count: int = 3, frames: int = 24, seed: int = 0, scale: float = 1.1) -> LandmarkClips:
        rng = torch.Generator().manual_seed(seed)
        poses = torch.stack([smooth_axis_angle(frames, 100 * seed + clip) for clip in range(count)])
        poses[:, :, 0] += torch.tensor([3.0, 0.2, 0.1])  # upright before a camera that has y down
        drift = torch.linspace(-0.2, 0.2, frames)[:, None] * torch.tensor([1.0, 0.1, 0.5])
        place = torch.tensor([0.2, -0.1, 4.0]) + 0.3 * torch.randn(count, 1, 3, generator=rng)
        clips = LandmarkClips(
            xy_px=torch.zeros(count, frames, 33, 2),
            visibility=torch.rand(count, frames, 33, generator=rng),
            world_m=torch.zeros(count, frames, 33, 3),
            score=torch.ones(count, frames),
            spread_px=torch.zeros(count, frames, 33),
            flow_px=torch.zeros(count, frames, 33, 2),
            flow_certainty=torch.zeros(count, frames, 33),
            rotmat=rotmat_from_axis_angle(poses),
            betas=torch.randn(count, 10, generator=rng),
            root_m=place + drift,
            focal_px=torch.linspace(300, 500, count),
            center_px=torch.tensor([160.0, 120.0]),
            fps=30.0,
        )
        bodies = clips.bodies(open_body)
        truth = landmark_points.on(bodies)
        size = scale * standard_size(bodies.shaped)[..., None, None]
        world = hip_centred(truth) @ clips.looking_rotation()
        return replace(clips, xy_px=clips.project(truth), world_m=world * size)

    return make


def write_shard(path: Path, clips: LandmarkClips, **more: np.ndarray) -> Path:
    """Write clips as `tcmr synth` does."""
    arrays = {SHARD_NAMES.get(field.name, field.name): getattr(clips, field.name) for field in fields(clips)}
    arrays["pose"] = axis_angle_from_rotmat(clips.rotmat)
    arrays["body"] = load_body("open").sha256
    np.savez(path, **{name: np.asarray(array) for name, array in arrays.items()}, **more)
    return path


@pytest.fixture(scope="session")
def shard(tmp_path_factory, exact_clips) -> Path:
    return write_shard(tmp_path_factory.mktemp("shard") / "shard.npz", exact_clips())


@pytest.fixture(scope="session")
def rendered_folder(tmp_path_factory, exact_clips) -> Path:
    """Make a folder as `tcmr synth` leaves it."""
    folder = tmp_path_factory.mktemp("rendered")
    for split, count, seed in (("train", 4, 1), ("val", 2, 2)):
        (folder / split).mkdir()
        write_shard(folder / split / "shard_000.npz", exact_clips(count, seed=seed))
    return folder


@pytest.fixture(scope="session")
def untrained(tmp_path_factory) -> Path:
    """Write small weights that know nothing: enough to see what is done with what they give."""
    torch.manual_seed(0)
    frame_model = FrameModel.build({"feature_size": 32, "hidden_size": 32, "layers": 1, "regressor_size": 32})
    tcmr = build_open_model(frame_model, {"hidden_size": 16, "layers": 2})
    path = tmp_path_factory.mktemp("weights") / "untrained.safetensors"
    save_open_model(path, OpenModel(frame_model, tcmr), {})
    return path


@pytest.fixture(scope="session")
def street(tmp_path_factory) -> Path:
    """Cut the first twelve frames out of the sample clip, small, with its sound."""
    path = tmp_path_factory.mktemp("street") / "street.mp4"
    sample = fetch("sample-clip")
    with open_clip(sample, max_side=640) as frames:
        height, width = (side // 2 * 2 for side in next(iter(frames)).rgb.shape[:2])
        with VideoWriter(path, width=width, height=height, fps=30.0, audio_from=sample) as writer:
            for frame in itertools.islice(frames, 12):
                writer.write(np.ascontiguousarray(frame.rgb[:height, :width]))
    return path


@pytest.fixture(scope="session")
def spin_state() -> dict[str, torch.Tensor]:
    """State of a SPIN under the released names, with nothing of SPIN in it."""
    return {name: torch.from_numpy(array) for name, array in synth.spin_state().items()}


@pytest.fixture(scope="session")
def spin_checkpoint(spin_state, tmp_path_factory) -> Path:
    """Write that state as the released code did."""
    path = tmp_path_factory.mktemp("spin") / "spin_model_checkpoint.pth.tar"
    content = {"model": spin_state, "epoch": 12, "dataset_perm": [2, 0, 1]}
    torch.save(content, path, _use_new_zipfile_serialization=False)
    return path
