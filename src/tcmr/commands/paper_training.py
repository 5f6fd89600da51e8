"""What `tcmr train` does with a configuration of a run as in the paper."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tcmr.body.load import load_body
from tcmr.data.store import FeatureStore
from tcmr.errors import TcmrError
from tcmr.evaluate.labelled_store import StoreTest
from tcmr.stages import Stages
from tcmr.train.paper_config import PaperConfig


def train(path: Path, changes: dict[str, Any]) -> None:
    """Train, or go on; print the best epoch's figures as a line of JSON.

    Raises:
        TcmrError: the configuration, a database or the body cannot be used, or an extra is not installed.
    """
    config = replace(PaperConfig.load(path), **changes)
    fault = config.fault()
    if fault:
        raise TcmrError(fault)
    if find_spec("lightning_fabric") is None or find_spec("tensorboard") is None:
        raise TcmrError("training as in the paper needs more packages: pip install 'tcmr[train]'")
    from lightning_fabric import Fabric

    from tcmr.train.paper_loop import PaperTraining

    fabric = Fabric(accelerator=config.device, devices=config.devices, precision=config.precision)
    fabric.launch()
    if config.validation_is_test:
        fabric.print(
            f"note: as published, {config.validation} is the test set, and the weights are chosen on it"
        )
    body = load_body(config.body, fabric.device)
    test = StoreTest(FeatureStore.open(config.data / config.validation), body, config.validation_edges)
    figures = PaperTraining(config, fabric, test.score).go(Stages(show=fabric.is_global_zero))
    fabric.print(json.dumps(figures))
