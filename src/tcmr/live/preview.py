"""A window that shows pictures as they come, where there is a display."""

from typing import Any

import numpy as np
from jaxtyping import UInt8

from tcmr.people.detect import resized

LONG_SIDE_PX = 960


class Preview:
    """A window; once it is closed, or without a display, nothing is shown. `reason` says why there is none."""

    def __init__(self, title: str):
        self._window: Any = None
        self.reason: str | None = None
        try:
            import tkinter  # not everywhere part of Python
        except ImportError as error:
            self.reason = str(error)
            return
        try:
            self._window = tkinter.Tk()
        except tkinter.TclError as error:
            self.reason = str(error)
            return
        self._window.title(title)
        self._window.protocol("WM_DELETE_WINDOW", self.close)
        self._label = tkinter.Label(self._window)
        self._label.pack()
        self._photo_of = tkinter.PhotoImage

    def show(self, rgb: UInt8[np.ndarray, "height width 3"]) -> None:
        """Show a picture, made smaller where it is large."""
        if self._window is None:
            return
        height, width = rgb.shape[:2]
        scale = min(1.0, LONG_SIDE_PX / max(height, width))
        small = resized(rgb, round(height * scale), round(width * scale))
        header = f"P6 {small.shape[1]} {small.shape[0]} 255 ".encode()
        self._photo = self._photo_of(master=self._window, data=header + small.tobytes(), format="PPM")
        self._label.configure(image=self._photo)
        self._window.update()

    def close(self) -> None:
        """Close the window; may be called again."""
        if self._window is not None:
            window, self._window = self._window, None
            window.destroy()
