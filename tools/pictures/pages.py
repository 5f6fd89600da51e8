"""The viewer and the report page as a reader sees them, in headless Chromium."""

import shutil
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tcmr.view.viewer import page_server

SOFTWARE_GL = ("--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader")
GO_TO_FRAME = """frame => {
  const scrub = document.getElementById('scrub');
  scrub.value = frame;
  scrub.dispatchEvent(new Event('input'));
}"""
IN_STEP = """frame => {
  const video = document.querySelector('video');
  return video.readyState >= 2 && !video.seeking
    && [...document.querySelectorAll('canvas')].every(canvas => Number(canvas.dataset.painted) === frame);
}"""


class Browser:
    """A browser without a window; a context manager."""

    def __enter__(self) -> "Browser":
        with ExitStack() as stack:
            driver = stack.enter_context(sync_playwright())
            found = shutil.which("chromium")
            self._chromium = driver.chromium.launch(executable_path=found, args=list(SOFTWARE_GL))
            stack.callback(self._chromium.close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def photograph_viewer(
        self, results: Sequence[Path], picture: Path, frame: int, size: tuple[int, int], dark: bool = False
    ) -> None:
        """Photograph what `tcmr view` shows at first sight."""
        server = page_server(results)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = self._opened(server.address, frame, size, dark)
        page.screenshot(path=picture, type="jpeg", quality=85)
        page.close()
        server.shutdown()
        server.server_close()

    def photograph_file(self, report: Path, picture: Path, frame: int, size: tuple[int, int]) -> None:
        """Photograph the whole of a report page that is opened from disk."""
        page = self._opened(report.resolve().as_uri(), frame, size, dark=False)
        page.screenshot(path=picture, type="jpeg", quality=80, full_page=True)
        page.close()

    def _opened(self, address: str, frame: int, size: tuple[int, int], dark: bool) -> Page:
        page = self._chromium.new_page(
            viewport={"width": size[0], "height": size[1]}, color_scheme="dark" if dark else "light"
        )
        page.goto(address)
        page.wait_for_selector("html[data-ready]", state="attached")
        page.evaluate(GO_TO_FRAME, frame)
        page.wait_for_function(IN_STEP, arg=frame)
        page.wait_for_timeout(500)  # the video's picture comes to the screen after it was sought
        return page
