import numpy as np
import pytest
import torch

from data.sources.cmu_skeleton import bvh_text, walk
from tcmr.cli import main
from tcmr.data.sources.motion import HeldOut, as_motion_file, read_takes, write_motion_file
from tcmr.data.store import FeatureStore
from tcmr.synth.motion import MotionCapture
from tcmr.synth.poses import PoseLibrary


@pytest.fixture
def amass(write_amass, tmp_path):
    """Make a folder as AMASS's: a database with folders of subjects, and files of shapes beside the motion."""
    folder = tmp_path / "ACCAD"
    write_amass(folder / "Female1" / "walk_poses.npz", 360)
    write_amass(folder / "Female1" / "short_poses.npz", 60)
    write_amass(folder / "Male1" / "run_poses.npz", 240)
    np.savez(folder / "Male1" / "shape.npz", betas=np.zeros(16))
    return folder


def test_rendering_and_training_read_the_file(amass, tmp_path, capsys):
    output = tmp_path / "motion.npz"
    main(["convert", "motion", str(amass), str(output), "--val", "Male1"])
    assert capsys.readouterr().out == f"{output}: train 1 (0.1 min), val 1 (0.0 min)\n"
    capture = MotionCapture.load(output)
    assert capture.names == ("Female1/walk_poses", "Male1/run_poses")
    assert capture.splits == ("train", "val")
    assert capture.fps == 60
    assert capture.lengths.tolist() == [180, 120]
    assert capture.starts.tolist() == [0, 180]
    performance = capture.perform("val", 20, np.random.default_rng(0))
    assert performance.source == "Male1/run_poses"
    speed = np.linalg.norm(np.diff(performance.path_legs, axis=0), axis=1) * capture.leg_lengths_m[1]
    np.testing.assert_allclose(speed, 2 / 239 * 120 / 30, rtol=1e-3)
    library = PoseLibrary.load(output, "train")
    assert library.rotmat.shape == (300, 24, 3, 3)


def test_bvh_files_of_a_flat_folder_belong_to_the_subject_of_their_name(tmp_path):
    for name in ("02_01", "02_02", "35_01"):
        (tmp_path / f"{name}.bvh").write_text(bvh_text(walk(130)))
    assert [(take.name, take.subject) for take in read_takes(tmp_path)] == [
        ("02_01", "02"),
        ("02_02", "02"),
        ("35_01", "35"),
    ]
    (take,) = read_takes(tmp_path / "35_01.bvh")
    assert (take.name, take.subject) == ("35_01", "35")


def test_a_tenth_of_many_subjects_is_held_out_for_each_and_always_the_same():
    many = [f"subject {number}" for number in range(1000)]
    splits = HeldOut().splits(many)
    assert 70 < list(splits.values()).count("val") < 130
    assert 70 < list(splits.values()).count("test") < 130
    assert HeldOut().splits(many[:20]) == {subject: splits[subject] for subject in many[:20]}
    assert set(HeldOut().splits(many[:9]).values()) == {"train"}
    assert HeldOut(test=("subject 3",)).splits(many[:20])["subject 3"] == "test"


def test_a_store_of_poses_is_what_a_motion_discriminator_takes(amass, tmp_path):
    main(["convert", "motion", str(amass), str(tmp_path / "poses"), "--fps", "25"])
    store = FeatureStore.open(tmp_path / "poses")
    assert list(store.columns) == ["pose"]
    assert store.lengths.tolist() == [75, 50]
    knee = store.column("pose").read(np.array([0]), 75)[0, :, 12]
    np.testing.assert_allclose(knee, np.arange(75) * 120 / 25 / 359, atol=1e-5)


def test_a_store_that_is_there_stays(amass, tmp_path, capsys):
    store = tmp_path / "poses"

    def refusal(*words: str) -> str:
        with pytest.raises(SystemExit) as stopped:
            main(["convert", "motion", str(amass), *words])
        assert stopped.value.code == 2
        return capsys.readouterr().err

    main(["convert", "motion", str(amass), str(store)])
    assert "poses exists already" in refusal(str(store))
    for fps in ("0", "-25", "nan", "inf"):
        assert "--fps must be" in refusal(str(store), "--fps", fps)
    assert FeatureStore.open(store).lengths.tolist() == [90, 60]
    (amass / "Male1" / "run_poses.npz").write_text("damaged")
    assert "run_poses.npz" in refusal(str(tmp_path / "other"))
    assert {path.name for path in tmp_path.iterdir()} == {"ACCAD", "poses"}


def test_a_motion_file_is_taken_as_it_is_and_others_are_converted_once(amass, tmp_path, write_amass):
    said: list[str] = []
    made = tmp_path / "rendered" / "motion.npz"
    assert as_motion_file(amass, made, said.append) == made
    before = made.stat().st_mtime_ns
    assert as_motion_file(amass, made, said.append) == made
    assert (made.stat().st_mtime_ns, len(said)) == (before, 1)
    assert as_motion_file(made, tmp_path / "never.npz", said.append) == made
    write_amass(amass / "Female1" / "jump_poses.npz", 240)
    as_motion_file(amass, made, said.append)
    assert len(MotionCapture.load(made).names) == 3


def test_what_cannot_be_used_is_one_clear_line(amass, tmp_path, capsys):
    def refusal(*words: object) -> str:
        with pytest.raises(SystemExit):
            main(["convert", "motion", *map(str, words)])
        return capsys.readouterr().err

    (tmp_path / "empty").mkdir()
    assert "no captured motion" in refusal(tmp_path / "empty", tmp_path / "m.npz")
    assert "no subject named Nobody; there are Female1, Male1" in refusal(
        amass, tmp_path / "m.npz", "--test", "Nobody"
    )
    assert "shape.npz holds no motion" in refusal(amass / "Male1" / "shape.npz", tmp_path / "m.npz")
    assert "1 s without a jump" in refusal(amass / "Female1" / "short_poses.npz", tmp_path / "m.npz")
    assert not list(tmp_path.glob("*.npz*"))


def test_poses_are_kept_as_they_are(write_amass, tmp_path):
    takes = list(read_takes(write_amass(tmp_path / "a_poses.npz", 241)))
    write_motion_file(tmp_path / "m.npz", iter(takes), HeldOut())
    library = PoseLibrary.load(tmp_path / "m.npz", "train")
    torch.testing.assert_close(library.rotmat, takes[0].rotmat[::2], atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("output", "option", "said"),
    [
        ("poses", "--val Male1", "--val and --test are for a motion file"),
        ("poses", "--test Male1", "--val and --test are for a motion file"),
        ("motion.npz", "--fps 25", "--fps is for a feature store"),
        ("poses", "--fps 0", "--fps must be above 0"),
    ],
)
def test_what_the_output_does_not_take_is_refused(output, option, said, amass, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["convert", "motion", str(amass), str(tmp_path / output), *option.split()])
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / output).exists()
