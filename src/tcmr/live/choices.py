"""What a user can choose about a live run: the same names on the command line and in Python."""

from dataclasses import dataclass
from typing import Literal

from tcmr.errors import TcmrError
from tcmr.model.stream import MOST_LOOKAHEAD
from tcmr.requirements import require_choices
from tcmr.video.live import Late


@dataclass(frozen=True)
class LiveOptions:
    """Choices that hold with a source.

    Raises:
        TcmrError: a value is none of those allowed, or a number is out of range.
    """

    lookahead: int = MOST_LOOKAHEAD
    """Frames by which the motion is late, 0 to 7; fewer are less accurate."""

    preview: bool = True
    """Show it in a window, where there is a display."""

    when_late: Late = "auto"
    """Frames that come faster than they can be used: drop them, or make the source wait;
    "auto": drop a camera's, a screen's and a live stream's, wait with pipes and recordings."""

    reconnects: int = 10
    """How many times in a row to try to reach a stream of the network again that broke off."""

    emit: Literal["jsonl"] | None = None
    """Write the motion to standard output as it comes: a JSON object a line, one a frame."""

    serve: str | None = None
    """Send the same over a WebSocket: a port of this machine, or HOST:PORT for others, which takes a token."""

    token: str | None = None
    """What clients of --serve must name; default: the variable TCMR_TOKEN."""

    def __post_init__(self) -> None:
        require_choices(self)
        if not 0 <= self.lookahead <= MOST_LOOKAHEAD:
            raise TcmrError(f"lookahead must be 0 to {MOST_LOOKAHEAD} frames, not {self.lookahead}")
        if self.reconnects < 0:
            raise TcmrError(f"reconnects must be 0 or more, not {self.reconnects}")
        if self.token is not None and self.serve is None:
            raise TcmrError("--token is what clients of --serve must name; give --serve too, or leave it out")
