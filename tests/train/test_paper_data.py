"""What a run as in the paper reads: windows over gaps, or not."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from synthetic_store import ALL_FIELDS, sequence
from tcmr.data.store import StoreWriter
from tcmr.model.tcmr import TCMRConfig
from tcmr.train.paper_config import PaperConfig
from tcmr.train.paper_data import Batches


def test_windows_cross_gaps_only_where_it_is_said(open_body, tmp_path):
    """Two videos of 20 frames, one of them with a gap in its middle: 5 windows each, or none of the broken one."""
    writer = StoreWriter(tmp_path / "full", "full", ALL_FIELDS, feature_size=24)
    for number, frames in enumerate((np.r_[0:10, 15:25], np.arange(20))):
        writer.add(frames, **sequence(open_body, 20, number, 24))
    writer.close()
    config = PaperConfig(
        stage="paper",
        run=Path("unused"),
        data=tmp_path,
        body="open",
        train_2d=(),
        train_3d=("full",),
        validation="full",
        epochs=1,
        stride=1,
        network=TCMRConfig(feature_size=24),
    )
    counts = [len(Batches.open(each).groups[0][0]) for each in (config, replace(config, across_gaps=True))]
    assert counts == [5, 10]
