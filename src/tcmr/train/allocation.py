"""Memory that training gives back it needs again at the next step: keep it."""

import ctypes
import sys

# Options of glibc's mallopt (malloc.h): when freed memory goes back to the system, and how many blocks are mapped.
M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4


def keep_freed_memory() -> None:
    """Let the process keep large blocks that it frees, where the system's allocator can be told so.

    By default each is given back to the system, which clears it anew, page by page, when a step asks for the next.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_MMAP_MAX, 0)
        mallopt(M_TRIM_THRESHOLD, -1)
