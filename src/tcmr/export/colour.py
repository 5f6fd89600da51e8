"""The colour that tells a person from others, the same in every picture, page and format."""

import colorsys

Colour = tuple[float, float, float]

GOLDEN_RATIO = 0.618034


def person_colour(person: int) -> Colour:
    """Return a person's colour, sRGB from 0 to 255: as far as can be from those of the ids before."""
    red, green, blue = colorsys.hsv_to_rgb((0.58 + GOLDEN_RATIO * person) % 1, 0.45, 0.95)
    return 255 * red, 255 * green, 255 * blue


def linear(colour: Colour) -> Colour:
    """Return sRGB of 0 to 255 as linear light of 0 to 1. Source: IEC 61966-2-1.

    >>> [round(part, 3) for part in linear((0.0, 127.5, 255.0))]
    [0.0, 0.214, 1.0]
    """

    def decoded(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    red, green, blue = (decoded(part / 255) for part in colour)
    return red, green, blue
