"""Batches: simulated and rendered windows in their shares."""

import shutil
from dataclasses import replace

import pytest
import torch

from conftest import write_shard
from tcmr.errors import TcmrError
from tcmr.train.clips import TrainingClips


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_folders_are_read(clips):
    assert len(clips.rendered) == 4
    assert len(clips.validation) == 2
    assert clips.simulator.library.lengths.tolist() == [150, 90]


@pytest.mark.parametrize(("share", "sizes"), [(0.5, [3, 3]), (0.34, [2, 4]), (0.0, [6]), (1.0, [6])])
def test_a_batch_has_its_rendered_share(clips, config_of, share, sizes):
    parts = clips.draw(config_of(rendered_share=share), 5, seeded())
    assert [len(truth.betas) for _, truth in parts] == sizes
    for inputs, truth in parts:
        assert inputs.points.shape[1:] == (5, 33, 2)
        assert truth.rotmat.shape[1:] == (5, 24, 3, 3)


def test_batches_are_repeatable(clips, config_of):
    first, again = (clips.draw(config_of(), 4, seeded(3)) for _ in range(2))
    for (inputs, truth), (inputs_again, truth_again) in zip(first, again, strict=True):
        assert torch.equal(inputs.vector(), inputs_again.vector())
        assert torch.equal(truth.rotmat, truth_again.rotmat)


def test_frames_in_which_blazepose_saw_nobody_are_not_trained_on(clips, config_of):
    score = torch.ones_like(clips.rendered.score)
    score[:, 5:] = 0.1
    few = TrainingClips(
        **{**vars(clips), "rendered": type(clips.rendered)(**{**vars(clips.rendered), "score": score})}
    )
    windows = few._draw_rendered(50, 5, seeded())
    assert (windows.score == 1).all()


@pytest.mark.parametrize("split", ["train", "val"])
def test_rendered_clips_of_another_rate_than_simulated_ones_are_refused(
    split, config_of, rendered_folder, exact_clips, tmp_path
):
    rendered = tmp_path / "rendered"
    shutil.copytree(rendered_folder, rendered)
    write_shard(rendered / split / "shard_000.npz", replace(exact_clips(2), fps=60.0))
    with pytest.raises(TcmrError, match=f"{split} has clips of 60 frames a second, .*--fps 30"):
        TrainingClips.load(config_of(rendered=rendered))


def test_a_folder_without_clips_is_refused(config_of, tmp_path):
    with pytest.raises(TcmrError, match="tcmr synth"):
        TrainingClips.load(config_of(rendered=tmp_path))
