"""The overlay of a live run: where it cannot be written on, the run goes on without it."""

from pathlib import Path

from tcmr.errors import TcmrError
from tcmr.types import Clip, Frame
from tcmr.video.write import VideoWriter


class LiveFilm:
    """Writes frames into an .mp4 as they come; `lost` says why there will be none, None while all is well."""

    def __init__(self, path: Path, clip: Clip):
        """Begin the file.

        Raises:
            TcmrError: the folder cannot be written.
        """
        self.lost: str | None = None
        self._writer = VideoWriter(path, width=clip.width, height=clip.height, fps=clip.fps)

    def show(self, frame: Frame) -> None:
        """Append a frame."""
        if self.lost is None:
            try:
                self._writer.write(frame.rgb, frame.time_s)
            except TcmrError as error:
                self._lose(error)

    def finish(self, *, keep: bool) -> None:
        """Complete the file, or delete what there is of it."""
        if self.lost is not None:
            return
        if not keep:
            self._lose(TcmrError("not kept"))
            return
        try:
            self._writer.__exit__(None, None, None)
        except TcmrError as error:
            self.lost = str(error)

    def _lose(self, error: TcmrError) -> None:
        self.lost = str(error)
        self._writer.__exit__(TcmrError, error, None)
