import io
from pathlib import Path

from rich.console import Console

from tcmr import assets


def test_the_listing_says_everything_about_every_file(cache: Path) -> None:
    statuses = assets.status(cache=cache)
    assert [entry.asset for entry in statuses] == list(assets.ASSETS)
    assert [entry.asset.name for entry in statuses if entry.path is not None] == ["movenet"]
    output = io.StringIO()
    assets.print_status(statuses, Console(file=output, width=250))
    text = output.getvalue()
    for asset in assets.ASSETS:
        for part in (asset.name, asset.purpose, asset.licence, asset.upstream):
            assert part in text
    assert str(cache / "movenet.tflite") in text
    assert text.count("present") == 1
    assert text.count(" missing ") == len(assets.ASSETS) - 1
