"""Cuts of real clips joined together, and what is none."""

from collections.abc import Iterator
from itertools import islice

import cv2
import numpy as np
import pytest

from tcmr.assets import fetch
from tcmr.people.shots import ShotCuts
from tcmr.video.read import open_clip

Pictures = list[np.ndarray]


def pictures(name: str, count: int | None = None) -> Iterator[np.ndarray]:
    with open_clip(fetch(name)) as reader:
        yield from (frame.rgb for frame in islice(reader, count))


def cuts(shown: Iterator[np.ndarray] | Pictures) -> list[int]:
    begins_shot = ShotCuts()
    return [number for number, rgb in enumerate(shown) if begins_shot(rgb)]


def joined() -> Iterator[np.ndarray]:
    for name in ("two-person-clip-1", "two-person-clip-2", "sample-clip"):
        yield from pictures(name, 8)


@pytest.fixture(scope="module")
def street() -> np.ndarray:
    return next(pictures("sample-clip"))


def test_real_clips_joined_are_cut_where_they_meet():
    """Two of them show the same hall and persons from two sides."""
    assert cuts(joined()) == [8, 16]


@pytest.mark.parametrize("bars", [((0, 0), (90, 90)), ((40, 40), (0, 0)), ((30, 0), (0, 200))])
def test_black_bars_hide_no_cut(bars):
    """They are the same in every shot."""
    assert cuts(np.pad(cv2.resize(rgb, (320, 180)), (*bars, (0, 0))) for rgb in joined()) == [8, 16]


def test_a_real_shot_with_a_moving_camera_and_the_sun_in_the_lens_has_no_cut():
    assert cuts(pictures("sample-clip")) == []


def test_a_dark_picture_within_a_shot_is_no_cut(street):
    assert cuts([street, np.zeros_like(street), street]) == []


@pytest.mark.parametrize("grey", [0, 10, 255])
def test_an_empty_picture_between_bars_is_no_cut(street, grey):
    bars = ((0, 0), (90, 90), (0, 0))
    with_bars, empty = (np.pad(rgb, bars) for rgb in (street, np.full_like(street, grey)))
    assert cuts([with_bars, empty, with_bars]) == []


def test_a_single_light_in_the_dark_is_no_cut(street):
    light = np.zeros_like(street)
    light[:60, :60] = 255
    assert cuts([light, street // 16, light, np.zeros_like(street), light]) == []


def test_a_shot_that_fades_out_ends_where_the_next_is_seen(street):
    out = [(street * share).astype(np.uint8) for share in np.linspace(1, 0, 8)]
    other = next(pictures("two-person-clip-1"))
    fades_in = [(other * share).astype(np.uint8) for share in np.linspace(0, 1, 8)]
    found = cuts(out + fades_in)
    assert len(found) == 1
    assert 8 <= found[0] <= 10


def test_lights_that_go_on_are_no_cut(street):
    assert cuts([street // 3, street // 3, street]) == []


@pytest.mark.parametrize("share", [0.02, 0.05, 0.09])
def test_a_camera_that_is_swung_round_makes_no_cut(street, share):
    """It gathers speed, up to a fifth of what it sees from one frame to the next; each frame may be there twice."""
    width = street.shape[1]
    steps = width * share * np.array([0.1, 0.3, 0.6, 1, 1, 1, 1])
    places = np.cumsum(steps).astype(int)
    assert places[-1] < width / 2
    swung = [street[:, place : place + width // 2] for place in places]
    assert cuts(swung) == []
    assert cuts([rgb for rgb in swung for _ in range(2)]) == []
