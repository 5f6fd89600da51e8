from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from synth.brightness_reader import BrightnessReader
from tcmr.data.landmark_clips import LandmarkClips
from tcmr.errors import TcmrError
from tcmr.synth import generate as generating
from tcmr.synth.clips import SIDE_PX, make_clip
from tcmr.synth.generate import SynthOptions, generate
from tcmr.synth.jpeg import decode_jpeg, encode_jpeg


@pytest.fixture(autouse=True)
def small_shards(monkeypatch):
    monkeypatch.setattr(generating, "CLIPS_A_SHARD", 2)


@pytest.fixture
def options(captured_file, tmp_path) -> SynthOptions:
    return SynthOptions(captured_file, tmp_path, "val", clips=3, frames=3, seed=4, contact_sheets=1)


def run(options: SynthOptions) -> list[Path]:
    return list(generate(options, BrightnessReader))


def contents(shard: Path) -> dict[str, np.ndarray]:
    with np.load(shard) as arrays:
        return dict(arrays)


@pytest.fixture
def shards(options) -> list[Path]:
    return run(options)


def test_a_shard_holds_what_make_clip_makes(studio, shards):
    assert [shard.name for shard in shards] == ["seed4-000000.npz", "seed4-000002.npz"]
    first, second = map(contents, shards)
    assert first["clip"].tolist() == [0, 1]
    assert second["clip"].tolist() == [2]
    clip = make_clip(studio, "val", 3, seed=4, index=1)
    for name in ("pose", "betas", "joints_m", "root_m", "joints_px"):
        np.testing.assert_array_equal(first[name][1], getattr(clip.truth, name))
    np.testing.assert_array_equal(first["xy_px"][1], [landmarks.xy_px for landmarks in clip.landmarks])
    region = clip.landmarks[2].region
    expected = (*region.center_xy_px, region.size_px, region.rotation_rad)
    np.testing.assert_allclose(first["region"][1, 2], expected, rtol=1e-6)
    assert first["source"].tolist() == ["a_val", "a_val"]
    assert str(first["split"]) == "val"
    assert "pooled" not in first


def test_training_reads_the_shards_and_finds_the_joints_in_the_picture(shards, open_body):
    clips = LandmarkClips.load(shards, open_body)
    assert len(clips) == 3
    stored = np.concatenate([contents(shard)["joints_px"] for shard in shards])
    torch.testing.assert_close(
        clips.project(clips.bodies(open_body).joints_m), torch.from_numpy(stored), atol=0.01, rtol=0
    )


def test_a_run_at_another_rate_makes_other_clips(options, shards, tmp_path):
    slow = contents(shards[0])
    fast = contents(run(replace(options, fps=60, output=tmp_path / "fast"))[0])
    assert (slow["fps"], fast["fps"]) == (30, 60)
    assert not np.array_equal(slow["pose"], fast["pose"])


def test_only_the_first_shards_come_with_a_sheet(shards):
    assert [shard.with_suffix(".jpg").exists() for shard in shards] == [True, False]


def test_a_second_run_does_not_redo_finished_shards(options, shards):
    before = [shard.stat().st_mtime_ns for shard in shards]
    assert run(options) == shards
    assert [shard.stat().st_mtime_ns for shard in shards] == before


def test_a_longer_run_keeps_what_is_whole_and_makes_the_rest(options, shards):
    before = contents(shards[0])
    kept = shards[0].stat().st_mtime_ns
    longer = run(replace(options, clips=5))
    assert shards[0].stat().st_mtime_ns == kept
    assert [contents(shard)["clip"].tolist() for shard in longer] == [[0, 1], [2, 3], [4]]
    np.testing.assert_array_equal(contents(shards[0])["pose"], before["pose"])


def test_a_shorter_run_leaves_clips_as_they_are(options, shards):
    before = [shard.read_bytes() for shard in shards]
    assert run(replace(options, clips=1)) == shards[:1]
    assert [shard.read_bytes() for shard in shards] == before


def refusal(options: SynthOptions, shard: Path) -> str:
    """Run into a shard, which must be named and stay as it is."""
    before = shard.read_bytes()
    with pytest.raises(TcmrError) as caught:
        run(options)
    assert shard.read_bytes() == before
    assert str(shard) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"frames": 4}, {"fps": 60}, {"pooled": True}, {"pictures": True}, {"acrobatics": True}, {"close_ups": True},
    ],
)  # fmt: skip
def test_a_shard_of_other_options_is_refused(options, shards, change):
    assert f"another {min(change)};" in refusal(replace(options, **change), shards[0])


def test_nothing_is_rendered_where_a_later_shard_is_of_other_options(options, shards):
    shards[0].unlink()
    refusal(replace(options, frames=4), shards[1])
    assert not shards[0].exists()


def test_a_shard_of_another_body_is_refused(options, shards):
    np.savez(shards[0], **contents(shards[0]) | {"body": np.array("0" * 64)})
    assert "another body;" in refusal(options, shards[0])


def test_a_shard_of_another_motion_is_refused(options, shards, captured_file, tmp_path):
    with np.load(captured_file) as arrays:
        slower = dict(arrays) | {"pelvis": arrays["pelvis"] / 2}
    np.savez(tmp_path / "slower.npz", **slower)
    assert "another motion;" in refusal(replace(options, motion=tmp_path / "slower.npz"), shards[0])


def test_a_shard_of_other_landmark_weights_is_refused(options, shards, tmp_path):
    (tmp_path / "other.safetensors").write_bytes(b"weights")
    other = replace(options, landmark_weights=str(tmp_path / "other.safetensors"))
    assert "another landmark_weights;" in refusal(other, shards[0])


def test_a_shard_before_other_backgrounds_is_refused(options, shards, tmp_path):
    folder = tmp_path / "backgrounds"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(encode_jpeg(np.full((64, 64, 3), 200, np.uint8)))
    before_pictures = replace(options, backgrounds=folder)
    assert "another backgrounds;" in refusal(before_pictures, shards[0])
    for shard in shards:
        shard.unlink()
    run(before_pictures)
    made = shards[0].stat().st_mtime_ns
    assert run(before_pictures) == shards
    assert shards[0].stat().st_mtime_ns == made
    assert "another backgrounds;" in refusal(options, shards[0])
    (folder / "b.jpg").write_bytes((folder / "a.jpg").read_bytes())
    assert "another backgrounds;" in refusal(before_pictures, shards[0])


@pytest.mark.parametrize("name", ["clip", "motion", "landmark_weights", "acrobatics", "close_ups"])
def test_a_shard_that_does_not_tell_how_it_was_made_is_refused(options, shards, name):
    np.savez(shards[0], **{kept: array for kept, array in contents(shards[0]).items() if kept != name})
    refusal(options, shards[0])


def test_a_shard_of_before_backgrounds_were_told_is_kept(options, shards):
    np.savez(
        shards[0], **{kept: array for kept, array in contents(shards[0]).items() if kept != "backgrounds"}
    )
    before = shards[0].read_bytes()
    run(options)
    assert shards[0].read_bytes() == before


@pytest.mark.parametrize(
    "change", [{"fps": np.array("fast")}, {"pose": np.zeros(2)}, {"clip": np.array("\0")}]
)
def test_a_shard_of_other_arrays_is_refused(options, shards, change):
    np.savez(shards[0], **contents(shards[0]) | change)
    refusal(options, shards[0])


def test_acrobats_take_the_place_of_captured_people(options, shards, tmp_path):
    captured = contents(shards[0])["pose"]
    (acrobats, _) = run(replace(options, acrobatics=True, output=tmp_path / "acrobats"))
    assert np.abs(contents(acrobats)["pose"] - captured).max() > 0.5


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"text"])
def test_a_damaged_shard_is_made_anew(options, shards, content):
    whole = contents(shards[0])
    shards[0].write_bytes(content)
    run(options)
    np.testing.assert_array_equal(contents(shards[0])["pose"], whole["pose"])


def test_an_interrupted_run_leaves_no_half_shard(options):
    class Failing(BrightnessReader):
        def __call__(self, rgb, region):
            raise KeyboardInterrupt

    def interrupted() -> Iterator[Path]:
        return generate(options, Failing)

    with pytest.raises(KeyboardInterrupt):
        list(interrupted())
    assert list((options.output / "val").glob("*.npz")) == []


def test_pooled_features_are_kept_in_half_precision(options):
    (shard,) = run(replace(options, clips=1, pooled=True))
    pooled = contents(shard)["pooled"]
    assert pooled.shape == (1, 3, 1152)
    assert pooled.dtype == np.float16


def test_a_missing_motion_file_is_named(options, tmp_path):
    with pytest.raises(TcmrError, match=r"no\.npz"):
        run(replace(options, motion=tmp_path / "no.npz"))


@pytest.mark.slow
def test_processes_make_the_same_clips(options, shards, tmp_path):
    others = run(replace(options, output=tmp_path / "parallel", processes=2))
    for shard, other in zip(shards, others, strict=True):
        arrays, other_arrays = contents(shard), contents(other)
        assert arrays.keys() == other_arrays.keys()
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, other_arrays[name], err_msg=name)


def test_pictures_are_kept_where_they_are_asked_for(options, studio):
    arrays = contents(run(replace(options, pictures=True))[0])
    ends = arrays["jpeg_end"].ravel()
    files = [arrays["jpeg"][start:end].tobytes() for start, end in pairwise([0, *ends])]
    clip = make_clip(studio, "val", 3, seed=4, index=1)
    kept = [decode_jpeg(file) for file in files[3:]]
    assert [picture.shape for picture in kept] == [(SIDE_PX, SIDE_PX, 3)] * 3
    assert np.abs(np.array(kept).astype(float) - np.array(clip.frames)).mean() < 4


def test_close_ups_take_the_place_of_whole_people(options, shards, tmp_path):
    whole = contents(shards[0])
    (near, _) = run(replace(options, close_ups=True, output=tmp_path / "close"))
    close = contents(near)
    np.testing.assert_array_equal(close["source"], whole["source"])
    tall_px = np.ptp(close["joints_px"][..., 1], axis=-1)
    assert (tall_px > 1.5 * np.ptp(whole["joints_px"][..., 1], axis=-1)).mean() > 0.9
