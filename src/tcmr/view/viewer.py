"""The page in the browser, its video served from where it lies."""

import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path

from tcmr.body import BodyModel
from tcmr.view.document import document, named_videos
from tcmr.view.server import PageServer
from tcmr.view.shown_result import open_results


def page_server(results: Sequence[Path], body: str | Path | BodyModel = "open", port: int = 0) -> PageServer:
    """Return a server, not yet running, of the page of one result, or of two to compare.

    Raises:
        TcmrError: a result cannot be read, the body is another than its own, or the port cannot be had.
    """
    opened = open_results(results)
    files = list(named_videos(opened).values())
    addresses = {file: f"/video/{number}{file.suffix}" for number, file in enumerate(files)}
    page = document(opened, body, addresses)
    return PageServer(page, {address: file for file, address in addresses.items()}, port)


def serve(server: PageServer, open_browser: bool, say: Callable[[str], None] = print) -> None:
    """Show the page until interrupted; where no browser can be opened, say where it is."""
    opened = open_browser and webbrowser.open(server.address)
    hint = "" if opened else "; open this address in a browser"
    say(f"{server.address} (only on this machine{hint}; Ctrl+C ends)")
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        say("")
    finally:
        server.server_close()
