"""The README's first command, as a newcomer runs it."""

import json

from tcmr import Motion
from tcmr.cli import main


def test_the_demo_finds_the_walking_woman_and_the_man_on_the_roof(tmp_path, capsys):
    main(["demo", "-o", str(tmp_path), "--no-overlay"])
    folder = tmp_path / "sample-clip"
    result = json.loads((folder / "result.json").read_text())
    assert [person["id"] for person in result["persons"]] == [1, 2]
    assert "written to" in capsys.readouterr().out
    for person in (1, 2):
        motion = Motion.load(folder / f"person-{person}.npz")
        assert len(motion) > 100
        assert (motion.transl_m[:, 2] > 1).all()
