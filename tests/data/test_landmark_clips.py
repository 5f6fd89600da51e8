"""Clips of landmarks: from shards, in windows, as bodies."""

from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tcmr.camera import PinholeCamera
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.errors import TcmrError


def assert_same(a: LandmarkClips, b: LandmarkClips, tolerance: float = 0.0) -> None:
    for field in fields(LandmarkClips):
        torch.testing.assert_close(
            getattr(a, field.name), getattr(b, field.name), atol=tolerance, rtol=0, msg=field.name
        )


def test_shards_load_as_they_were_written_one_after_the_other(shard, exact_clips, open_body):
    clips = exact_clips()
    both = LandmarkClips.load([shard, shard], open_body)
    assert len(both) == 2 * len(clips)
    first = torch.arange(len(clips))
    whole = both.windows(first, torch.zeros(len(clips), dtype=torch.int64), 24)
    assert_same(whole, clips, tolerance=1e-5)
    assert_same(both.windows(first + len(clips), torch.zeros(len(clips), dtype=torch.int64), 24), whole)


def test_a_rate_is_read_and_shared_by_parts_and_windows(shard, tmp_path, open_body):
    clips = LandmarkClips.load([rewritten(shard, tmp_path / "fast.npz", fps=np.array(60))], open_body)
    assert clips.fps == 60
    assert clips.part(clips=slice(1)).fps == 60
    assert clips.part(frames=slice(2, None, 4)).fps == 15
    assert clips.windows(torch.tensor([1]), torch.tensor([3]), 5).fps == 60


def test_windows_are_cut_where_asked(exact_clips):
    clips = exact_clips()
    cut = clips.windows(torch.tensor([2, 0, 2]), torch.tensor([5, 0, 19]), 5)
    assert len(cut) == 3
    torch.testing.assert_close(cut.xy_px[0], clips.xy_px[2, 5:10])
    torch.testing.assert_close(cut.rotmat[1], clips.rotmat[0, :5])
    torch.testing.assert_close(cut.root_m[2], clips.root_m[2, 19:])
    torch.testing.assert_close(cut.betas, clips.betas[[2, 0, 2]])
    torch.testing.assert_close(cut.focal_px, clips.focal_px[[2, 0, 2]])


def test_bodies_stand_with_their_pelvis_at_the_root(exact_clips, open_body):
    clips = exact_clips()
    bodies = clips.bodies(open_body)
    torch.testing.assert_close(bodies.joints_m[..., 0, :], clips.root_m)
    alone = open_body.with_shape(clips.betas[1]).with_pose(clips.rotmat[1, 7])
    expected = alone.joints_m - alone.joints_m[0] + clips.root_m[1, 7]
    torch.testing.assert_close(bodies.joints_m[1, 7], expected)


def test_each_clip_has_its_own_focal_length(exact_clips):
    clips = exact_clips()
    points = torch.randn(3, 24, 4, 3) + torch.tensor([0.0, 0.0, 5.0])
    projected = clips.project(points)
    for clip in range(3):
        camera = PinholeCamera(float(clips.focal_px[clip]), (160.0, 120.0))
        torch.testing.assert_close(projected[clip], camera.project(points[clip]))


def test_a_camera_that_looks_at_the_person_sees_it_straight_ahead(exact_clips):
    clips = exact_clips()
    rotation = clips.looking_rotation()
    ahead = (rotation.mT @ clips.root_m[..., None])[..., 0]
    expected = torch.stack([torch.zeros(3, 24), torch.zeros(3, 24), clips.root_m.norm(dim=-1)], -1)
    torch.testing.assert_close(ahead, expected, atol=1e-5, rtol=0)
    torch.testing.assert_close(rotation.det(), torch.ones(3, 24))


def test_without_shards_the_remedy_is_told(open_body):
    with pytest.raises(TcmrError, match="tcmr synth"):
        LandmarkClips.load([], open_body)


def rewritten(shard: Path, path: Path, **changes: np.ndarray | None) -> Path:
    with np.load(shard) as arrays:
        kept = {name: arrays[name] for name in arrays if name not in changes}
    np.savez(path, **kept, **{name: array for name, array in changes.items() if array is not None})
    return path


@pytest.mark.parametrize("name", ["pose", "xy_px", "center_px", "root_m", "flow_px", "fps", "body"])
def test_a_shard_without_a_field_is_named(shard, tmp_path, name, open_body):
    path = rewritten(shard, tmp_path / "poor.npz", **{name: None})
    with pytest.raises(TcmrError, match=rf"poor\.npz.*has no {name}; .*tcmr synth"):
        LandmarkClips.load([shard, path], open_body)


@pytest.mark.parametrize("content", [b"", b"text", None])
def test_a_damaged_shard_is_named(shard, tmp_path, content, open_body):
    path = tmp_path / "broken.npz"
    path.write_bytes(shard.read_bytes()[:-500] if content is None else content)
    with pytest.raises(TcmrError, match=r"broken\.npz"):
        LandmarkClips.load([path], open_body)


def test_a_missing_shard_is_named(tmp_path, open_body):
    with pytest.raises(TcmrError, match=r"gone\.npz"):
        LandmarkClips.load([tmp_path / "gone.npz"], open_body)


def test_shards_of_other_picture_sizes_do_not_mix(shard, tmp_path, open_body):
    path = rewritten(shard, tmp_path / "wide.npz", center_px=np.array([320.0, 120.0], np.float32))
    with pytest.raises(TcmrError, match=r"wide\.npz.*centre"):
        LandmarkClips.load([shard, path], open_body)


def test_shards_of_other_rates_mix_only_where_frames_are_used_one_by_one(shard, tmp_path, open_body):
    path = rewritten(shard, tmp_path / "fast.npz", fps=np.array(60))
    with pytest.raises(TcmrError, match=r"fast\.npz has 60 frames a second, .*shard\.npz 30: .*tcmr synth"):
        LandmarkClips.load([shard, path], open_body)
    mixed = LandmarkClips.load([shard, path], open_body, mixed_rates=True)
    assert len(mixed) == 2 * len(LandmarkClips.load([shard], open_body))
    assert np.isnan(mixed.fps)
    assert LandmarkClips.load([path, path], open_body, mixed_rates=True).fps == 60


@pytest.mark.parametrize("fps", [0, -30, np.nan, np.inf])
def test_a_rate_that_is_none_is_refused(shard, tmp_path, open_body, fps):
    with pytest.raises(TcmrError, match=r"still\.npz.*fps is not"):
        LandmarkClips.load([rewritten(shard, tmp_path / "still.npz", fps=np.array(fps))], open_body)


def test_a_shard_of_another_body_is_refused(shard, tmp_path, open_body):
    path = rewritten(shard, tmp_path / "other.npz", body=np.array("0" * 64))
    with pytest.raises(TcmrError, match=r"other\.npz shows another body .*tcmr synth"):
        LandmarkClips.load([shard, path], open_body)


def test_a_window_longer_than_a_clip_is_an_error(exact_clips):
    clips = replace(exact_clips())
    with pytest.raises(IndexError):
        clips.windows(torch.tensor([0]), torch.tensor([20]), 10)
