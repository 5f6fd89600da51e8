"""Motions in the formats of other programs, a module for each."""

from tcmr.export.write import FORMATS, Shape, export_motions

__all__ = ["FORMATS", "Shape", "export_motions"]
