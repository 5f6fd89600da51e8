"""Arrays from files that only libraries in C can read: by a process of its own, which may die, starve or be late.

Damaged files make scipy's reader of MATLAB 5 read beyond its memory, and HDF5 go round in circles. What comes
back from the process is taken for numbers and text, of sizes that the file accounts for.
"""

import json
import math
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Timer
from typing import Any, Literal

import numpy as np
from jaxtyping import Shaped

from tcmr.arrays import ALWAYS_ALLOWED_BYTES, LARGEST_EXPANSION
from tcmr.errors import TcmrError
from tcmr.files import parse_json, require_file

Array = np.ndarray
Format = Literal["hdf5", "matlab5"]

ANSWER_S = 60.0  # by the clock; a slow disk takes its time
FAREWELL_S = 5.0
PIECE_BYTES = 1 << 25
LARGEST_ANSWER_BYTES = 1 << 28
_TITLES: dict[Format, str] = {"hdf5": "HDF5", "matlab5": "MATLAB 5"}


class ReadingProcess:
    """A process that opens files of one format, one at a time."""

    def __init__(self, format: Format) -> None:
        self._format: Format = format
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tcmr.data.confined_process", format],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    @property
    def runs(self) -> bool:
        """Whether it can be asked."""
        return self._process.poll() is None

    def open(self, path: Path, names: Sequence[str] | None = None) -> dict[str, "ConfinedRows"]:
        """Open a file in place of the last; return its arrays, or those of them that are named.

        Raises:
            TcmrError: it cannot be read, or its arrays are larger than it accounts for.
        """
        try:
            require_file(path)
            head, _ = self.ask(open=str(path), names=names)
            arrays = {
                name: ConfinedRows(self, path, name, np.dtype(dtype), tuple(shape))
                for name, (dtype, shape) in head["arrays"].items()
            }
            whole = sum(math.prod(each.shape) * each.dtype.itemsize for each in arrays.values())
            if whole > max(ALWAYS_ALLOWED_BYTES, LARGEST_EXPANSION * path.stat().st_size):
                raise ValueError(f"{path.stat().st_size} bytes that expand to {whole}")
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self.trouble(path, error) from error
        return arrays

    def ask(self, **request: Any) -> tuple[dict[str, Any], bytes]:
        """Ask for something; return the head of the answer and the bytes that come with it.

        Raises:
            ValueError: the process refused, died over it or took too long.
        """
        late = Timer(ANSWER_S, self._process.kill)
        late.start()
        try:
            head, content = self._answer(json.dumps(request).encode() + b"\n")
        except (OSError, EOFError, KeyError, TypeError) as error:
            code = self.close()
            raise ValueError(
                f"took more than {ANSWER_S:.0f} s"
                if code == -signal.SIGKILL
                else f"the library that reads it broke down ({code})"
            ) from error
        finally:
            late.cancel()
        if "error" in head:
            raise ValueError(head["error"])
        return head, content

    def _answer(self, request: bytes) -> tuple[dict[str, Any], bytes]:
        to, answers = self._process.stdin, self._process.stdout
        assert to is not None
        assert answers is not None
        to.write(request)
        to.flush()
        line = answers.readline(PIECE_BYTES)
        if not line:
            raise EOFError
        head = parse_json(line)
        size = head["bytes"]
        content = answers.read(min(size, LARGEST_ANSWER_BYTES))
        if len(content) != size:
            raise EOFError
        return head, content

    def trouble(self, path: Path, error: Exception) -> TcmrError:
        """Return what a user is told of an error."""
        return TcmrError(f"{path} is no readable {_TITLES[self._format]} file: {error}")

    def close(self) -> int:
        """End it; return the code with which it ended."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with suppress(OSError):
                pipe.close()
        try:
            self._process.wait(FAREWELL_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
        return self._process.wait()


@dataclass(frozen=True)
class ConfinedRows:
    """An array in a file that a process has open; rows are asked for when they are needed."""

    process: ReadingProcess
    path: Path
    name: str
    dtype: np.dtype
    shape: tuple[int, ...]

    def __getitem__(self, rows: slice, /) -> Shaped[Array, "rows ..."]:
        """Read successive rows.

        Raises:
            TcmrError: they cannot be read.
        """
        first, last, _ = rows.indices(self.shape[0])
        size = math.prod(self.shape[1:]) * self.dtype.itemsize
        step = max(1, PIECE_BYTES // max(1, size))
        parts = [self._piece(start, min(start + step, last)) for start in range(first, last, step)]
        return np.concatenate(parts) if parts else np.empty((0, *self.shape[1:]), self.dtype)

    def _piece(self, first: int, last: int) -> Array:
        try:
            head, content = self.process.ask(name=self.name, first=first, last=last)
            dtype, shape = np.dtype(head["rows"][0]), (last - first, *self.shape[1:])
            if self.dtype.kind != "O" and dtype != self.dtype:
                raise ValueError(f"{self.name} is of {dtype} now, not of {self.dtype}")
            return np.frombuffer(content, dtype).reshape(shape)
        except (ValueError, TypeError, KeyError) as error:
            raise self.process.trouble(self.path, error) from error


@contextmanager
def open_confined(
    path: Path, format: Format, names: Sequence[str] | None = None
) -> Iterator[dict[str, ConfinedRows]]:
    """Open a file; return its arrays by name, or those of them that are named. HDF5 takes the extra `import`.

    Cells of MATLAB are arrays named by their places: `annot2[0]`, `annot2[1]` and so on.

    Raises:
        TcmrError: it cannot be read, its arrays are larger than it accounts for, or h5py is missing.
    """
    if format == "hdf5" and find_spec("h5py") is None:
        raise TcmrError(f"{path} is HDF5, which takes h5py: pip install 'tcmr[import]'")
    process = ReadingProcess(format)
    try:
        yield process.open(path, names)
    finally:
        process.close()
