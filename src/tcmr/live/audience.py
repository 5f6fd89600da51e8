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
from tcmr.view.overlay import draw_motions


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

    def tell_late(self, motions: Sequence[Motion], timestamps_s: Sequence[float]) -> None:
        """Tell of motions whose frames have been told of."""
        if not self._tells:
            return
        ordered = sorted(motions, key=_frame_of)
        for index, group in groupby(ordered, key=_frame_of):
            self.tell(frame_message(index, timestamps_s[index], list(group), late=True))

    def present(self, moment: Moment) -> None:
        """Show and tell a frame."""
        frame = moment.frame
        if self._tells:
            self.tell(frame_message(frame.index, frame.time_s, moment.motions))
        if self._film is None and self._window is None:
            return
        rgb = draw_motions(frame.rgb, moment.motions, self._body, self._camera)
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
