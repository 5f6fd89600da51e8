"""Numbers written into a picture: a font of ten digits, so that no font file is needed."""

import numpy as np
from jaxtyping import Bool, UInt8

Array = np.ndarray

ROWS = 9  # of dots: seven of a digit, and the plate's rim
# Seven rows of five dots a digit.
_DIGITS = {
    "0": (14, 17, 19, 21, 25, 17, 14),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "2": (14, 17, 1, 2, 4, 8, 31),
    "3": (31, 2, 4, 2, 1, 17, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
    "5": (31, 16, 30, 1, 1, 17, 14),
    "6": (6, 8, 16, 30, 17, 17, 14),
    "7": (31, 1, 2, 4, 8, 8, 8),
    "8": (14, 17, 17, 14, 17, 17, 14),
    "9": (14, 17, 17, 15, 1, 2, 12),
}


def draw_number(
    rgb: UInt8[Array, "height width 3"],
    number: int,
    bottom_center_px: tuple[float, float],
    colour: tuple[float, float, float],
    dot_px: int,
) -> None:
    """Write a number on a dark plate, in place; what is out of the picture is left out.

    The plate stands on `bottom_center_px` (x, y); each of the font's dots is a square of `dot_px`.
    """
    dots = np.pad(_dots(str(abs(number))), 1)
    plate = np.where(dots[..., None], np.array(colour), 20).astype(np.uint8)
    plate = plate.repeat(dot_px, axis=0).repeat(dot_px, axis=1)
    height, width = plate.shape[:2]
    left, top = round(bottom_center_px[0] - width / 2), round(bottom_center_px[1] - height)
    shown = plate[max(0, -top) : max(0, len(rgb) - top), max(0, -left) : max(0, rgb.shape[1] - left)]
    top, left = max(0, top), max(0, left)
    rgb[top : top + len(shown), left : left + shown.shape[1]] = shown


def _dots(digits: str) -> Bool[Array, "7 columns"]:
    bits = 1 << np.arange(4, -1, -1)
    shapes = [(np.array(_DIGITS[digit])[:, None] & bits) > 0 for digit in digits]
    return np.concatenate([np.pad(shape, ((0, 0), (0, 1))) for shape in shapes], axis=1)[:, :-1]
