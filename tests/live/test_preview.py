"""Without a display there is no window, and a reason; with one it shows what it is given."""

import os

import numpy as np
import pytest

from tcmr.live.preview import Preview

tkinter = pytest.importorskip("tkinter")
PICTURE = np.full((120, 2000, 3), 200, np.uint8)


def test_without_a_display_nothing_is_shown_and_nothing_breaks(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    preview = Preview("tcmr")
    if preview.reason is None:
        pytest.skip("windows need no DISPLAY here")
    assert "display" in preview.reason
    preview.show(PICTURE)
    preview.close()


@pytest.mark.skipif("DISPLAY" not in os.environ, reason="no display")
def test_a_picture_is_shown_and_the_window_closes_once():
    preview = Preview("tcmr")
    preview.show(PICTURE)
    assert preview._photo.width() == 960
    preview.close()
    preview.show(PICTURE)
    preview.close()
