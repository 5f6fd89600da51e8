"""Rendered clips out of captured motion of other kinds, as a user makes them."""

import numpy as np
import pytest

from data.sources.cmu_skeleton import bvh_text, walk
from tcmr.cli import main
from tcmr.data.landmark_clips import LandmarkClips

SMALL = ["--clips", "1", "--frames", "4", "--contact-sheets", "1"]


@pytest.fixture
def bvh(tmp_path):
    path = tmp_path / "cmu" / "01" / "01_02.bvh"
    path.parent.mkdir(parents=True)
    path.write_text(bvh_text(walk(400)))
    return path


@pytest.mark.parametrize("whole_folder", [True, False])
def test_clips_are_rendered_out_of_bvh_files(bvh, tmp_path, whole_folder, capsys, open_body):
    output = tmp_path / "rendered"
    source = tmp_path / "cmu" if whole_folder else bvh
    main(["synth", "--motion", str(source), "--output", str(output), *SMALL])
    shard = output / "train" / "seed0-000000.npz"
    said = capsys.readouterr().out.splitlines()
    assert said == [f"{output / 'motion.npz'}: train 1 (0.1 min)", str(shard)]
    assert shard.with_suffix(".jpg").stat().st_size > 1000
    with np.load(shard) as arrays:
        assert arrays["source"].tolist() == ["01/01_02" if whole_folder else "01_02"]
        pose = arrays["pose"][0]
    assert np.isfinite(pose).all()
    assert len(LandmarkClips.load([shard], open_body)) == 1
    made = [path.stat().st_mtime_ns for path in (output / "motion.npz", shard)]
    main(["synth", "--motion", str(source), "--output", str(output), *SMALL])
    assert capsys.readouterr().out.splitlines() == [str(shard)]
    assert made == [path.stat().st_mtime_ns for path in (output / "motion.npz", shard)]


@pytest.mark.parametrize("name", ["clips", "frames", "fps", "processes"])
def test_a_number_that_cannot_be_is_refused(name, refused, tmp_path):
    given = ["synth", "--motion", tmp_path / "m.npz", "--output", tmp_path]
    for number in ("0", "-3"):
        assert f"{name} must be above 0, not {number}" in refused(*given, f"--{name}", number)
    assert "seed must be 0 or more" in refused(*given, "--seed", "-1")


def test_what_is_no_motion_is_one_clear_line(tmp_path, refused):
    np.savez(tmp_path / "other.npz", a=1)
    (tmp_path / "text.npz").write_text("text")
    assert "no captured motion" in refused("synth", "--motion", tmp_path / "none", "--output", tmp_path)
    assert "other.npz" in refused("synth", "--motion", tmp_path / "other.npz", "--output", tmp_path)
    assert "text.npz" in refused("synth", "--motion", tmp_path / "text.npz", "--output", tmp_path)
