"""Which videos are meant by files, folders, patterns and lists."""

import glob
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tcmr.batch.choices import with_choices
from tcmr.batch.lists import SUFFIXES as LIST_SUFFIXES
from tcmr.batch.lists import read_list
from tcmr.batch.manifest import MANIFEST_FILE
from tcmr.batch.place import Place, is_address, place_of
from tcmr.errors import TcmrError
from tcmr.options import Options
from tcmr.result import RESULT_FILE
from tcmr.video.file import VIDEO_SUFFIXES
from tcmr.video.images import IMAGE_SUFFIXES, natural_order


@dataclass(frozen=True)
class BatchSource:
    """A video, and the options that hold for it alone, as texts."""

    place: Place
    choices: dict[str, str] = field(default_factory=dict)


def find_sources(inputs: Sequence[str], output: str, options: Options) -> list[BatchSource]:
    """Return the videos that inputs mean, in their order; those of a folder in natural order.

    Nothing in the `output` folder is taken for an input, nor what lies in a result's folder, unless it is named.

    Raises:
        TcmrError: an input is missing or holds no video, or a list is damaged or sets what it cannot.
    """
    kept_out = place_of(output).name.rstrip("/") + "/"
    sources = [source for text in inputs for source in _meant(text, options)]
    found = [source for source in sources if not source.place.name.startswith(kept_out)]
    if not found:
        raise TcmrError(
            f"no video in {', '.join(inputs) or 'nothing'}, results of earlier runs aside; "
            "give files, folders, patterns or lists"
        )
    return found


def _meant(text: str, options: Options) -> Iterator[BatchSource]:
    place = place_of(text)
    if place.exists():
        yield from _held(place, options)
        return
    if not glob.has_magic(text):
        raise TcmrError(f"{text}: there is no such file or folder")
    matches = list(place.matches())
    if not matches:
        raise TcmrError(f"{text}: nothing has such a name")
    for match in _ordered(_without_results(matches)):
        yield from _held(match, options)


def _held(place: Place, options: Options) -> Iterator[BatchSource]:
    """Yield what a list or a folder holds, or the video itself."""
    if place.is_folder():
        yield from map(BatchSource, _in_folder(place))
    elif place.name.lower().endswith(LIST_SUFFIXES):
        for line, text, choices in read_list(place):
            try:
                with_choices(options, choices)
            except TcmrError as error:
                raise TcmrError(f"{place.name}, line {line}: {error}") from error
            yield BatchSource(place_of(text) if is_address(text) else place.folder().within(text), choices)
    else:
        yield BatchSource(place)


def _in_folder(folder: Place) -> list[Place]:
    """Return the videos below a folder; where there are none, the folders below it that hold images."""
    files = list(folder.files())
    videos = _without_results([file for file in files if _suffix(file) in VIDEO_SUFFIXES])
    images = {file.folder().name: file.folder() for file in files if _suffix(file) in IMAGE_SUFFIXES}
    found = _ordered(videos or images.values())
    # `tcmr batch * -o out` names `out` too when it is started again.
    if not found and not any(PurePosixPath(file.name).name in (RESULT_FILE, MANIFEST_FILE) for file in files):
        raise TcmrError(f"{folder.name}: holds no video and no images")
    return found


def _without_results(files: list[Place]) -> list[Place]:
    """Leave out files beside a `result.json`: an overlay is no new video."""
    folders = {file.folder().name: file.folder() for file in files}
    results = {name for name, folder in folders.items() if folder.within(RESULT_FILE).exists()}
    return [file for file in files if file.folder().name not in results]


def _suffix(place: Place) -> str:
    return PurePosixPath(place.name).suffix.lower()


def _ordered(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda place: [natural_order(part) for part in place.name.split("/")])
