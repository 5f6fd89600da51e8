"""Live sources by name: what they are called, and how PyAV opens them."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from tcmr.errors import TcmrError
from tcmr.result import safe_name
from tcmr.video.file import LIMITS

PIPE = "-"
CAMERA = "camera:"
SCREEN = "screen"
SILENCE_S = 10.0  # after which a source counts as gone
# Platform -> FFmpeg's format and its name of the camera of a number (on Windows: of a name).
CAMERAS = {
    "linux": ("v4l2", "/dev/video{}"),
    "darwin": ("avfoundation", "{}"),
    "win32": ("dshow", "video={}"),
}
# Platform -> FFmpeg's format and its name of the screen; on Linux it is in the variable DISPLAY.
SCREENS = {
    "linux": ("x11grab", "{DISPLAY}"),
    "darwin": ("avfoundation", "Capture screen 0"),
    "win32": ("gdigrab", "desktop"),
}
SCREEN_FPS = "30"


def is_network(source: str) -> bool:
    """Tell whether a source is a URL."""
    return "://" in source


def how_to_open(source: str) -> dict[str, Any]:
    """Return what `av.open` takes for a source.

    Raises:
        TcmrError: it is no source, or there is none of its kind here.
    """
    if source == PIPE:
        # Unbuffered: what has come is used at once, and no lock is held while nothing comes.
        return {"file": getattr(sys.stdin.buffer, "raw", sys.stdin.buffer), "options": LIMITS}
    if source.startswith(CAMERA):
        format, device = _of_this_platform(CAMERAS, source)
        return {"file": device.format(source.removeprefix(CAMERA)), "format": format}
    if source == SCREEN:
        format, device = _of_this_platform(SCREENS, source)
        if "{DISPLAY}" in device and "DISPLAY" not in os.environ:
            raise TcmrError(f"{source}: there is no X display (the variable DISPLAY is not set)")
        return {"file": device.format(**os.environ), "format": format, "options": {"framerate": SCREEN_FPS}}
    if is_network(source):
        options = {"rtsp_transport": "tcp"} if source.startswith("rtsp") else {}
        largest = {"max_pixels": LIMITS["max_pixels"]}
        return {"file": source, "timeout": SILENCE_S, "options": options | largest}
    raise TcmrError(
        f"{source}: is no source; give camera:0, screen, a URL (rtsp://, http://), or - for a pipe"
    )


def _of_this_platform(devices: dict[str, tuple[str, str]], source: str) -> tuple[str, str]:
    if sys.platform not in devices:
        raise TcmrError(f"{source}: not known on {sys.platform}; give a URL or a pipe")
    return devices[sys.platform]


def without_password(source: str) -> str:
    """Return a source's name as it may be shown and saved: a URL without user, password, query and fragment.

    Only the kind of URL is left of one that may have a password with "/", "?" or "#" in it.

    Raises:
        TcmrError: it is a URL that cannot be read.

    >>> without_password("rtsp://me:secret@door.example:554/stream?token=secret")
    'rtsp://door.example:554/stream'
    """
    if not is_network(source):
        return source
    url = _url(source)
    _, at, host = url.netloc.rpartition("@")
    if (at or ":" in host) and "@" in url.path + url.query + url.fragment:
        return f"{url.scheme}://"  # the later "@" may be the one that ends the password
    return url._replace(netloc=host, query="", fragment="").geturl()


def folder_name(source: str) -> str:
    """Return what the folder of a source's result is called.

    Raises:
        TcmrError: it is a URL that cannot be read.

    >>> [folder_name(source) for source in ("camera:0", "-", "http://host/walk.mp4", "rtsp://host:554")]
    ['camera-0', 'pipe', 'walk', 'host']
    >>> folder_name("http://host/..")
    'host'
    """
    if source == PIPE:
        return "pipe"
    if not is_network(source):
        return safe_name(source.replace(":", "-").replace("/", "-"))
    url = _url(without_password(source))
    return safe_name(Path(url.path).stem.strip(".") or url.hostname or "stream")


def _url(source: str) -> SplitResult:
    try:
        return urlsplit(source)
    except ValueError:
        # Neither the source nor what Python says of it: a password may be in both.
        raise TcmrError(
            "the URL of the source names no host that can be read; give rtsp://HOST/..., an IPv6 one in brackets"
        ) from None
