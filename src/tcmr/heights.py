"""What is known of people's heights, as a user writes it."""

from tcmr.errors import TcmrError

LEAST_M, MOST_M = 0.5, 2.6
EVERYBODY = None


def read_heights(text: str) -> dict[int | None, float]:
    """Read heights in metres: everybody's, or after a person's number and a colon that person's.

    Raises:
        TcmrError: one is no height of a person in metres, or is given twice.

    >>> read_heights("1.72")
    {None: 1.72}
    >>> read_heights("1.75,2:1.21")
    {None: 1.75, 2: 1.21}
    """
    heights: dict[int | None, float] = {}
    for entry in text.split(","):
        number, colon, metres = entry.rpartition(":")
        try:
            person, height_m = int(number) if colon else EVERYBODY, float(metres)
        except ValueError as error:
            raise TcmrError(
                f"--height cannot be {text!r}: write 1.72 for everybody, 1:1.72,2:1.65 for persons 1 and 2"
            ) from error
        if not LEAST_M <= height_m <= MOST_M:
            raise TcmrError(f"--height is in metres, {LEAST_M} to {MOST_M}, not {metres.strip()}")
        if person in heights:
            whose = "everybody" if person is EVERYBODY else f"person {person}"
            raise TcmrError(f"--height {text}: the height of {whose} is given twice")
        heights[person] = height_m
    return heights
