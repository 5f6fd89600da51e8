"""Build the package's open body in SMPL's format from CC0 MakeHuman data: `python -m tools.open_body -h`."""
