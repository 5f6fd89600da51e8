"""Windows against the released code's lists, and what must hold for any clip."""

import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tcmr.model.windows import cut_window, inside_frames, padded_indices, window_indices

lengths, sizes = st.integers(1, 60), st.integers(2, 20)
edges = st.sampled_from(["reflect", "hold", "static"])


@pytest.fixture(scope="module")
def released() -> dict[str, list[list[int]]]:
    path = Path(__file__).parents[1] / "parity" / "windows_and_maps.json"
    return json.loads(path.read_text())["demo_seq_list"]


def frames_of(first: int, last: int, count: int) -> list[int]:
    """Spell out a released window: [i, i] is frame i sixteen times; negative numbers count from the end."""
    return [first % count] * 16 if first == last else list(range(first, last + 1))


@pytest.mark.parametrize("count", [16, 17, 40])
def test_static_edges_are_the_released_codes(released, count):
    expected = [frames_of(first, last, count) for first, last in released[str(count)]]
    assert window_indices(count, 16, "static").tolist() == expected


@given(lengths, sizes, edges)
def test_every_frame_is_the_target_of_one_window(count, window, edges):
    indices = window_indices(count, window, edges)
    assert indices.shape == (count, window)
    assert indices[:, window // 2].tolist() == list(range(count))
    assert indices.min() >= 0
    assert indices.max() < count


@given(lengths, sizes, edges)
def test_inside_the_clip_windows_are_plain(count, window, edges):
    indices = window_indices(count, window, edges)
    for target in range(window // 2, count - (window - window // 2) + 1):
        first = target - window // 2
        assert indices[target].tolist() == list(range(first, first + window))


@given(lengths, sizes)
def test_at_the_ends_static_windows_repeat_the_target(count, window):
    indices = window_indices(count, window, "static")
    for target in range(count):
        if target < window // 2 or target - window // 2 + window > count:
            assert indices[target].tolist() == [target] * window


@given(lengths, sizes)
def test_reflected_windows_go_on_as_in_a_mirror(count, window):
    """Neighbours in a window are neighbours in the clip, so that movement has the right speed."""
    steps = window_indices(count, window, "reflect").diff(dim=1).abs()
    assert (steps == (1 if count > 1 else 0)).all()


@given(lengths, sizes)
def test_the_padded_clips_full_windows_are_the_windows(count, window):
    padded = padded_indices(count, window)
    assert torch.equal(padded.unfold(0, window, 1), window_indices(count, window, "reflect"))


@given(lengths, sizes)
def test_held_windows_repeat_the_first_and_the_last_frame(count, window):
    steps = window_indices(count, window, "hold").diff(dim=1)
    assert ((steps == 0) | (steps == 1)).all()


@given(lengths, sizes)
def test_a_cut_window_is_the_window_without_what_the_clip_lacks(count, window):
    for target in range(count):
        seen, place = cut_window(count, target, window)
        held = window_indices(count, window, "hold")[target].unique_consecutive().tolist()
        assert list(range(count)[seen]) == held
        assert held[place] == target


@given(lengths, sizes)
def test_frames_are_inside_whose_windows_are(count, window):
    held = window_indices(count, window, "hold")
    whole = [frame for frame in range(count) if len(held[frame].unique()) == window]
    assert list(inside_frames(count, window)) == whole


@pytest.mark.parametrize("edges", ["reflect", "hold", "static"])
def test_a_clip_without_frames_is_refused(edges):
    with pytest.raises(ValueError, match="no windows"):
        window_indices(0, 16, edges)
