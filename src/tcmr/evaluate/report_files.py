"""A report in a folder: Markdown, picture, JSON."""

from pathlib import Path

from tcmr.errors import TcmrError
from tcmr.evaluate.picture import draw_report
from tcmr.evaluate.report import Report


def save_report(report: Report, folder: Path, name: str) -> None:
    """Write `name`.md, with the tables and `name`.png in it, and `name`.json into a folder that exists.

    Raises:
        TcmrError: they cannot be written.
    """
    title = f"# {report.data}"
    try:
        draw_report(report, folder / f"{name}.png")
        (folder / f"{name}.md").write_text(f"{title}\n\n{report.markdown()}\n\n![The same]({name}.png)\n")
        (folder / f"{name}.json").write_text(report.json_line() + "\n")
    except OSError as error:
        raise TcmrError(f"cannot write the report into {folder}: {error.strerror}") from error
