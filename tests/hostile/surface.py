"""A surface: a reader of files that may come from anywhere, with what is fed to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from .case import Files, Special
from .mutation import damaged

# An input, or what makes one that takes a while to make.
Made = Files | Callable[[], Files]
Damage = Callable[[Random, Files], Files]


def made(files: Made) -> Files:
    """Return an input."""
    return files() if callable(files) else files


def damaged_file(rng: Random, files: Files) -> Files:
    """Damage the bytes of one of the files."""
    name = rng.choice(sorted(files))
    content = files[name]
    return {**files, name: damaged(rng, content)} if isinstance(content, bytes) else files


@dataclass(frozen=True)
class Surface:
    """A reader; `samples` are valid inputs, `attacks` made by hand; `damages` make the rest, seeded.

    `read` is given the folder of the case; it must return, or raise one of `errors`.
    """

    name: str
    read: Callable[[Path], Any]
    samples: Sequence[Files]
    attacks: Sequence[Made]
    errors: tuple[type[Exception], ...]
    damages: Sequence[Damage] = (damaged_file,)

    @property
    def fixed(self) -> list[Made]:
        """The inputs that are not drawn: samples, attacks, and each file as what is no file."""
        specials = [
            {**self.samples[0], name: special}
            for name in self.samples[0]
            for special in Special
        ]  # fmt: skip
        return [*self.samples, *self.attacks, *specials]

    def case(self, number: int) -> Files:
        """Return an input by its number: the same for ever, as long as the samples stay the same."""
        fixed = self.fixed
        if number < len(fixed):
            return made(fixed[number])
        rng = Random(f"{self.name} {number}")
        cuts = self._cuts()
        if number - len(fixed) < len(cuts):
            return cuts[number - len(fixed)]()
        chosen: Made = rng.choice((*self.samples, *self.samples, *(self.attacks or self.samples)))
        files = made(chosen)
        return rng.choice(self.damages)(rng, files)

    def _cuts(self) -> list[Callable[[], Files]]:
        """Return the samples cut off: small ones at every byte, others at up to 300 places."""
        return [
            lambda sample=sample, name=name, content=content, length=length: {
                **sample,
                name: content[:length],
            }
            for sample in self.samples
            for name, content in sample.items()
            if isinstance(content, bytes)
            for length in range(0, len(content), 1 + len(content) // (300 // len(self.samples)))
        ]

    def with_samples(self, samples: Sequence[Files]) -> "Surface":
        """Return the same surface with other samples."""
        return replace(self, samples=samples)
