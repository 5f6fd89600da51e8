"""What a run leaves in its folder."""

import json
from pathlib import Path

import numpy as np
import pytest

from tcmr.camera import PinholeCamera
from tcmr.errors import TcmrError
from tcmr.result import Making, Result, clear_folder, make_folder, person_summary, replacing, result_folder
from tcmr.types import Clip, Dropped, Motion


def motion_of(person: int, frames: list[int], bridged: list[bool] | None = None) -> Motion:
    count = len(frames)
    return Motion(
        rotmat=np.broadcast_to(np.eye(3, dtype=np.float32), (count, 24, 3, 3)).copy(),
        betas=np.zeros((count, 10), np.float32),
        camera=np.zeros((count, 3), np.float32),
        joints_m=np.zeros((count, 24, 3), np.float32),
        attention=np.zeros((count, 3), np.float32),
        frames=np.array(frames),
        fps=25.0,
        body="open b0d1",
        weights="open 3e16",
        person=person,
        bridged=None if bridged is None else np.array(bridged),
    )


def save(result: Result, folder: Path) -> None:
    result.save_motions(folder)
    result.save_summary(folder)


def fail_in(folder: Path) -> None:
    """Break off when everything is written."""
    with replacing(folder) as fresh:
        save(result_of([motion_of(2, [0])]), fresh)
        raise ZeroDivisionError


def result_of(motions: list[Motion]) -> Result:
    return Result(
        clip=Clip(Path("street.mp4"), 1280, 720, 25.0, 10, has_audio=False),
        timestamps_s=[index / 25 for index in range(10)],
        camera=PinholeCamera(1468.6, (640.0, 360.0)),
        motions=motions,
        dropped=[Dropped(4, 0, 3, 4, "seen in fewer than 10 frames")],
        warnings=["the detector could not be had"],
        seconds={"decode": 0.12345},
        making=Making(
            ("tcmr", "run", "--smooth", "slerp"),
            {"smooth": "slerp", "focal": None},
            "spin 0c2a",
            "blazepose-landmarks e9a5",
        ),
    )


@pytest.mark.parametrize(
    ("video", "given"), [("-dash.mp4", "./-dash.mp4"), ("-", "-"), ("a-b.mp4", "a-b.mp4")]
)
def test_the_command_takes_no_name_for_an_option(video, given, tmp_path):
    result_of([motion_of(1, [0])]).save_summary(tmp_path, video)
    said = json.loads((tmp_path / "result.json").read_text())
    assert said["command"].split()[-1] == given
    assert said["video"] == video


def test_result_json_tells_all_of_the_run(tmp_path):
    save(result_of([motion_of(1, [0, 1, 2]), motion_of(2, [5, 6])]), tmp_path)
    said = json.loads((tmp_path / "result.json").read_text())
    assert said["video"] == "street.mp4"
    assert (said["frames"], said["fps"], said["size"]) == (10, 25.0, [1280, 720])
    assert len(said["timestamps_s"]) == 10
    assert said["camera"] == {"focal_px": 1468.6, "center_px": [640.0, 360.0]}
    assert [person["file"] for person in said["persons"]] == ["person-1.npz", "person-2.npz"]
    assert said["dropped"][0]["reason"] == "seen in fewer than 10 frames"
    assert said["warnings"] == ["the detector could not be had"]
    assert (said["weights"], said["body"]) == ("open 3e16", "open b0d1")
    assert said["command"] == "tcmr run --smooth slerp street.mp4"
    assert said["options"] == {"smooth": "slerp", "focal": None}
    assert (said["features"], said["landmarks"]) == ("spin 0c2a", "blazepose-landmarks e9a5")
    assert {"tcmr", "torch"} <= set(said["versions"])
    assert said["seconds"] == {"decode": 0.123}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["person-1.npz", "person-2.npz", "result.json"]
    assert Motion.load(tmp_path / "person-2.npz").frames.tolist() == [5, 6]


def test_a_clip_with_nobody_has_a_result_without_persons(tmp_path):
    save(result_of([]), tmp_path)
    said = json.loads((tmp_path / "result.json").read_text())
    assert said["persons"] == []
    assert said["weights"] is None


@pytest.mark.parametrize(
    ("frames", "ranges"),
    [([3], [[3, 3]]), ([0, 1, 2], [[0, 2]]), ([0, 1, 5, 6, 9], [[0, 1], [5, 6], [9, 9]])],
)
def test_a_persons_stretches_are_named_by_first_and_last_frame(frames, ranges):
    assert person_summary(motion_of(1, frames))["ranges"] == ranges


def test_bridged_frames_are_counted():
    assert person_summary(motion_of(1, [0, 1, 2], [False, True, True]))["bridged_frames"] == 2
    assert person_summary(motion_of(1, [0, 1, 2]))["bridged_frames"] == 0


def test_a_folder_is_named_after_its_video(tmp_path):
    (tmp_path / "frames.v2").mkdir()
    assert result_folder(Path("out"), tmp_path / "street.clip.mp4") == Path("out/street.clip")
    assert result_folder(Path("out"), tmp_path / "frames.v2") == Path("out/frames.v2")


@pytest.mark.parametrize("name", ["...mp4", "..mp4", "\udce9\n.mp4", "x" * 300 + ".mp4"])
def test_any_name_of_a_video_gives_a_folder_within_the_output(tmp_path, name):
    folder = result_folder(tmp_path, Path(name))
    folder.mkdir()
    assert folder.resolve().parent == tmp_path
    assert folder.name.isprintable()


def test_a_file_in_the_way_of_the_folder_is_named(tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(TcmrError, match="out"):
        make_folder(tmp_path / "out" / "street")


def test_saving_where_there_is_no_folder_is_one_clear_error(tmp_path):
    with pytest.raises(TcmrError, match="gone"):
        save(result_of([motion_of(1, [0])]), tmp_path / "gone")


def test_clearing_takes_only_what_runs_leave(tmp_path):
    make_folder(tmp_path)
    save(result_of([motion_of(1, [0])]), tmp_path)
    (tmp_path / "mine.npz").write_bytes(b"")
    clear_folder(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.npz"]


def test_a_result_takes_the_place_of_an_earlier_one_whole(tmp_path):
    folder = tmp_path / "street"
    with replacing(folder) as fresh:
        save(result_of([motion_of(1, [0]), motion_of(2, [0])]), fresh)
    (folder / "notes.txt").write_text("mine")
    with replacing(folder) as fresh:
        save(result_of([motion_of(3, [0])]), fresh)
        assert (folder / "person-2.npz").exists()  # until all is there
    assert {path.name for path in folder.iterdir()} == {"person-3.npz", "result.json", "notes.txt"}


def test_a_result_that_fails_leaves_the_earlier_one_as_it_was(tmp_path):
    with replacing(tmp_path) as fresh:
        save(result_of([motion_of(1, [0])]), fresh)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ZeroDivisionError):
        fail_in(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_first_result_that_fails_leaves_no_folder(tmp_path):
    with pytest.raises(ZeroDivisionError):
        fail_in(tmp_path / "street")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_deleted_by_the_next(tmp_path):
    (tmp_path / ".unfinished-abc").mkdir()
    (tmp_path / ".unfinished-abc" / "person-1.npz").write_bytes(b"half")
    with replacing(tmp_path) as fresh:
        save(result_of([]), fresh)
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_a_result_names_the_source_of_a_copy(tmp_path):
    result_of([]).save_summary(tmp_path, "s3://bucket/street.mp4")
    said = json.loads((tmp_path / "result.json").read_text())
    assert said["video"] == "s3://bucket/street.mp4"
    assert said["command"].endswith(" s3://bucket/street.mp4")
