"""Sizes of networks, as a file says them: they may come from anywhere, and cost memory when they are believed."""

from typing import Any

from tcmr.files import parse_json

LARGEST = 1 << 16
MOST_LAYERS = 64


def parse_sizes(text: str) -> dict[str, Any]:
    """Return the sizes that a text of JSON says; none for null.

    Raises:
        ValueError: it is no JSON, or see `checked_sizes`.
    """
    said = parse_json(text)
    return {} if said is None else checked_sizes(said)


def checked_sizes(sizes: Any) -> dict[str, Any]:
    """Return sizes that a network can have: whole numbers, and shares from 0 to 1 (`dropout`).

    Raises:
        ValueError: one is something else; the message names it.
    """
    if not isinstance(sizes, dict):
        raise ValueError(f"{sizes!r:.40} are no sizes")
    for name, size in sizes.items():
        least, most = (0, 1) if name == "dropout" else (0 if name == "window" else 1, LARGEST)
        most = MOST_LAYERS if name == "layers" else most
        kind = int | float if name == "dropout" else int
        if not isinstance(size, kind) or isinstance(size, bool) or not least <= size <= most:
            raise ValueError(f"{name} cannot be {size!r:.40}")
    return sizes
