"""The body model: SMPL's format, as immutable values."""

from tcmr.body.load import load_body
from tcmr.body.model import BodyModel, PosedBody, ShapedBody

__all__ = ["BodyModel", "PosedBody", "ShapedBody", "load_body"]
