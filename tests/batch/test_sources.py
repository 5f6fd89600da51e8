"""Which videos are meant."""

from pathlib import Path

import fsspec
import pytest

from tcmr.batch.lists import read_list
from tcmr.batch.place import place_of
from tcmr.batch.sources import find_sources
from tcmr.errors import TcmrError
from tcmr.options import Options

FILES = (
    "a/clip10.mp4", "a/clip9.MP4", "a/notes.txt", "a/.hidden.mp4", "b/clip9.mp4", "b/.git/x.mp4",
    "out/clip/overlay.mp4", "frames/one/000.jpg", "frames/one/001.jpg", "frames/two/000.png", "empty/readme.md",
)  # fmt: skip


@pytest.fixture
def tree(tmp_path, monkeypatch) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def store(tree):
    """Make the same tree in an object store."""
    memory = fsspec.filesystem("memory")
    memory.put(f"{tree}/", "memory://videos/", recursive=True)
    yield "memory:///videos"
    memory.rm("/videos", recursive=True)


def found(*inputs: str, output: str = "out") -> list[str]:
    return [source.place.name for source in find_sources(inputs, output, Options())]


def test_a_folder_gives_its_videos_in_natural_order_without_those_of_the_output(tree):
    assert found(".") == [f"{tree}/a/clip9.MP4", f"{tree}/a/clip10.mp4", f"{tree}/b/clip9.mp4"]


@pytest.fixture
def earlier(tree, store) -> None:
    """Leave a result of an earlier batch beside the videos, in the store too."""
    for name in ("r1/manifest.jsonl", "r1/clip/result.json", "r1/clip/overlay.mp4"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("{}")
        fsspec.filesystem("memory").put(str(tree / name), f"/videos/{name}")


def test_overlays_of_earlier_results_are_no_new_videos(earlier, tree, store):
    assert not [name for name in found(".", "**/*.mp4", store, f"{store}/**/*.mp4") if "/r1/" in name]
    assert found("b", "r1") == [f"{tree}/b/clip9.mp4"]
    with pytest.raises(TcmrError, match="no video in r1"):
        found("r1")
    assert found("r1/clip/overlay.mp4") == [f"{tree}/r1/clip/overlay.mp4"]


def test_an_empty_name_is_not_the_current_folder(tree):
    with pytest.raises(TcmrError, match="empty"):
        found("")
    with pytest.raises(TcmrError, match="empty"):
        found(".", output="")


def test_inputs_keep_their_order(tree):
    assert found("b/clip9.mp4", "a") == [
        f"{tree}/{n}" for n in ("b/clip9.mp4", "a/clip9.MP4", "a/clip10.mp4")
    ]


def test_folders_of_images_are_clips(tree):
    assert found("frames") == [f"{tree}/frames/one", f"{tree}/frames/two"]
    assert found("frames/two") == [f"{tree}/frames/two"]


def test_patterns_are_what_a_shell_would_make_of_them(tree):
    assert found("*/clip*.mp4") == [f"{tree}/a/clip10.mp4", f"{tree}/b/clip9.mp4"]
    assert found("frames/*") == [f"{tree}/frames/one", f"{tree}/frames/two"]
    assert found("**/*.mp4", output="o") == [
        f"{tree}/{n}" for n in FILES if n.endswith(".mp4") and "/." not in n
    ]


def test_a_name_that_looks_like_a_pattern_is_a_name_where_there_is_such_a_file(tree):
    (tree / "take[1].mp4").write_text("")
    assert found("take[1].mp4") == [f"{tree}/take[1].mp4"]


def test_folders_patterns_and_files_of_object_stores(store):
    assert found(f"{store}/b") == [f"{store}/b/clip9.mp4"]
    assert found(f"{store}/*/clip*.mp4") == [f"{store}/a/clip10.mp4", f"{store}/b/clip9.mp4"]
    assert found(f"{store}/a/clip10.mp4") == [f"{store}/a/clip10.mp4"]
    assert found(store, output=f"{store}/out")[-1] == f"{store}/b/clip9.mp4"


@pytest.mark.parametrize("at", ["missing.mp4", "empty", "*.nothing", "memory://no/such.mp4", "odd://x/y.mp4"])
def test_what_is_not_there_is_named(tree, at):
    with pytest.raises(TcmrError, match=at.strip("*").replace("[", "")):
        found(at)


def test_nothing_at_all_is_an_error(tree):
    with pytest.raises(TcmrError, match="no video"):
        found()
    with pytest.raises(TcmrError, match="no video"):
        found("out")


def test_lists_name_videos_relative_to_themselves_with_their_options(tree):
    (tree / "b" / "list.csv").write_text(
        "\ufeffvideo,focal,smooth\nclip9.mp4,900,\n../a/clip10.mp4,,gaussian\n"
    )
    (tree / "b" / "list.jsonl").write_text('{"video": "clip9.mp4", "max_persons": 2, "focal": null}\n\n')
    sources = find_sources(["b/list.csv", "b/list.jsonl"], "out", Options())
    assert [(source.place.name, source.choices) for source in sources] == [
        (f"{tree}/b/clip9.mp4", {"focal": "900"}),
        (f"{tree}/a/clip10.mp4", {"smooth": "gaussian"}),
        (f"{tree}/b/clip9.mp4", {"max_persons": "2"}),
    ]


def test_a_list_in_a_store_names_videos_there(store):
    fsspec.filesystem("memory").pipe("/videos/b/list.csv", b"video\nclip9.mp4\nmemory:///else/where.mp4\n")
    assert found(f"{store}/b/list.csv") == [f"{store}/b/clip9.mp4", "memory:///else/where.mp4"]


def test_videos_of_a_list_that_are_missing_are_left_to_fail_alone(tree):
    (tree / "list.csv").write_text("video\nmissing.mp4\n")
    assert found("list.csv") == [f"{tree}/missing.mp4"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("l.csv", "path\na.mp4\n", "no column 'video'"),
        ("l.csv", "", "no column 'video'"),
        ("l.csv", "video,focal\na.mp4,wide\n", "line 2: focal cannot be 'wide'"),
        ("l.csv", "video,camera\na.mp4,flying\n", "line 2: camera cannot be 'flying'"),
        ("l.csv", "video,focal\na.mp4,inf\n", "line 2: focal must be finite, not inf"),
        ("l.csv", "video,focal\na.mp4,-1\n", "line 2: focal must be above 0"),
        ("l.csv", "video,weights\na.mp4,w\n", "line 2: 'weights' cannot be set for one video"),
        ("l.csv", "video,smooth\na.mp4,much\n", "line 2: smooth cannot be 'much'"),
        ("l.csv", "video\na.mp4,1,2\n", "line 2: has more values"),
        ("l.csv", 'video\n"a.mp4\n', "is no CSV"),
        ("l.csv", "video,focal\n,800\n", "line 2: has no 'video'"),
        ("l.jsonl", '{"video": "a.mp4"}\n{"video"', "line 2: is no JSON"),
        ("l.jsonl", '["a.mp4"]', "line 1: is no JSON object"),
        ("l.jsonl", '{"video": 7}', "line 1: has no 'video'"),
        ("l.jsonl", '{"video": "a.mp4", "focal": [1]}', "line 1: focal is no number"),
        ("l.jsonl", '{"video": "a.mp4", "focal": true}', "line 1: focal is no number"),
        ("l.jsonl", "[" * 100_000, "line 1: is no JSON"),
        ("l.csv", b"\xff\xfe\x00", "is no text in UTF-8"),
    ],
)
def test_a_damaged_list_is_named_with_its_line(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(TcmrError) as caught:
        find_sources([str(path)], "out", Options())
    assert name in str(caught.value)
    assert said in str(caught.value)


def test_lines_of_a_csv_are_counted_as_an_editor_does(tmp_path):
    (tmp_path / "list.csv").write_text('video,focal\n"a\nb.mp4",1\nc.mp4,2\n')
    assert [line for line, _, _ in read_list(place_of(str(tmp_path / "list.csv")))] == [3, 4]
