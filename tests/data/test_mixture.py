"""Mixtures of databases: every window once a pass, in proportion, the same again for the same seed."""

from collections import Counter

import numpy as np
import pytest
import torch

from synthetic_store import ONLY_2D, write_store
from tcmr.data.mixture import Mixture, Shuffle, WindowedStore
from tcmr.data.store import FeatureStore, StoreWriter
from tcmr.errors import TcmrError


def numbered(path, lengths: tuple[int, ...], base: float) -> FeatureStore:
    """Write a store whose static features are the frames' own numbers."""
    writer = StoreWriter(path, path.name, ("static",), feature_size=1)
    for number, frames in enumerate(lengths):
        rows = base + 1000 * number + np.arange(frames, dtype=np.float32)
        writer.add(np.arange(frames), static=rows[:, None])
    return writer.close()


@pytest.fixture
def parts(tmp_path) -> list[WindowedStore]:
    """Two stores, with 25 + 1 and 13 windows; one sequence is too short for any."""
    stores = numbered(tmp_path / "a", (40, 12, 16), 0.0), numbered(tmp_path / "b", (28,), 1e5)
    return [WindowedStore.cut(store, 16) for store in stores]


def first_frames(mixture: Mixture, step: int, count: int, share: slice = slice(None)) -> list[float]:
    return mixture.read(step, count, share).static[:, 0, 0].tolist()


def test_windows_stay_inside_their_sequence(parts):
    assert [len(part) for part in parts] == [26, 13]
    static = Mixture(parts, seed=0).read(0, 39).static[..., 0]
    assert (static.diff(dim=1) == 1).all()


def test_every_window_comes_once_a_pass_and_each_pass_has_its_own_order(parts):
    mixture = Mixture(parts, seed=0)
    passes = [[first_frames(mixture, 3 * number + step, 13) for step in range(3)] for number in range(2)]
    for batches in passes:
        assert len({first for batch in batches for first in batch}) == 39
    assert passes[0] != passes[1]


def test_stores_come_up_in_proportion_to_their_windows(parts):
    mixture = Mixture(parts, seed=0)
    drawn = [first for step in range(70) for first in first_frames(mixture, step, 5)]
    share = Counter(value >= 1e5 for value in drawn)[True] / len(drawn)
    assert share == pytest.approx(13 / 39, abs=0.02)


def test_a_step_is_the_same_whenever_it_is_asked_for(parts):
    mixture, again = Mixture(parts, seed=3), Mixture(parts, seed=3)
    inorder = [first_frames(mixture, step, 8) for step in range(12)]
    assert [first_frames(again, step, 8) for step in reversed(range(12))] == inorder[::-1]
    assert [first_frames(Mixture(parts, seed=4), step, 8) for step in range(12)] != inorder


def test_shares_of_a_batch_make_up_the_batch(parts):
    mixture = Mixture(parts, seed=0)
    whole = first_frames(mixture, 2, 9)
    for processes in (2, 3):
        for rank in range(processes):
            assert first_frames(mixture, 2, 9, slice(rank, None, processes)) == whole[rank::processes]


def test_a_share_may_be_empty(parts):
    assert len(Mixture(parts, seed=0).read(0, 1, slice(1, None, 2))) == 0


def test_fewer_windows_than_a_batch_are_drawn_with_repetition():
    numbers = Shuffle(3, seed=0).batch(5, 20)
    assert numbers.shape == (20,)
    assert set(numbers.tolist()) == {0, 1, 2}


def test_labels_go_with_their_windows(tmp_path, open_body):
    stores = [
        write_store(tmp_path / "flat", open_body, fields=ONLY_2D, seed=1),
        write_store(tmp_path / "full", open_body, seed=2),
    ]
    mixture = Mixture([WindowedStore.cut(store, 16) for store in stores], seed=0)
    batch = mixture.read(0, 30)
    weights = batch.labels.joints_weight
    assert 0 < weights.sum() < 30
    assert torch.equal(weights, batch.labels.body_weight)
    assert torch.equal(weights > 0, batch.labels.joints_m.abs().amax((1, 2)) > 0)


def test_bodies_can_be_left_out_store_by_store(tmp_path, open_body):
    store = write_store(tmp_path / "full", open_body)
    batch = Mixture([WindowedStore.cut(store, 16, with_body=False)], seed=0).read(0, 8)
    assert batch.labels.body_weight.sum() == 0
    assert batch.labels.joints_weight.sum() == 8


def test_a_store_without_a_window_is_refused(tmp_path):
    with pytest.raises(TcmrError, match="no sequence of 16 frames"):
        WindowedStore.cut(numbered(tmp_path / "short", (15, 3), 0.0), 16)
