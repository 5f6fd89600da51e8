import re
from dataclasses import replace

import numpy as np

from cli.test_run import write_clip
from tcmr import pipeline
from tcmr.cli import main
from tcmr.model.predictor import load_model

FEATURE_SIZE = 32  # of the untrained weights


def test_features_are_of_settled_sides_as_in_a_run(street, untrained, tmp_path, monkeypatch):
    def marked(track, fps):
        return replace(track, xy_px=np.full_like(track.xy_px, fps))

    monkeypatch.setattr(pipeline, "settle_sides", marked)
    for temporal, settled in (("on", True), ("off", False)):
        choices = ["--weights", str(untrained), "--temporal", temporal, "--max-persons", "1"]
        main(["features", str(street), "-o", str(tmp_path / temporal), *choices])
        with np.load(tmp_path / temporal / "street" / "features-1-0.npz") as arrays:
            assert np.allclose(arrays["landmarks"], 30, rtol=1e-3) == settled


def test_what_is_wrong_with_a_video_is_told(untrained, tmp_path, capsys):
    content = write_clip(tmp_path / "whole.mp4", 24, 96, 128).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(content[: len(content) * 3 // 4])
    main(["features", str(tmp_path / "cut.mp4"), "-o", str(tmp_path), "--weights", str(untrained)])
    assert re.search("tcmr: warning: .*cut.mp4: .* missing at its end", capsys.readouterr().err)


def test_features_of_an_earlier_run_go(untrained, tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", 2, 96, 128)
    (tmp_path / "clip").mkdir()
    for name in ("features-1-0.npz", "mine.npz"):
        (tmp_path / "clip" / name).write_bytes(b"earlier")
    main(["features", str(clip), "-o", str(tmp_path), "--weights", str(untrained)])
    assert [path.name for path in (tmp_path / "clip").iterdir()] == ["mine.npz"]


def test_features_are_what_predict_takes(street, untrained, tmp_path):
    main(["features", str(street), "-o", str(tmp_path), "--weights", str(untrained)])
    files = sorted((tmp_path / "street").iterdir())
    assert files
    for file in files:
        with np.load(file) as arrays:
            count = len(arrays["frames"])
            assert arrays["static"].shape == (count, FEATURE_SIZE)
            assert arrays["landmarks"].shape == (count, 33, 2)
            assert arrays["world_landmarks"].shape == (count, 33, 3)
            assert arrays["boxes"].shape == (count, 4)
            np.testing.assert_array_equal(np.diff(arrays["frames"]), 1)
            assert len(load_model(untrained).predict(arrays["static"])) == count
