"""Who sees and hears of a live run while it goes on: the overlay's file, a window, other programs."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import groupby
from pathlib import Path

from tcmr.body import BodyModel
from tcmr.camera import PinholeCamera
from tcmr.live.film import LiveFilm
from tcmr.live.messages import frame_message
from tcmr.live.moments import Moment
from tcmr.live.outlets import Tell
from tcmr.live.preview import Preview
from tcmr.types import Clip, Frame, Motion
from tcmr.video.live import LiveReader
from tcmr.view.overlay import Style, draw_motions


class Audience:
    """Shows frames with the bodies over them, and tells of the motion in them."""

    def __init__(
        self,
        body: BodyModel,
        camera: PinholeCamera,
        film: LiveFilm | None,
        window: Preview | None,
        tells: Sequence[Tell],
    ):
        self._body, self._camera, self._film, self._window = body, camera, film, window
        self._tells = tells

    def tell(self, message: str) -> None:
        """Send a message to all other programs."""
        for tell in self._tells:
            tell(message)

    def present(self, moments: Sequence[Moment], late: Sequence[Motion], reader: LiveReader) -> None:
        """Show and tell frames as far as they are complete, and tell of motions whose frames have gone already."""
        for moment in moments:
            if self._tells:
                frame = moment.frame
                self.tell(frame_message(frame.index, frame.time_s, moment.motions, reader.dropped_frames))
            self._show(moment)
        if self._tells:
            for index, group in groupby(sorted(late, key=_frame_of), key=_frame_of):
                time_s, persons = reader.timestamps_s[index], list(group)
                self.tell(frame_message(index, time_s, persons, reader.dropped_frames, late=True))

    def _show(self, moment: Moment) -> None:
        frame = moment.frame
        if self._film is None and self._window is None:
            return
        style = Style.telling_apart(moment.motions)
        rgb = draw_motions(frame.rgb, moment.motions, self._body, self._camera, style)
        if self._film is not None:
            self._film.show(Frame(frame.index, frame.time_s, rgb))
        if self._window is not None:
            self._window.show(rgb)


def _frame_of(motion: Motion) -> int:
    return int(motion.frames[0])


@contextmanager
def opened_film(path: Path | None, clip: Clip) -> Iterator[LiveFilm | None]:
    """Open the overlay's file, where one is wanted; it is deleted if the run fails."""
    if path is None:
        yield None
        return
    film = LiveFilm(path, clip)
    try:
        yield film
    except BaseException:
        film.finish(keep=False)
        raise
    film.finish(keep=True)


@contextmanager
def opened_window(clip: Clip, *, wanted: bool) -> Iterator[Preview | None]:
    """Open the preview's window, where one is wanted and to be had."""
    if not wanted:
        yield None
        return
    window = Preview(f"tcmr: {clip.path}")
    with ExitStack() as stack:
        stack.callback(window.close)
        if window.reason is not None:
            print(f"tcmr: no preview: {window.reason}", file=sys.stderr)
        yield window if window.reason is None else None
