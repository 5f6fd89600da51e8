"""Feed a reader what atheris finds by the lines that are reached; atheris is no dependency of this package.

    pip install atheris
    python -m tests.hostile.guided pickle CORPUS_FOLDER -max_total_time=300

The folder is filled with the surface's own inputs where it is empty, and keeps what reaches new lines. Options are
libFuzzer's. What ends a run is written to `crash-...` in the current folder.
"""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from .surface import Surface, made

READERS = ["tcmr", "pickle", "pickletools", "zipfile", "tokenize", "json"]
LONGEST_SEED_BYTES = 1 << 16


def main() -> None:
    """Fuzz one surface until libFuzzer ends."""
    import atheris

    name, corpus, *options = sys.argv[1:]
    folder = Path(tempfile.mkdtemp(prefix="tcmr-guided-"))
    with atheris.instrument_imports(include=READERS):
        from .surfaces import SURFACES

        surface = SURFACES[name](folder)
    _sow(surface, Path(corpus))
    atheris.Setup([sys.argv[0], corpus, *options], _fed(surface, folder / "case"))
    atheris.Fuzz()


def _sow(surface: Surface, corpus: Path) -> None:
    """Fill an empty corpus with the first file of each of the surface's own inputs."""
    corpus.mkdir(parents=True, exist_ok=True)
    for files in [] if any(corpus.iterdir()) else surface.fixed:
        content = next(iter(made(files).values()))
        if isinstance(content, bytes) and len(content) <= LONGEST_SEED_BYTES:
            (corpus / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def _fed(surface: Surface, case: Path) -> Callable[[bytes], None]:
    name = next(iter(surface.samples[0]))

    def feed(content: bytes) -> None:
        shutil.rmtree(case, ignore_errors=True)
        (case / name).parent.mkdir(parents=True)
        (case / name).write_bytes(content)
        with suppress(*surface.errors):
            surface.read(case)

    return feed


if __name__ == "__main__":
    main()
