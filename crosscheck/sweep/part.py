"""One part of a sweep: the work of one process, from the numbers to the tallies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from crosscheck.errors import UsageError, describe
from crosscheck.stopwatch import Stopwatch
from crosscheck.sweep.authority import Authority
from crosscheck.sweep.levels import Levels, levels
from crosscheck.sweep.subject import Subject
from crosscheck.sweep.tally import Tally
from crosscheck.sweep.values import blocks

STAGES = ("layers", "authority", "judge")
Key = tuple[str, int]  # framework and order


@dataclass(frozen=True)
class Part:
    """A part of the numbers of a type, and whom they are tried on."""

    subject: Subject
    number: int


@dataclass(frozen=True)
class Result:
    """What came of a part; seconds by stage."""

    part: Part
    tallies: Mapping[Key, Tally]
    seconds: Mapping[str, float]


class Bench:
    """The functions that one subject needs, made and compiled once."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.authority = Authority(subject)
        self._levels = {b: self._made(b) for b in subject.backends}

    def _made(self, backend: str) -> Levels:
        s = self.subject
        settings = s.written_out if s.native else s.settings
        return levels(backend, s.layer(backend), settings, s.orders)

    def ask(self, backend: str, x: np.ndarray) -> list[np.ndarray]:
        """The layer's answers in its own type, one for each order."""
        try:
            return self._levels[backend](x)
        except Exception as error:
            raise UsageError(
                f"{self.subject.target}: {backend}'s layer raised {describe(error)} for "
                f"{len(x)} numbers in {x.dtype}; it must accept them"
            ) from error

    @cached_property
    def _at_zero(self) -> dict[Key, float]:
        """The layer's answers at 0, to which XLA may flush a subnormal number."""
        if "jax" not in self.subject.backends or not self.subject.precision.flushes:
            return {}
        said = self.ask("jax", np.zeros(2, self.subject.dtype))
        orders = self.subject.orders
        return {("jax", order): float(y[0]) for order, y in zip(orders, said, strict=True)}

    def tried(self, part: Part) -> Result:
        """All blocks of a part."""
        clock = Stopwatch(STAGES)
        return Result(part, self.tallies(blocks(self.subject.dtype, part.number), clock),
                      clock.seconds)  # fmt: skip

    def tallies(self, some: Iterable[np.ndarray], clock: Stopwatch) -> dict[Key, Tally]:
        """What is to be said of blocks of numbers, each of which has one more than is counted."""
        tallies: dict[Key, Tally] = {}
        for x in some:
            with clock("authority"):
                rights = self.authority.right(x)
            for backend in self.subject.backends:
                with clock("layers"):
                    answers = self.ask(backend, x)
                with clock("judge"):
                    for right, answer in zip(rights, answers, strict=True):
                        key = backend, right.order
                        tally = right.tally(answer, self._at_zero.get(key))
                        tallies[key] = tallies.get(key, Tally()) + tally
        return tallies


bench = lru_cache(maxsize=2)(Bench)


def tried(part: Part) -> Result:
    """What came of a part, with functions that are kept for the next."""
    return bench(part.subject).tried(part)
