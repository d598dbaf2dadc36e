"""Stopwatch: where the seconds go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

STAGES = ("compile", "ask", "truth", "judge")
Seconds = Mapping[str, float]


class Stopwatch:
    """Seconds by stage."""

    def __init__(self, stages: Iterable[str] = STAGES) -> None:
        self.seconds = dict.fromkeys(stages, 0.0)

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Count the block to a stage."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += perf_counter() - start

    def move(self, seconds: float, source: str, target: str) -> None:
        """Count these seconds, which one stage has, to another."""
        self.seconds[source] -= seconds
        self.seconds[target] += seconds


def total(each: Iterable[Seconds], stages: Iterable[str] = STAGES) -> dict[str, float]:
    """The sum, stage by stage."""
    every = list(each)
    return {stage: sum(seconds.get(stage, 0.0) for seconds in every) for stage in stages}
