"""Functions compiled by numba; what was compiled is kept for the next start wherever there is room for it."""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(**choices: Any) -> Callable[[Function], Function]:
    """Return a decorator that compiles a function at its first call; `choices` are those of `numba.njit`.

    Numba keeps machine code in the variable NUMBA_CACHE_DIR's folder, else beside the source, else in the user's
    cache. Where none of them can be written, each process compiles for itself.
    """

    def compile(function: Function) -> Function:
        try:
            made: Function = njit(cache=True, **choices)(function)
        except RuntimeError:  # nowhere to keep it
            made = njit(**choices)(function)
        return made

    return compile
