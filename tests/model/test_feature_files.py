"""Files of static features: what is accepted, as whose, and what is refused."""

import os
import pickle

import joblib
import numpy as np
import pytest
import torch

from tcmr.errors import TcmrError
from tcmr.model.feature_files import load_features

STATIC = np.random.default_rng(0).random((6, 4), np.float32)
FRAMES = np.array([3, 4, 5, 8, 9, 10])
CENTER_BOXES = np.tile([100.0, 50.0, 40.0, 20.0], (6, 1))
CORNER_BOXES = np.tile(np.float32([80, 40, 120, 60]), (6, 1))


def demo_entries(features: object) -> dict[str, object]:
    """Return one person's entries of the released demo's tcmr_output.pkl, with the features added."""
    return {
        "pred_cam": np.ones((6, 3), np.float32),
        "verts": np.zeros((6, 10, 3), np.float32),
        "joints2d": None,
        "bboxes": CENTER_BOXES,
        "frame_ids": FRAMES,
        "features": features,
    }


def dump_plainly(content: object, path: object) -> None:
    with open(path, "wb") as file:
        pickle.dump(content, file, protocol=2)


def dump_as_python_2(content: object, path: object) -> None:
    dump_plainly(content, path)
    old = path.read_bytes().replace(b"numpy._core", b"numpy.core")
    path.write_bytes(old)


def dump_compressed(content: object, path: object) -> None:
    joblib.dump(content, path, compress=3)


DUMPS = [joblib.dump, dump_compressed, dump_plainly, dump_as_python_2]


@pytest.mark.parametrize("dump", DUMPS)
@pytest.mark.parametrize("kind", [np.asarray, torch.from_numpy, np.asfortranarray, np.float64])
def test_the_demos_pickle_with_features_in_it(tmp_path, dump, kind):
    dump({7: demo_entries(kind(STATIC))}, tmp_path / "tcmr_output.pkl")
    found = load_features(tmp_path / "tcmr_output.pkl")
    np.testing.assert_array_equal(found.features.static, STATIC)
    assert found.features.static.dtype == np.float32
    np.testing.assert_array_equal(found.features.frames, FRAMES)
    np.testing.assert_array_equal(found.features.boxes_xyxy_px, CORNER_BOXES)
    assert (found.fps, found.person) == (None, 7)


@pytest.mark.parametrize(
    "content", [STATIC, torch.from_numpy(STATIC), {"features": STATIC}, {0: {"static": STATIC}}]
)
def test_simpler_pickles(tmp_path, content):
    joblib.dump(content, tmp_path / "features.pkl")
    found = load_features(tmp_path / "features.pkl")
    np.testing.assert_array_equal(found.features.static, STATIC)
    np.testing.assert_array_equal(found.features.frames, np.arange(6))
    assert found.features.boxes_xyxy_px is None


def test_a_pickle_of_several_persons_needs_a_choice(tmp_path):
    path = tmp_path / "two.pkl"
    joblib.dump({1: demo_entries(STATIC), 4: demo_entries(STATIC + 1)}, path)
    with pytest.raises(TcmrError, match=r"two\.pkl has several persons \(1, 4\); choose one with --person"):
        load_features(path)
    np.testing.assert_array_equal(load_features(path, person=4).features.static, STATIC + 1)
    with pytest.raises(TcmrError, match=r"two\.pkl has no person 2; it has 1, 4"):
        load_features(path, person=2)


def test_the_demos_pickle_as_it_is_has_no_features(tmp_path):
    entries = demo_entries(STATIC)
    del entries["features"]
    joblib.dump({1: entries}, tmp_path / "tcmr_output.pkl")
    with pytest.raises(TcmrError, match=r"no static features, only .*pred_cam.*add 'features': feature_list"):
        load_features(tmp_path / "tcmr_output.pkl")


@pytest.mark.parametrize("names", [("static", "frames", "mocap_framerate"), ("features", "frame_ids", "fps")])
def test_an_npz_with_all_that_it_may_have(tmp_path, names):
    content = dict(zip(names, (STATIC, FRAMES, np.float64(25)), strict=True))
    np.savez(tmp_path / "f.npz", **content, boxes=CORNER_BOXES, person=np.int64(2), landmarks=np.zeros(3))
    found = load_features(tmp_path / "f.npz")
    np.testing.assert_array_equal(found.features.static, STATIC)
    np.testing.assert_array_equal(found.features.frames, FRAMES)
    np.testing.assert_array_equal(found.features.boxes_xyxy_px, CORNER_BOXES)
    assert (found.fps, found.person) == (25, 2)


@pytest.mark.parametrize("kind", [np.float64, np.float16, np.int32])
def test_other_numbers_become_single_precision(tmp_path, kind):
    np.save(tmp_path / "f.npy", (8 * STATIC).astype(kind))
    found = load_features(tmp_path / "f.npy").features.static
    np.testing.assert_array_equal(found, (8 * STATIC).astype(kind).astype(np.float32))
    assert found.dtype == np.float32


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"static": STATIC[None]}, r"f\.npz must be \[frames, size\], of one person, not \[1, 6, 4\]"),
        ({"static": STATIC[:0]}, r"f\.npz must be \[frames, size\].*not \[0, 4\]"),
        ({"static": STATIC.astype(str)}, r"f\.npz must be numbers"),
        ({"static": STATIC + 1j}, r"f\.npz must be numbers, not complex"),
        ({"frames": FRAMES[::-1]}, r"f\.npz must be 6 ascending integers"),
        ({"frames": FRAMES + 0.5}, r"f\.npz must be 6 ascending integers"),
        ({"frames": FRAMES[1:]}, r"f\.npz must be 6 ascending integers"),
        ({"boxes": CORNER_BOXES[:, :3]}, r"boxes in f\.npz|boxes in .*f\.npz must be \[6, 4\].*not \[6, 3\]"),
        ({"fps": -1.0}, "one number above 0"),
        ({"fps": np.nan}, "one number above 0"),
        ({"fps": [25.0, 30.0]}, "one number above 0"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, change, said):
    np.savez(tmp_path / "f.npz", **({"static": STATIC} | change))
    with pytest.raises(TcmrError, match=said):
        load_features(tmp_path / "f.npz")


def test_an_npz_without_features_says_what_it_has(tmp_path):
    np.savez(tmp_path / "f.npz", poses=STATIC, cam=STATIC)
    with pytest.raises(TcmrError, match=r"only poses, cam; give an array \[frames, size\] under 'static' or"):
        load_features(tmp_path / "f.npz")


class Attack:
    def __init__(self, marker: object):
        self.marker = marker

    def __reduce__(self):
        return os.system, (f"touch {self.marker}",)


def torch_attack(marker: object) -> bytes:
    """Hide a command in the checkpoint that a tensor keeps within its pickle."""
    inner = pickle.dumps(Attack(marker), protocol=2).decode("latin1").encode()
    as_bytes = (
        b"c_codecs\nencode\nX" + len(inner).to_bytes(4, "little") + inner + b"X\x06\x00\x00\x00latin1\x86R"
    )
    return b"\x80\x02ctorch.storage\n_load_from_bytes\n" + as_bytes + b"\x85R."


def test_nothing_in_a_pickle_is_run(tmp_path):
    path, marker = tmp_path / "features.pkl", tmp_path / "marker"
    for dump in DUMPS:
        dump({1: {"features": Attack(marker)}}, path)
        with pytest.raises(TcmrError, match=rf"features\.pkl was refused.*{os.name}\.system"):
            load_features(path)
    path.write_bytes(torch_attack(marker))
    with pytest.raises(TcmrError, match=rf"features\.pkl was refused.*{os.name}\.system"):
        load_features(path)
    assert not marker.exists()
    with pytest.raises(RuntimeError):
        pickle.loads(path.read_bytes())
    assert marker.exists()  # the same bytes do harm elsewhere


@pytest.mark.parametrize("suffix", ["npy", "npz", "pkl"])
@pytest.mark.parametrize("content", [None, b"", b"garbage", b"\x80\x04]"])
def test_missing_and_damaged_files_are_named(tmp_path, suffix, content):
    path = tmp_path / f"bad.{suffix}"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TcmrError, match=rf"bad\.{suffix}"):
        load_features(path)


@pytest.mark.parametrize("content", ["text", ["a"], 3, {}, {1: {}}, {1: STATIC, 2: "x"}])
def test_a_pickle_of_something_else_is_refused(tmp_path, content):
    joblib.dump(content, tmp_path / "other.pkl")
    with pytest.raises(TcmrError, match=r"other\.pkl"):
        load_features(tmp_path / "other.pkl")


def test_a_choice_of_person_where_there_is_one_is_refused(tmp_path):
    np.save(tmp_path / "f.npy", STATIC)
    np.savez(tmp_path / "f.npz", static=STATIC, person=np.int64(2))
    for name, content in (("array.pkl", STATIC), ("entries.pkl", {"static": STATIC})):
        (tmp_path / name).write_bytes(pickle.dumps(content))
    for path in tmp_path.iterdir():
        with pytest.raises(TcmrError, match=f"{path.name} holds one person, .*--person"):
            load_features(path, person=2)
