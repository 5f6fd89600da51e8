"""Weights that give no rotations: the released code makes some pose or other of them, without a word."""

import numpy as np
import pytest
import torch

from tcmr.body import BodyModel
from tcmr.errors import TcmrError
from tcmr.model.predictor import Predictor
from tcmr.model.tcmr import TCMR


@pytest.mark.parametrize("column", [0.0, 1.0], ids=["zero", "parallel"])
def test_6d_that_stands_for_no_rotation_is_refused_and_counted(small: TCMR, open_body: BodyModel, column):
    for parameter in small.regressor.decpose.parameters():
        parameter.data.zero_()
    elbow = slice(6 * 18, 6 * 19)
    small.regressor.init_pose[:, elbow] = torch.tensor([1.0, column, 0.0, 0.0, 0.0, 0.0])
    static = np.random.default_rng(0).random((20, 12), np.float32)
    with pytest.raises(TcmrError, match=r"weights broken gave no rotation in 20 of 20 frames.*frame 0"):
        Predictor(small, open_body, "broken").predict(static)
