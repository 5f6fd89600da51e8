"""Pictures that come only once: from a camera, a screen, over the network, through a pipe."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal

from tcmr.errors import TcmrError
from tcmr.types import Clip, Frame
from tcmr.video.bounded import BoundedQueue
from tcmr.video.connection import Connection, connected
from tcmr.video.picture import Picture, RgbConverter
from tcmr.video.source import PIPE, folder_name, is_network, without_password

Late = Literal["auto", "drop", "wait"]

WAITING_PICTURES = 8  # read, and not yet asked for: a quarter of a second at 30 fps
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0  # before connecting again; doubled after each failure
STEADY_S = 10.0  # a connection that held so long was a good one: failures are counted from 0 again
LEAVING_S = 1.0  # how long the reading thread is waited for at the end
INDEX_LAST = (
    "; if it is an .mp4, its index must be at the front (ffmpeg -i FILE -c copy -movflags +faststart NEW.mp4), "
    "or give the file itself"
)


@dataclass(frozen=True)
class Arrival:
    """A picture, its time in the whole stream, and the connection that it came by."""

    picture: Picture
    time_s: float
    connection: Connection


class LiveReader:
    """Frames of a source, once, as they come; memory does not grow but for the times of the frames.

    A thread reads ahead of whoever asks, a few pictures. Where these do not keep up, a live source's oldest
    waiting pictures are dropped and counted; recordings and pipes wait (`late`: "auto"). A stream of the
    network that breaks off is connected again, after pauses that grow, until `reconnects` tries in a row
    have failed (or broke off within 10 s). Setting `stop` ends the frames.

    `clip` is what the source says of itself; `timestamps_s` and the counts tell of the frames so far. `cuts`
    are the frames that came first by a new connection.
    """

    def __init__(self, source: str, late: Late, reconnects: int, stop: threading.Event) -> None:
        """Connect, and wait for the first picture.

        Raises:
            TcmrError: the source cannot be opened, or no picture comes.
        """
        self._source, self._late, self._most_tries, self._stop = source, late, reconnects, stop
        self._name = without_password(source)
        self._queue: BoundedQueue[Arrival] = BoundedQueue(WAITING_PICTURES, stop)
        self._timeline = Timeline()
        self._gave_up: str | None = None
        self.timestamps_s: list[float] = []
        self.damaged_frames = 0
        self.cuts: list[int] = []
        self._thread = threading.Thread(target=self._read, name="tcmr-live", daemon=True)
        self._thread.start()
        self._arrivals = iter(self._queue)
        first = next(self._arrivals, None)
        if first is None:
            raise TcmrError(f"{self._name}: no picture came{INDEX_LAST if source == PIPE else ''}")
        self._first = first
        width, height = first.picture.seen_size(first.connection.pixel_aspect)
        path = Path(folder_name(self._name))
        self.clip = Clip(path, width, height, first.connection.fps, None, has_audio=False)

    @property
    def dropped_frames(self) -> int:
        """How many pictures were dropped because the frames before them took too long."""
        return self._queue.dropped

    @property
    def reconnects(self) -> int:
        """How many times the source broke off and came back."""
        return max(0, self._timeline.connections - 1)

    @property
    def fps(self) -> float:
        """The mean rate of the frames that were asked for, by their times; pauses between connections aside."""
        times, cuts = self.timestamps_s, set(self.cuts)
        steps = [times[index] - times[index - 1] for index in range(1, len(times)) if index not in cuts]
        return len(steps) / sum(steps) if sum(steps) > 0 else self.clip.fps

    def __iter__(self) -> Iterator[Frame]:
        to_rgb = RgbConverter(self.clip.width, self.clip.height)
        connection = self._first.connection
        for arrival in chain([self._first], self._arrivals):
            index = len(self.timestamps_s)
            if arrival.connection is not connection:
                connection = arrival.connection
                self.cuts.append(index)
            self.timestamps_s.append(arrival.time_s)
            yield Frame(index, arrival.time_s, to_rgb(arrival.picture))

    def warnings(self) -> list[str]:
        """Return a sentence for everything that was wrong with the frames so far."""
        counts = {
            "damaged frame(s) left out": self.damaged_frames,
            "frame(s) dropped: they came faster than they could be used": self.dropped_frames,
            "time(s) connected again": self.reconnects,
        }
        told = [f"{self._name}: {count} {what}" for what, count in counts.items() if count]
        return told + ([f"{self._name}: {self._gave_up}"] if self._gave_up else [])

    def close(self) -> None:
        """Stop reading. A thread that waits for a pipe cannot be ended; it ends with the program."""
        self._stop.set()
        self._thread.join(LEAVING_S)

    def _read(self) -> None:
        try:
            self._read_connections()
        except BaseException as error:
            self._queue.close(error)
        else:
            self._queue.close()

    def _read_connections(self) -> None:
        failures = 0
        began = time.monotonic()
        goes_on = self._read_one()
        while goes_on and not self._stop.is_set():
            failures = 0 if time.monotonic() - began > STEADY_S else failures
            if failures == self._most_tries:
                self._gave_up = (
                    f"broke off; {failures} tries in a row to connect again got no {STEADY_S:.0f} s of it"
                )
                return
            self._stop.wait(min(FIRST_PAUSE_S * 2**failures, LONGEST_PAUSE_S))
            failures += 1
            began = time.monotonic()
            with suppress(TcmrError):
                self._read_one()

    def _read_one(self) -> bool:
        """Read by one connection to its end; tell whether there may be more by another."""
        with connected(self._source) as connection:
            drop = connection.is_live if self._late == "auto" else self._late == "drop"
            for picture, time_s in connection.pictures():
                if self._stop.is_set():
                    break
                if picture is None:
                    self.damaged_frames += 1
                    continue
                arrival = Arrival(picture, self._timeline.time_s(time_s, connection), connection)
                self._queue.put(arrival, drop=drop)
            return connection.is_live and is_network(self._source)


class Timeline:
    """Times over several connections: the first picture by a new one is as much later as it came later.

    `connections` counts those that gave pictures.
    """

    def __init__(self) -> None:
        self.connections = 0
        self._connection: Connection | None = None
        self._offset_s = self._last_s = self._last_came_s = 0.0

    def time_s(self, time_s: float, connection: Connection) -> float:
        """Return the time in the whole stream of a picture that just came."""
        came_s = time.monotonic()
        if connection is not self._connection:
            if self._connection is not None:
                self._offset_s = self._last_s + (came_s - self._last_came_s) - time_s
            self._connection = connection
            self.connections += 1
        self._last_came_s, self._last_s = came_s, self._offset_s + time_s
        return self._last_s


@contextmanager
def open_live(
    source: str, late: Late = "auto", reconnects: int = 10, stop: threading.Event | None = None
) -> Iterator[LiveReader]:
    """Open `camera:0`, `screen`, a URL, or `-` for a pipe into standard input.

    Raises:
        TcmrError: there is no such source, or it sends no video.
    """
    reader = LiveReader(source, late, reconnects, stop or threading.Event())
    try:
        yield reader
    finally:
        reader.close()
