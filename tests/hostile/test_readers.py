"""No reader without a surface: `readers.py` must name each, with what tries it or why nothing does."""

import ast
from pathlib import Path

from hostile.readers import MODULES, reading_modules
from hostile.surfaces import NAMES, SURFACES


def test_every_module_that_reads_is_known():
    assert set(reading_modules()) == set(MODULES)


def test_every_surface_tries_a_module():
    named = {name for surfaces in MODULES.values() if not isinstance(surfaces, str) for name in surfaces}
    assert named == set(SURFACES)


def test_every_surface_of_every_module_is_named():
    """Read in the source: importing them all takes seconds."""
    for path in Path(__file__).parent.glob("*.py"):
        tables = [
            node.value
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "SURFACES"
        ]
        if tables and path.stem != "broken_readers":
            assert tuple(key.value for key in tables[0].keys) == NAMES[path.stem]
