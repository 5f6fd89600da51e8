"""Long values stretch by stretch: no more is held at once than the result and one stretch."""

from collections.abc import Iterable, Sequence

from torch import Tensor


def stretches(count: int, length: int) -> list[slice]:
    """Return the rows of successive stretches; the last one may be shorter.

    >>> stretches(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(first, min(first + length, count)) for first in range(0, count, length)]


def gathered(count: int, parts: Iterable[Sequence[Tensor]]) -> list[Tensor]:
    """Write values of successive stretches, several for each, into one tensor a value, of `count` rows.

    As `torch.cat` does, but a part is done with before the next one is made.

    Raises:
        ValueError: there are no parts, or they have other than `count` rows.
    """
    whole: list[Tensor] = []
    last = 0
    for part in parts:
        whole = whole or [value.new_empty(count, *value.shape[1:]) for value in part]
        first, last = last, last + len(part[0])
        if last > count:
            break
        for rows, value in zip(whole, part, strict=True):
            rows[first:last] = value
    if not whole or last != count:
        raise ValueError(f"the parts have not {count} rows")
    return whole
