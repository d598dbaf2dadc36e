"""Paired timing: two calls taken turn about in one run, so that what disturbs one disturbs both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

Call = Callable[[], Any]
SHORTEST = 0.01  # seconds that one timing should last, or the clock and the scheduler are heard


@dataclass(frozen=True)
class Spread:
    """The smallest, the middle and the largest of repeated measurements."""

    minimum: float
    median: float
    maximum: float

    @classmethod
    def of(cls, measured: Sequence[float]) -> Spread:
        return cls(min(measured), median(measured), max(measured))


@dataclass(frozen=True)
class Pair:
    """Seconds a call of ours and of theirs, and the ratios of the pairs that they were timed in."""

    ours: Spread
    theirs: Spread
    ratio: Spread
    repeats: int
    calls: int


def compare(ours: Call, theirs: Call, repeats: int) -> Pair:
    """Time both, in pairs, in alternating order, after warming both up."""
    calls = max(_calls(ours), _calls(theirs))
    a, b = [], []
    for k in range(repeats):
        if k % 2:
            b.append(_time(theirs, calls))
        a.append(_time(ours, calls))
        if not k % 2:
            b.append(_time(theirs, calls))
    ratios = [x / y for x, y in zip(a, b, strict=True)]
    return Pair(Spread.of(a), Spread.of(b), Spread.of(ratios), repeats, calls)


def _calls(call: Call) -> int:
    """How many calls take long enough to be timed."""
    calls = 1
    call()
    while _time(call, calls) * calls < SHORTEST:
        calls *= 2
    return calls


def _time(call: Call, calls: int) -> float:
    start = perf_counter()
    for _ in range(calls):
        call()
    return (perf_counter() - start) / calls
