from pathlib import Path

import numpy as np
import pytest

from tcmr.data.sources.labelled import LabelledClip, LabelledPerson, write_store
from tcmr.data.store import FeatureStore
from tcmr.errors import TcmrError


def person_of(name: str, frames: list[int], **fields: np.ndarray) -> LabelledPerson:
    count = len(frames)
    pose = np.full((count, 72), len(name), np.float32)
    return LabelledPerson(name, np.array(frames), np.zeros((count, 4), np.float32), {"pose": pose} | fields)


def clip_of(name: str, *people: LabelledPerson) -> LabelledClip:
    return LabelledClip(name, Path(f"{name}.mp4"), people)


def constant(clip: LabelledClip) -> list[np.ndarray]:
    """Describe each person of a clip by the lengths of both names."""
    return [
        np.full((len(person.frames), 3), 10 * len(clip.name) + len(person.name), np.float32)
        for person in clip.people
    ]


CLIPS = (
    clip_of("first", person_of("a", [0, 1, 2]), person_of("bb", [1, 2, 5, 6])),
    clip_of("empty"),
    clip_of("other", person_of("ccc", [3, 4])),
)


def test_everybody_is_a_sequence_cut_at_gaps(tmp_path):
    store = write_store(tmp_path / "store", CLIPS, "3dpw", constant, "by hand")
    assert store.lengths.tolist() == [3, 2, 2, 2]
    assert store.videos.tolist() == [0, 1, 1, 2]
    assert (store.database, store.name) == ("3dpw", "store")
    static = store.column("static").read(np.arange(9), 1)[:, 0, 0]
    assert static.tolist() == [51.0] * 3 + [52.0] * 4 + [53.0] * 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store"]


def test_labels_alone_are_a_store_too(tmp_path):
    store = write_store(tmp_path / "store", CLIPS)
    assert list(store.columns) == ["pose"]
    assert len(store.column("pose")) == 9


def test_a_run_that_was_stopped_goes_on(tmp_path):
    described = []

    def describe(clip: LabelledClip) -> list[np.ndarray]:
        if len(described) == 1 and clip.name == "other":
            described.append("stopped")
            raise KeyboardInterrupt
        described.append(clip.name)
        return constant(clip)

    for _ in range(2):
        try:
            write_store(tmp_path / "store", CLIPS, None, describe, "by hand")
        except KeyboardInterrupt:
            assert not (tmp_path / "store").exists()
    assert described == ["first", "stopped", "other"]
    expected = write_store(tmp_path / "expected", CLIPS, None, constant)
    found = FeatureStore.open(tmp_path / "store")
    rows = np.arange(9)
    np.testing.assert_array_equal(
        found.column("static").read(rows, 1), expected.column("static").read(rows, 1)
    )


def test_features_made_otherwise_are_made_anew(tmp_path):
    def stopped(clip: LabelledClip) -> list[np.ndarray]:
        if clip.name == "other":
            raise KeyboardInterrupt
        return [0 * rows for rows in constant(clip)]

    with pytest.raises(KeyboardInterrupt):
        write_store(tmp_path / "store", CLIPS, None, stopped, "by nobody")
    store = write_store(tmp_path / "store", CLIPS, None, constant, "by hand")
    assert store.column("static").read(np.array([0]), 9).min() > 50


@pytest.mark.parametrize(
    ("clips", "said"),
    [
        ([], "store would be empty"),
        ([clip_of("empty")], "store would be empty"),
        ([clip_of("x", person_of("a", [0])), clip_of("y", person_of("a", [0]))], "the name a comes twice"),
        ([clip_of("x", person_of("a", [0])), clip_of("x", person_of("b", [0]))], "the name x comes twice"),
        ([clip_of("x", person_of("a", [1, 0]))], r"a of x\.mp4: frames must ascend"),
        (
            [clip_of("x", person_of("a", [0, 1], pose=np.full((2, 72), np.nan, np.float32)))],
            r"a of x\.mp4: pose",
        ),
        (
            [clip_of("x", person_of("a", [0]), person_of("b", [0], valid=np.ones(1)))],
            r"b of x\.mp4: a sequence",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(tmp_path, clips, said):
    with pytest.raises(TcmrError, match=said):
        write_store(tmp_path / "store", clips)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_overwritten(tmp_path):
    (tmp_path / "store").mkdir()
    with pytest.raises(TcmrError, match="exists already"):
        write_store(tmp_path / "store", CLIPS, None, constant)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store"]
