"""What cannot be exported is refused in one line; what fails leaves nothing."""

from dataclasses import replace

import pytest

from tcmr.errors import TcmrError
from tcmr.export import FORMATS, export_motions


def refusal(*args, **kwargs) -> str:
    with pytest.raises(TcmrError) as refused:
        export_motions(*args, **kwargs)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("name", ["motion.fbx", "motion", "motion.glbx"])
def test_unknown_formats_are_refused_with_the_known_ones(name, motion, tmp_path):
    said = refusal(motion, tmp_path / name)
    assert all(known in said for known in FORMATS)


@pytest.mark.parametrize("suffix", ["glb", "bvh", "usd", "smpl"])
def test_a_changing_shape_is_refused_where_there_is_one(suffix, motion, tmp_path):
    assert "npz, csv, trc" in refusal(motion, tmp_path / f"motion.{suffix}", shape="per-frame")


@pytest.mark.parametrize("suffix", ["npz", "bvh", "smpl", "csv", "trc"])
def test_several_persons_are_refused_where_there_is_one(suffix, motion, tmp_path):
    assert "2 were given" in refusal([motion, motion], tmp_path / f"motion.{suffix}")


@pytest.mark.usefixtures("without_checks_of_types")
@pytest.mark.parametrize("choice", ["shape", "place"])
def test_a_choice_that_there_is_not_is_refused(choice, motion, tmp_path):
    assert f"{choice} must be '" in refusal(motion, tmp_path / "motion.bvh", **{choice: "nonsense"})


@pytest.mark.parametrize("suffix", ["glb", "usd"])
@pytest.mark.parametrize(("change", "said"), [({"person": 1}, "same person"), ({"fps": 30.0}, "per second")])
def test_motions_that_are_no_clip_s_persons_are_refused(suffix, change, said, motion, motion_of, tmp_path):
    assert said in refusal([motion, replace(motion_of(2), **change)], tmp_path / f"motion.{suffix}")
    assert not list(tmp_path.iterdir())


def test_another_body_is_refused(motion, tmp_path):
    other = replace(motion, body="SMPL_NEUTRAL 0123")
    assert "SMPL_NEUTRAL" in refusal(other, tmp_path / "motion.glb")


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_name_may_be_as_long_as_names_can_be(suffix, motion, tmp_path):
    path = tmp_path / f"{'m' * (254 - len(suffix))}.{suffix}"
    export_motions(motion, path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_folder_that_is_not_there_is_named(suffix, motion, tmp_path):
    assert "nowhere" in refusal(motion, tmp_path / "nowhere" / f"motion.{suffix}")


def test_a_body_on_a_device_is_brought_to_the_motion(motion, open_body, tmp_path):
    """A body on the device "meta" has no numbers: all that can be seen is that they are asked for first."""
    with pytest.raises(NotImplementedError, match="Cannot copy out of meta tensor"):
        export_motions(motion, tmp_path / "motion.glb", body=open_body.to("meta"))
