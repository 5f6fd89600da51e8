from pathlib import PurePosixPath

import pytest

from tcmr.assets import ASSETS, Asset, UserFile, WheelMember


def test_names_and_files_are_unique() -> None:
    files = [name for asset in ASSETS for name in asset.file_names]
    assert len({asset.name for asset in ASSETS}) == len(ASSETS)
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("asset", ASSETS, ids=lambda asset: asset.name)
def test_every_entry_is_complete_and_names_no_host(asset: Asset) -> None:
    assert asset.purpose
    assert asset.licence
    assert asset.upstream
    assert all(PurePosixPath(name).name == name for name in asset.file_names)
    if isinstance(asset.source, WheelMember):
        assert len(bytes.fromhex(asset.source.sha256)) == 32
        assert 0 < asset.source.size < 20_000_000
    else:
        assert isinstance(asset.source, UserFile)
        assert asset.source.where
        suffixes = {PurePosixPath(name).suffix for name in asset.file_names}
        assert {PurePosixPath(name).suffix for name in asset.source.aliases} <= suffixes
    assert "://" not in repr(asset)
