import json
import os
import resource
import shlex
import shutil
from pathlib import Path

import av
import numpy as np
import pytest

from tcmr.cli import main
from tcmr.types import Motion
from tcmr.video import VideoWriter, open_clip


def write_clip(path: Path, frames: int, height: int, width: int, grey: bool = False) -> Path:
    """Write noise: something to decode, nobody to find."""
    rng = np.random.default_rng(0)
    with VideoWriter(path, width=width, height=height, fps=25.0) as writer:
        for _ in range(frames):
            tile = rng.integers(0, 255, (97, 101, 1 if grey else 3), np.uint8)
            writer.write(np.resize(np.repeat(tile, 3, 2) if grey else tile, (height, width, 3)))
    return path


def written(folder: Path) -> dict:
    return json.loads((folder / "result.json").read_text())


@pytest.fixture(scope="module")
def result(street, untrained, tmp_path_factory) -> Path:
    """Run the main job once on real frames."""
    output = tmp_path_factory.mktemp("results")
    main(["run", str(street), "-o", str(output), "--weights", str(untrained)])
    return output / "street"


def test_a_run_leaves_the_files_of_the_contract_and_no_others(result):
    persons = written(result)["persons"]
    assert persons
    files = {path.name for path in result.iterdir()}
    assert files == {"result.json", "overlay.mp4", *(person["file"] for person in persons)}


def test_an_overlay_that_cannot_be_written_takes_no_motion_with_it(
    result, street, untrained, tmp_path, refused
):
    room = 1000 + max(path.stat().st_size for path in result.glob("person-*.npz"))
    assert room < (result / "overlay.mp4").stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        line = refused("run", street, "-o", tmp_path, "--weights", untrained)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert f"{tmp_path / 'street' / 'overlay.mp4'}: cannot be written" in line
    assert line.endswith(f"the motions are in {tmp_path / 'street'}, only the overlay is missing")
    told, whole = written(tmp_path / "street"), written(result)
    assert told["persons"] == whole["persons"]
    assert [text.startswith("no overlay: ") for text in told["warnings"]] == [True]
    files = {path.name for path in (tmp_path / "street").iterdir()}
    assert files == {path.name for path in result.iterdir()} - {"overlay.mp4"}


def test_the_result_tells_what_was_made_of_what(result, street, untrained):
    told = written(result)
    with open_clip(street) as clip:
        assert told["size"] == [clip.clip.width, clip.clip.height]
    assert told["video"] == str(street)
    assert told["frames"] == len(told["timestamps_s"]) == 12
    assert told["fps"] == pytest.approx(30, rel=1e-3)
    assert told["weights"].startswith("untrained ")
    assert told["body"].startswith("open ")
    assert told["features"] == told["weights"]
    assert told["landmarks"].startswith("open_landmarks ")
    assert told["command"] == shlex.join(["tcmr", "run", "--weights", str(untrained), str(street)])
    assert (told["options"]["fit"], told["options"]["smooth"]) == ("on", "none")
    assert {"decode", "detect", "landmarks", "motion", "draw", "encode", "total"} <= set(told["seconds"])
    total_s = told["seconds"].pop("total")
    assert total_s > 0
    # A stage may work in several threads at once, and beside others.
    assert all(0 <= stage_s <= total_s * (os.cpu_count() or 1) for stage_s in told["seconds"].values())
    assert {"tcmr", "torch"} <= set(told["versions"])


def test_every_person_has_the_keys_of_the_contract(result):
    for person in written(result)["persons"]:
        with np.load(result / person["file"]) as arrays:
            count = person["frames"]
            shapes = {
                "poses": (count, 72),
                "betas": (count, 10),
                "cam": (count, 3),
                "transl": (count, 3),
                "joints": (count, 24, 3),
                "rotmat": (count, 24, 3, 3),
                "attention": (count, 3),
                "boxes": (count, 4),
            }
            for key, shape in shapes.items():
                assert arrays[key].shape == shape, key
                assert arrays[key].dtype == np.float32, key
                assert np.isfinite(arrays[key]).all(), key
            assert arrays["frames"].dtype == np.int64
            assert (np.diff(arrays["frames"]) > 0).all()
            assert arrays["frames"][0] == person["ranges"][0][0]
            np.testing.assert_allclose(arrays["attention"].sum(1), 1, atol=1e-5)
            assert float(arrays["mocap_framerate"]) == pytest.approx(30, rel=1e-3)


def test_the_overlay_is_the_clip_with_something_on_the_persons(result, street):
    with open_clip(street) as original, open_clip(result / "overlay.mp4") as overlay:
        pairs = [(a.rgb.astype(int), b.rgb.astype(int)) for a, b in zip(original, overlay, strict=True)]
        assert overlay.clip.has_audio
        np.testing.assert_allclose(overlay.timestamps_s, original.timestamps_s, atol=2e-3)
        assert (overlay.clip.width, overlay.clip.height) == (original.clip.width, original.clip.height)
    motion = Motion.load(result / written(result)["persons"][0]["file"])
    seen = dict(zip(motion.frames.tolist(), motion.boxes_xyxy_px.astype(int), strict=True))
    for index, (before, after) in enumerate(pairs):
        changed = np.abs(before - after).mean(2)
        if index in seen:
            left, top, right, bottom = np.maximum(seen[index], 0)
            assert changed[top:bottom, left:right].max() > 60
        assert np.median(changed) < 6  # the street around them is as it was


def test_an_earlier_result_is_replaced_whole_and_nothing_else_is_deleted(street, untrained, tmp_path, capsys):
    folder = tmp_path / "street"
    folder.mkdir()
    for name in ("person-77.npz", "overlay.mp4", "result.json", "notes.txt"):
        (folder / name).write_text("old")
    main(
        [
            "run",
            str(street),
            "-o",
            str(tmp_path),
            "--no-overlay",
            "--max-people",
            "1",
            "--weights",
            str(untrained),
        ]
    )
    kept = [person["file"] for person in written(folder)["persons"]]
    assert len(kept) == 1
    assert {path.name for path in folder.iterdir()} == {"result.json", "notes.txt", *kept}
    said = capsys.readouterr().out
    assert "frames/s (" in said
    assert "landmarks" in said


def test_one_bad_video_does_not_stop_the_others(street, untrained, tmp_path, capsys):
    content = street.read_bytes()
    bad = {
        "zero.mp4": b"",
        "text.mp4": b"This is a letter, not a video.\n" * 20,
        "cut.mp4": content[: len(content) // 20],  # in the middle of its index
    }
    for name, what in bad.items():
        (tmp_path / name).write_bytes(what)
    (tmp_path / "folder").mkdir()
    with av.open(str(tmp_path / "sound.mp4"), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        samples = av.AudioFrame.from_ndarray(np.zeros((1, 44100), np.float32), format="fltp", layout="mono")
        samples.rate = 44100
        container.mux(stream.encode(samples))
        container.mux(stream.encode(None))
    names = [*bad, "folder", "sound.mp4", "missing.mp4"]
    grey = write_clip(tmp_path / "grey.mp4", 2, 48, 64, grey=True)
    videos = [*(tmp_path / name for name in names), grey]
    output = tmp_path / "out"
    with pytest.raises(SystemExit) as stopped:
        main(["run", *map(str, videos), "-o", str(output), "--weights", str(untrained)])
    assert stopped.value.code == 2
    captured = capsys.readouterr()
    errors = [line for line in captured.err.splitlines() if line.startswith("tcmr: error: ")]
    assert len(errors) == len(names) + 1  # one for each, and how many there were
    for name, line in zip(names, errors, strict=False):
        assert name in line
    assert "Traceback" not in captured.err
    assert [path.name for path in output.iterdir()] == ["grey"]  # of the bad ones nothing is left
    assert "nobody" in captured.out
    assert written(output / "grey")["persons"] == []


@pytest.mark.parametrize(
    ("frames", "height", "width"), [(1, 360, 640), (2, 2160, 3840), (3, 8, 8), (3, 33, 17)]
)
def test_any_size_and_length_is_a_clip_with_nobody_in_it(frames, height, width, untrained, tmp_path, capsys):
    clip = write_clip(tmp_path / "clip.mp4", frames, height, width)
    main(["run", str(clip), "-o", str(tmp_path), "--weights", str(untrained)])
    told = written(tmp_path / "clip")
    assert told["persons"] == []
    assert (told["frames"], told["size"]) == (frames, [width, height])
    assert [path.name for path in (tmp_path / "clip").iterdir()] == ["result.json"]
    assert "nobody" in capsys.readouterr().out


def test_a_truncated_video_is_used_as_far_as_it_goes(untrained, tmp_path, capsys):
    content = write_clip(tmp_path / "whole.mp4", 24, 96, 128).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) * 3 // 4])
    main(["run", str(tmp_path / "cut.mp4"), "-o", str(tmp_path), "--weights", str(untrained)])
    told = written(tmp_path / "cut")
    assert 0 < told["frames"] < 24
    assert any("missing" in warning for warning in told["warnings"])
    assert "tcmr: warning: " in capsys.readouterr().err


def test_one_frame_of_a_person_is_enough(street, untrained, tmp_path):
    with open_clip(street) as frames:
        first = next(iter(frames)).rgb
    height, width = first.shape[:2]
    with VideoWriter(tmp_path / "one.mp4", width=width, height=height, fps=30.0) as writer:
        writer.write(first)
    main(["run", str(tmp_path / "one.mp4"), "-o", str(tmp_path), "--weights", str(untrained)])
    persons = written(tmp_path / "one")["persons"]
    assert [person["ranges"] for person in persons] == [[[0, 0]]] * len(persons)
    assert persons


def test_a_video_that_lies_on_its_side_is_upright_in_the_result(street, untrained, tmp_path):
    """As phones write it: turned frames, and the note that a player must turn them back."""
    lying = tmp_path / "phone.mp4"
    with open_clip(street) as frames, av.open(str(lying), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = frames.clip.height, frames.clip.width, "yuv420p"
        stream.set_display_matrix((0, 1 << 16, 0, -(1 << 16), 0, 0, 0, 0, 1 << 30))  # clockwise
        for frame in frames:
            turned = np.ascontiguousarray(np.rot90(frame.rgb))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(turned, format="rgb24")))
        container.mux(stream.encode(None))
        size = [frames.clip.width, frames.clip.height]
    main(["run", str(lying), "-o", str(tmp_path), "--weights", str(untrained), "--no-overlay"])
    told = written(tmp_path / "phone")
    assert told["size"] == size
    assert told["persons"]


def test_a_folder_of_images_is_a_clip(street, untrained, tmp_path):
    folder = tmp_path / "images"
    folder.mkdir()
    with open_clip(street) as frames:
        for frame in frames:
            if frame.index == 3:
                break
            picture = av.VideoFrame.from_ndarray(frame.rgb, format="rgb24")
            picture.save(str(folder / f"{frame.index}.png"))
    main(["run", str(folder), "-o", str(tmp_path / "out"), "--weights", str(untrained), "--image-fps", "10"])
    told = written(tmp_path / "out" / "images")
    assert told["frames"] == 3
    assert told["fps"] == pytest.approx(10)
    assert (tmp_path / "out" / "images" / "overlay.mp4").exists()


def test_two_videos_of_the_same_name_are_refused_before_any_work(refused, street, untrained, tmp_path):
    other = tmp_path / "elsewhere" / "street.mp4"
    other.parent.mkdir()
    shutil.copy(street, other)
    said = refused("run", street, other, "-o", tmp_path / "out", "--weights", untrained)
    assert str(street) in said
    assert str(other) in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("given", [["overlay/overlay.mp4"], ["elsewhere/overlay.mp4", "link.mp4"]])
def test_a_video_that_the_result_would_replace_is_refused(refused, tmp_path, monkeypatch, given):
    monkeypatch.chdir(tmp_path)
    video = tmp_path / "overlay" / "overlay.mp4"
    video.parent.mkdir()
    video.write_bytes(b"a video")
    Path("link.mp4").symlink_to(video)
    assert "overlay/overlay.mp4 would be replaced" in refused("run", *given, "-o", ".")
    assert video.read_bytes() == b"a video"


def test_a_video_whose_name_is_too_long_keeps_no_other_from_being_done(street, untrained, tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(
            ["run", "x" * 300, str(street), "-o", str(tmp_path), "--weights", str(untrained), "--no-overlay"]
        )
    *_, reason, count = capsys.readouterr().err.splitlines()
    assert reason == f"tcmr: error: {'x' * 300}: File name too long"
    assert "1 of 2 videos" in count
    assert written(tmp_path / "street")["persons"]


def test_an_output_that_cannot_be_made_is_refused_before_any_work(refused, street, tmp_path):
    (tmp_path / "file").write_text("")
    assert "output folder" in refused("run", street, "-o", tmp_path / "file" / "out")


def test_a_device_that_is_not_there_is_refused(refused, street, untrained, tmp_path):
    said = refused("run", street, "-o", tmp_path, "--weights", untrained, "--device", "no-such-device")
    assert "no-such-device" in said
    assert not (tmp_path / "street").exists()


@pytest.mark.parametrize("option", ["--focal", "--image-fps", "--min-frames", "--max-persons"])
def test_numbers_that_mean_nothing_are_refused(option, refused, street, tmp_path):
    assert "above 0" in refused("run", street, "-o", tmp_path, option, "0")


def test_a_run_needs_a_video(refused, tmp_path):
    assert "no video" in refused("run", "-o", tmp_path)


def test_weights_that_are_not_there_are_refused(refused, street, tmp_path):
    assert "nothing.safetensors" in refused("run", street, "-o", tmp_path, "--weights", "nothing.safetensors")
