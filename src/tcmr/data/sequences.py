"""Which rows of a database belong together: a database is a list of frames, each with its video's name."""

from collections.abc import Sequence

import numpy as np


def sequence_slices(video_names: Sequence[str], returning_is_new: bool = True) -> list[slice]:
    """Return the rows of each sequence: frames of one video name that stand together.

    A name that comes back later begins a new sequence. Without `returning_is_new` its frames are added to the
    sequence before them, whosever that is, as in the released code.

    >>> sequence_slices(["b", "b", "a", "b"])
    [slice(0, 2, None), slice(2, 3, None), slice(3, 4, None)]
    >>> sequence_slices(["b", "b", "a", "b"], returning_is_new=False)
    [slice(0, 2, None), slice(2, 4, None)]
    """
    names = np.asarray(video_names)
    if len(names) == 0:
        return []
    if returning_is_new:
        starts = [0, *(1 + np.flatnonzero(names[1:] != names[:-1])).tolist()]
    else:
        starts = sorted(np.unique(names, return_index=True)[1].tolist())
    return [slice(*ends) for ends in zip(starts, [*starts[1:], len(names)], strict=True)]
