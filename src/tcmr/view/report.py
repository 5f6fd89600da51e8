"""One HTML file to keep or to send: opens from disk, without a network."""

from collections.abc import Sequence
from pathlib import Path

from tcmr.body import BodyModel
from tcmr.errors import TcmrError
from tcmr.files import written_whole
from tcmr.view.document import document
from tcmr.view.shown_result import open_results


def write_report(
    results: str | Path | Sequence[str | Path], path: str | Path, *, body: str | Path | BodyModel = "open"
) -> None:
    """Write the page of a result, or of two to compare, with video, motion, curves and how it was made in it.

    A result is a folder of `tcmr run`, or a motion file.

    Raises:
        TcmrError: a result cannot be read, the body is another than its own, or the file cannot be written.
    """
    results = [results] if isinstance(results, str | Path) else results
    page = document(open_results([Path(result) for result in results]), body)
    try:
        with written_whole(Path(path)) as file:
            file.write(page.encode())
    except OSError as error:
        raise TcmrError(f"cannot write {path}: {error.strerror}") from error
