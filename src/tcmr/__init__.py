"""Temporally consistent 3D human motion from ordinary video; what is listed here is the public API.

What only researchers need (importers, stores, studies) is in the modules that their pages of docs/ name.
Names are imported when they are first used, so that `import tcmr` and `tcmr --help` take no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tcmr.api import run, run_live
    from tcmr.batch.run import run_batch
    from tcmr.body import load_body
    from tcmr.camera import PinholeCamera
    from tcmr.errors import TcmrError
    from tcmr.export import export_motions
    from tcmr.export.joint_angles import joint_angles_deg
    from tcmr.joints import SMPL_24
    from tcmr.live.choices import LiveOptions
    from tcmr.live.people import PeopleStream
    from tcmr.loading import Models
    from tcmr.model.checkpoint import convert_checkpoint
    from tcmr.model.feature_files import load_features
    from tcmr.model.predictor import load_model
    from tcmr.model.stream import Stream
    from tcmr.options import Options
    from tcmr.smooth.gaussian import Gaussian
    from tcmr.smooth.motion import smoothed
    from tcmr.smooth.one_euro import OneEuro
    from tcmr.smooth.slerp import SlerpAverage
    from tcmr.types import Frame, Motion
    from tcmr.view.plot import write_plots
    from tcmr.view.report import write_report
    from tcmr.world.place import place

__all__ = [
    "SMPL_24",
    "Frame",
    "Gaussian",
    "LiveOptions",
    "Models",
    "Motion",
    "OneEuro",
    "Options",
    "PeopleStream",
    "PinholeCamera",
    "SlerpAverage",
    "Stream",
    "TcmrError",
    "convert_checkpoint",
    "export_motions",
    "joint_angles_deg",
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
    "SMPL_24": "tcmr.joints",
    "Frame": "tcmr.types",
    "Gaussian": "tcmr.smooth.gaussian",
    "LiveOptions": "tcmr.live.choices",
    "Models": "tcmr.loading",
    "Motion": "tcmr.types",
    "OneEuro": "tcmr.smooth.one_euro",
    "Options": "tcmr.options",
    "PeopleStream": "tcmr.live.people",
    "PinholeCamera": "tcmr.camera",
    "SlerpAverage": "tcmr.smooth.slerp",
    "Stream": "tcmr.model.stream",
    "TcmrError": "tcmr.errors",
    "convert_checkpoint": "tcmr.model.checkpoint",
    "export_motions": "tcmr.export",
    "joint_angles_deg": "tcmr.export.joint_angles",
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
