"""Each content once, in a folder that stays its own."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from tcmr.batch.events import Done, Failed, Planned
from tcmr.batch.journal import LocalJournal
from tcmr.batch.manifest import Manifest
from tcmr.batch.output import LocalOutput
from tcmr.batch.plan import plan
from tcmr.batch.sources import find_sources
from tcmr.errors import TcmrError
from tcmr.options import Options


class Folder:
    """An output folder that plans are made for, again and again."""

    def __init__(self, path: Path):
        self.path = path
        (path / "out").mkdir()

    def write(self, name: str, content: str) -> str:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return str(path)

    def manifest(self) -> Manifest:
        return Manifest(LocalJournal(self.path / "out" / "manifest.jsonl"), "manifest.jsonl")

    def plan(self, *inputs: str, options: Options | None = None, draw: bool = True) -> list[Planned]:
        options, manifest = options or Options(), self.manifest()
        sources = find_sources(inputs, str(self.path / "out"), options)
        planned = plan(sources, options, draw, manifest, LocalOutput(self.path / "out").is_taken)
        manifest.add(task for task in planned if not manifest.knows(task))
        return planned

    def finish(self, task: Planned) -> None:
        self.manifest().add([Done(task.id, 1, 1, 1.0)])
        self.write(f"out/{task.folder}/result.json", "{}")


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


def test_one_name_in_two_folders_are_two_folders_that_stay_theirs(folder):
    first = folder.plan(folder.write("a/x.mp4", "one"))
    both = folder.plan(folder.write("b/x.mp4", "two"), str(folder.path / "a/x.mp4"))
    assert first[0].folder == "x"
    assert both[1] == first[0]
    assert both[0].folder == f"x-{both[0].id[:8]}"
    assert folder.plan(str(folder.path / "b"), str(folder.path / "a")) == both


def test_names_that_differ_in_case_alone_do_not_meet_where_file_systems_ignore_case(folder):
    first, second = folder.plan(folder.write("a/x.mp4", "one"), folder.write("b/X.mp4", "two"))
    assert first.folder.casefold() != second.folder.casefold()


def test_the_same_content_is_the_same_work_wherever_it_lies(folder):
    first, second = folder.plan(folder.write("a/x.mp4", "one"), folder.write("b/y.mov", "one"))
    assert (first.id, first.folder) == (second.id, second.folder)


def test_other_content_or_other_options_are_other_work(folder):
    path = folder.write("x.mp4", "one")
    [before] = folder.plan(path)
    folder.finish(before)
    ids = {before.id}
    [sharp] = folder.plan(path, options=Options(smooth="gaussian"))
    [plain] = folder.plan(path, draw=False)
    folder.write("x.mp4", "another")
    [changed] = folder.plan(path)
    ids |= {sharp.id, plain.id, changed.id}
    assert len(ids) == 4
    assert changed.folder != "x"  # a finished result is not written over
    assert (
        folder.plan(path, options=Options(device="cuda"))[0].id == changed.id
    )  # where it is made is no matter


def test_weights_are_known_by_their_content(folder):
    path, weights = folder.write("x.mp4", "one"), folder.write("w.safetensors", "1")
    options = Options(weights=weights)
    [before] = folder.plan(path, options=options)
    assert (
        folder.plan(path, options=replace(options, weights=folder.write("copy.safetensors", "1")))[0]
        == before
    )
    folder.write("w.safetensors", "2")
    assert folder.plan(path, options=options)[0].id != before.id


def test_what_a_video_was_hashed_to_is_remembered_until_it_changes(folder):
    path = folder.write("x.mp4", "one")
    [before] = folder.plan(path)
    stat = os.stat(path)
    folder.write("x.mp4", "two")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert folder.plan(path) == [before]  # not read again: size and time are the same
    os.utime(path)
    assert folder.plan(path)[0].id != before.id


def test_a_plan_that_stands_is_not_written_again(folder):
    path = folder.write("x.mp4", "one")
    folder.plan(path)
    before = (folder.path / "out/manifest.jsonl").read_text()
    folder.plan(path)
    assert (folder.path / "out/manifest.jsonl").read_text() == before


def test_folders_of_somebody_else_are_left_alone(folder):
    folder.write("out/x/holiday.jpg", "")
    folder.write("out/y.txt", "")
    [x] = folder.plan(folder.write("x.mp4", "one"))
    assert x.folder == f"x-{x.id[:8]}"


def test_a_video_that_failed_and_was_mended_gets_its_name(folder):
    [broken] = folder.plan(folder.write("x.mp4", "half"))
    folder.manifest().add([Failed(broken.id, "is cut off")])
    folder.write("x.mp4", "the whole")
    [mended] = folder.plan(str(folder.path / "x.mp4"))
    assert mended.id != broken.id
    assert mended.folder == "x"
    folder.write("x.mp4", "half")
    assert folder.plan(str(folder.path / "x.mp4"))[0].folder == "x"


@pytest.mark.parametrize(
    "name",
    ["...mp4", "a\\b.mp4", "c:d.mp4", " .mp4", "manifest.jsonl.mp4", "ä" * 120 + ".mp4", "line\nbreak.mp4"],
)
def test_any_name_of_a_video_gives_a_folder_within_the_output(folder, name):
    folder.plan(folder.write("first.mp4", "one"))  # so that the manifest is there
    [task] = folder.plan(folder.write(f"in/{name}", "content"))
    path = folder.path / "out" / task.folder
    path.mkdir()
    assert path.parent.samefile(folder.path / "out")
    assert task.folder == task.folder.strip(". ")


def test_a_missing_video_of_a_list_is_planned_and_done_when_it_is_there(folder):
    listed = folder.write("list.csv", "video\nx.mp4\n")
    [missing] = folder.plan(listed)
    assert (missing.sha256, missing.folder) == (None, "x")
    folder.write("x.mp4", "one")
    [there] = folder.plan(listed)
    assert there.sha256
    assert there.folder == "x"


def test_a_damaged_manifest_is_named_with_its_line(folder):
    folder.plan(folder.write("x.mp4", "one"))
    with (folder.path / "out/manifest.jsonl").open("a") as file:
        file.write("what?\n")
    with pytest.raises(TcmrError, match=r"manifest.jsonl, line 2: .*mend or delete that line"):
        folder.plan(str(folder.path / "x.mp4"))


def test_one_batch_at_a_time(tmp_path):
    with (
        LocalOutput(tmp_path / "out").locked(),
        pytest.raises(TcmrError, match="another batch"),
        LocalOutput(tmp_path / "out").locked(),
    ):
        pass
    with LocalOutput(tmp_path / "out").locked():
        pass
