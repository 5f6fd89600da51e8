"""`tcmr view`: a result in the browser, or as one file."""

from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from tcmr.errors import TcmrError
from tcmr.view.report import write_report
from tcmr.view.viewer import page_server, serve


def main(
    results: Positional[tuple[Path, ...]],
    export: Annotated[Path | None, arg(metavar="PAGE.html")] = None,
    body: str = "open",
    port: int = 0,
    browser: bool = True,
) -> None:
    """Show a result in the browser: video and bodies side by side; two results are compared in step.

    Nothing leaves this machine, and no network is needed. See docs/viewer.md.

    Args:
        results: Result folder of `tcmr run`, or file person-<id>.npz; a second one to compare with.
        export: Write one HTML file to keep or to send, video and all, and show nothing.
        body: Body that the motions were made with: "open", a SMPL file, or a folder that holds one.
        port: Port of this machine to serve the page on; 0 takes a free one.
        browser: Open a browser; without, only say where the page is.
    """
    if export is None:
        serve(page_server(results, body, port), browser)
        return
    if export.suffix.lower() != ".html":
        raise TcmrError(f"--export writes a page: give {export} a name that ends in .html")
    write_report(results, export, body=body)
    print(f"{export}: {export.stat().st_size / 1e6:.1f} MB")
