"""Read one hostile input after the other, watched; the parent is told of each before and after.

Lines on standard output: `start SURFACE N`, then `end SURFACE N OUTCOME SECONDS MEGABYTES MESSAGE` or
`crash SURFACE N WHAT`.
"""

import faulthandler
import json
import os
import shutil
import sys
import time
import traceback
import warnings
from contextlib import suppress
from pathlib import Path

from av.error import FFmpegError

from . import broken_readers
from .case import Files, put
from .guard import GROWTH_BYTES, SECONDS_AN_INPUT, Trespass, Watch, forget_peak, limited_address_space, peak
from .surface import Surface
from .surfaces import SURFACES


def main() -> None:
    """Read the inputs of a plan (rows of a surface, the first number, and the number after the last) in a folder."""
    folder = Path(sys.argv[2])
    faulthandler.enable()
    warnings.simplefilter("ignore")
    case_folder = folder / "case"
    watch = Watch(case_folder)
    for name, first, last in json.loads(sys.argv[1]):
        surface = {**SURFACES, **broken_readers.SURFACES}[name](folder)
        for sample in surface.samples:  # so that everything is imported
            _fill(case_folder, sample)
            with suppress(*surface.errors):
                surface.read(case_folder)
        with limited_address_space():
            for number in range(first, last):
                print("start", name, number, flush=True)
                print(_tried(surface, number, case_folder, watch), flush=True)


def _fill(folder: Path, files: Files) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    put(files, folder)


def _tried(surface: Surface, number: int, folder: Path, watch: Watch) -> str:
    _fill(folder, surface.case(number))
    crash = f"crash {surface.name} {number}"
    before, begun = forget_peak(), time.process_time()
    outcome, message = "value", ""
    try:
        with watch.watching():
            surface.read(folder)
    except surface.errors as error:
        outcome, message = "error", _one_line(error)
        if not message:
            return f"{crash} an error without a message: {_where(error)}"
        if _wanted_all_memory(error):
            return f"{crash} asked for memory without end: {_where(error)}"
    except (Exception, Trespass) as error:
        return f"{crash} {_where(error)}"
    seconds, grown = time.process_time() - begun, peak() - before
    if seconds > SECONDS_AN_INPUT:
        return f"{crash} took {seconds:.1f} s of the processor ({outcome})"
    if grown > GROWTH_BYTES:
        return f"{crash} took {grown >> 20} MB of memory ({outcome})"
    return f"end {surface.name} {number} {outcome} {seconds:.3f} {max(0, grown) >> 20} {message}"


def _wanted_all_memory(error: BaseException | None) -> bool:
    """Tell whether an error stands for one of memory, which on a larger machine would not have been one.

    FFmpeg's does not count: it says so of any size above its own limit, before it takes the memory.
    """
    while error is not None and (not isinstance(error, MemoryError) or isinstance(error, FFmpegError)):
        error = error.__cause__ or error.__context__
    return error is not None


def _where(error: BaseException) -> str:
    """Return what was raised, and the innermost of the package's lines that it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if f"{os.sep}tcmr{os.sep}" in frame.filename] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "?"
    return f"{type(error).__name__} at {place}: {_one_line(error)}"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:160].encode("ascii", "backslashreplace").decode()


if __name__ == "__main__":
    main()
