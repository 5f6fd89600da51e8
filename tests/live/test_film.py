"""The overlay of a live run, and a disk that takes no more of it."""

import resource
from pathlib import Path

import numpy as np
import pytest

from tcmr.live.film import LiveFilm
from tcmr.types import Clip, Frame
from tcmr.video import open_clip

CLIP = Clip(Path("noise"), 128, 96, 30.0, None, has_audio=False)


def frames(count: int) -> list[Frame]:
    noise = np.random.default_rng(0).integers(0, 255, (count, 96, 128, 3), np.uint8)
    return [Frame(index, index / 30, rgb) for index, rgb in enumerate(noise)]


def test_it_holds_what_it_was_shown(tmp_path):
    film = LiveFilm(tmp_path / "film.mp4", CLIP)
    for frame in frames(10):
        film.show(frame)
    film.finish(keep=True)
    assert film.lost is None
    with open_clip(tmp_path / "film.mp4") as clip:
        assert len(list(clip)) == 10


def test_what_is_not_to_be_kept_is_deleted(tmp_path):
    film = LiveFilm(tmp_path / "film.mp4", CLIP)
    film.show(frames(1)[0])
    film.finish(keep=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("count", [1, 200])
def test_a_full_disk_loses_the_film_and_nothing_else(count, tmp_path):
    film = LiveFilm(tmp_path / "film.mp4", CLIP)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        for frame in frames(count):
            film.show(frame)
        film.finish(keep=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "film.mp4" in film.lost
    assert list(tmp_path.iterdir()) == []
