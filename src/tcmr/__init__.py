"""Temporally consistent 3D human motion from ordinary video; what is listed here is the whole public API.

Names are imported when they are first used, so that `import tcmr` and `tcmr --help` take no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tcmr.api import run, run_live
    from tcmr.batch.run import run_batch
    from tcmr.body import load_body
    from tcmr.errors import TcmrError
    from tcmr.export import export_motions
    from tcmr.live.choices import LiveOptions
    from tcmr.live.people import PeopleStream
    from tcmr.model.checkpoint import convert_checkpoint
    from tcmr.model.feature_files import load_features
    from tcmr.model.predictor import load_model
    from tcmr.model.stream import Stream
    from tcmr.options import Options
    from tcmr.smooth.motion import smoothed
    from tcmr.types import Motion
    from tcmr.view.plot import write_plots
    from tcmr.view.report import write_report
    from tcmr.world.place import place

__all__ = [
    "LiveOptions",
    "Motion",
    "Options",
    "PeopleStream",
    "Stream",
    "TcmrError",
    "convert_checkpoint",
    "export_motions",
    "load_body",
    "load_features",
    "load_model",
    "place",
    "run",
    "run_batch",
    "run_live",
    "smoothed",
    "write_plots",
    "write_report",
]

_MODULES = {
    "LiveOptions": "tcmr.live.choices",
    "Motion": "tcmr.types",
    "Options": "tcmr.options",
    "PeopleStream": "tcmr.live.people",
    "Stream": "tcmr.model.stream",
    "TcmrError": "tcmr.errors",
    "convert_checkpoint": "tcmr.model.checkpoint",
    "export_motions": "tcmr.export",
    "load_body": "tcmr.body",
    "load_features": "tcmr.model.feature_files",
    "load_model": "tcmr.model.predictor",
    "place": "tcmr.world.place",
    "run": "tcmr.api",
    "run_batch": "tcmr.batch.run",
    "run_live": "tcmr.api",
    "smoothed": "tcmr.smooth.motion",
    "write_plots": "tcmr.view.plot",
    "write_report": "tcmr.view.report",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'tcmr' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return __all__
