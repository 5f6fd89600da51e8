"""No reader without a surface: `readers.py` must name each, with what tries it or why nothing does."""

from hostile.readers import MODULES, reading_modules
from hostile.surfaces import SURFACES


def test_every_module_that_reads_is_known():
    assert set(reading_modules()) == set(MODULES)


def test_every_surface_tries_a_module():
    named = {name for surfaces in MODULES.values() if not isinstance(surfaces, str) for name in surfaces}
    assert named == set(SURFACES)
