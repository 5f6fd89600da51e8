"""Pickles as Python 2 wrote them."""

import pickle
from pathlib import Path
from typing import Any, ClassVar


class Python2Pickler(pickle._Pickler):
    """Writes text as Python 2's byte strings, and the bytes of arrays without a word on their encoding."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value: bytes) -> None:
        self._save_string(value, value)

    def save_text(self, value: str) -> None:
        self._save_string(value, value.encode("latin1"))

    def _save_string(self, value: Any, content: bytes) -> None:
        self.write(pickle.BINSTRING + len(content).to_bytes(4, "little") + content)
        self.memoize(value)

    dispatch[bytes] = save_bytes
    dispatch[str] = save_text


def write_python2_pickle(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        Python2Pickler(file, protocol=2).dump(content)
