"""Arrays in one compressed buffer, and the index by which the page finds them."""

import gzip
from collections.abc import Mapping
from typing import Any

import numpy as np

Array = np.ndarray

ALIGNMENT = 4  # bytes: what a typed array of the browser begins at


def packed(arrays: Mapping[str, Array]) -> tuple[list[dict[str, Any]], bytes]:
    """Return an index (name, type, offset in bytes, length in numbers) and the arrays, gzipped.

    >>> packed({"a": np.zeros(3, np.uint8), "b": np.ones((2, 2), np.float32)})[0][1]
    {'name': 'b', 'type': 'float32', 'offset': 4, 'length': 4}
    """
    index, buffer = [], bytearray()
    for name, array in arrays.items():
        buffer.extend(b"\0" * (-len(buffer) % ALIGNMENT))
        index.append({"name": name, "type": array.dtype.name, "offset": len(buffer), "length": array.size})
        buffer.extend(np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes())
    return index, gzip.compress(bytes(buffer), mtime=0)
