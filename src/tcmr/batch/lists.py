"""Lists of videos: CSV with a header, or JSON lines; what else a row says are options for its video."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from tcmr.batch.place import Place
from tcmr.errors import TcmrError
from tcmr.files import can_be_a_name, parse_json

SUFFIXES = (".csv", ".jsonl", ".ndjson")
VIDEO = "video"
LARGEST_BYTES = 1 << 28


def read_list(place: Place) -> Iterator[tuple[int, str, dict[str, str]]]:
    """Yield the line, the video and the options of each row of a list.

    Raises:
        TcmrError: the list cannot be read; the message names the line.
    """
    rows = _csv_rows if place.name.lower().endswith(".csv") else _json_rows
    for line, row in rows(_text(place), place.name):
        video = row.get(VIDEO)
        if not isinstance(video, str) or not video.strip():
            raise TcmrError(f"{place.name}, line {line}: has no {VIDEO!r}")
        if not can_be_a_name(video):
            raise TcmrError(
                f"{place.name}, line {line}: has the {VIDEO} {video!r:.80}, which cannot be a name"
            )
        yield line, video.strip(), _choices(row, f"{place.name}, line {line}")


def _choices(row: Mapping[str, Any], where: str) -> dict[str, str]:
    """Return what a row sets; what is empty is not set."""
    choices = {}
    for name, value in row.items():
        if name == VIDEO or value is None or value == "":
            continue
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            raise TcmrError(f"{where}: {name} is no number or text")
        choices[name] = str(value).strip()
    return choices


def _text(place: Place) -> str:
    try:
        content = bytearray()
        for piece in place.pieces():
            content += piece
            if len(content) > LARGEST_BYTES:
                raise TcmrError(f"{place.name}: is larger than {LARGEST_BYTES >> 20} MB; cut it into pieces")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise TcmrError(f"{place.name}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise TcmrError(f"{place.name}: is no text in UTF-8 ({error.reason})") from error


def _csv_rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        if VIDEO not in (reader.fieldnames or ()):
            raise TcmrError(f"{name}: has no column {VIDEO!r}; its first line must name the columns")
        for row in reader:
            if None in row:
                raise TcmrError(f"{name}, line {reader.line_num}: has more values than there are columns")
            yield reader.line_num, row
    except csv.Error as error:
        raise TcmrError(f"{name}, line {reader.line_num}: is no CSV ({error})") from error


def _json_rows(text: str, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = parse_json(line)
        except ValueError as error:
            raise TcmrError(f"{name}, line {number}: is no JSON ({error})") from error
        if not isinstance(row, dict):
            raise TcmrError(f'{name}, line {number}: is no JSON object, like {{"{VIDEO}": "a.mp4"}}')
        yield number, row
