"""What watches a reader at work: memory, time, and whatever a reader of data has no business to do."""

import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOM_BYTES = 1 << 30  # address space beyond what is in use when the watch begins
SECONDS_AN_INPUT = 5.0  # of the processor
GROWTH_BYTES = 320 << 20  # resident memory that one input may cost at its peak

_FORBIDDEN = (
    "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty", "os.startfile", "os.kill",
    "os.putenv",
    "pty.spawn", "subprocess.Popen", "socket.connect", "socket.bind", "socket.getaddrinfo", "urllib.Request",
    "ctypes.dlopen",
    "webbrowser.open", "builtins.input", "pickle.find_class", "sys.settrace",
)  # fmt: skip
OWN_PORTS: set[int] = set()  # of servers that are tried themselves
# What libraries in C read is read by a process of the package's own.
_READER = ["-m", "tcmr.data.confined_process"]
_WRITING = (
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.mkdir",
    "os.symlink",
    "os.link",
    "os.chmod",
    "os.truncate",
)


class Trespass(BaseException):
    """A reader ran something, or reached for what is none of its business; not to be caught as an `Exception`."""


class Watch:
    """Audits this process from now on; whatever it must not do ends the reading with `Trespass`."""

    def __init__(self, allowed: Path) -> None:
        """Let files be written below one folder only."""
        self._allowed = f"{allowed.resolve()}{os.sep}"
        self._on = False
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch while the context lasts; what was seen and swallowed by the reader is raised at its end."""
        self.seen.clear()
        self._on = True
        try:
            yield
        finally:
            self._on = False
        if self.seen:
            raise Trespass(self.seen[0])

    def _hear(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._on:
            return
        if event == "subprocess.Popen" and args[1][1:3] == _READER:
            return
        if event == "os.kill" and _status("PPid", args[0]) == str(os.getpid()):
            return
        if event == "socket.connect" and args[1][1] in OWN_PORTS:
            return
        if event in _FORBIDDEN:
            self._refuse(f"{event} {args!r:.200}")
        elif event == "exec" and getattr(args[0], "co_filename", "").startswith("<string"):
            self._refuse(f"exec of {args[0]!r}")
        elif event in _WRITING or (event == "open" and _writes(args)):
            folder = args[-1] if event in _WRITING and len(args) > 1 else None
            if args[0] != os.devnull and not self._is_inside(args[0], folder):
                self._refuse(f"{event} {args!r:.200}")

    def _is_inside(self, name: Any, folder: Any) -> bool:
        """Tell whether a file lies below the allowed folder; `folder` is where it lies, if given as an open file."""
        if isinstance(name, int):  # is open already
            return True
        base = os.readlink(f"/proc/self/fd/{folder}") if isinstance(folder, int) and folder >= 0 else ""
        return (os.path.abspath(os.path.join(base, os.fsdecode(name))) + os.sep).startswith(self._allowed)

    def _refuse(self, what: str) -> None:
        self.seen.append(what)
        raise Trespass(what)


def _writes(args: tuple[Any, ...]) -> bool:
    _, mode, flags = args
    if isinstance(mode, str):
        return any(mark in mode for mark in "wax+")
    return isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC))


@contextmanager
def limited_address_space(room_bytes: int = ROOM_BYTES) -> Iterator[None]:
    """Let this process have so much more address space than it has now, while the context lasts."""
    used = int(_status("VmSize")) << 10
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (used + room_bytes, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def forget_peak() -> int:
    """Start measuring peak memory anew; return what is resident now, in bytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return int(_status("VmHWM")) << 10


def peak() -> int:
    """Return the most that was resident since `forget_peak`, in bytes."""
    return int(_status("VmHWM")) << 10


def _status(name: str, process: int | str = "self") -> str:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return line.split()[1]
    raise KeyError(name)
