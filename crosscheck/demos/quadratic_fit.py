"""Document 001's data, the runs that fit them, and how far apart rounding can leave two runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import Progress

from crosscheck.precision import PRECISIONS

EXAMPLES, RATE = 100, 1e-4  # as in the document


@dataclass(frozen=True)
class Data:
    """The document's: the true a, b, c, and the examples."""

    true: np.ndarray
    x: np.ndarray
    y: np.ndarray

    @property
    def features(self) -> np.ndarray:
        """A row (x², x, 1) for each example."""
        return np.column_stack([self.x**2, self.x, np.ones_like(self.x)])

    @property
    def fitted(self) -> np.ndarray:
        """The a, b and c of least squares."""
        return np.asarray(np.linalg.lstsq(self.features, self.y)[0])

    def left(self, epochs: int) -> list[float]:
        """What remains, on average, of the distance to them along each direction of descent."""
        curvatures = np.linalg.eigvalsh(self.features.T @ self.features / EXAMPLES)
        return np.exp(-2 * RATE * epochs * EXAMPLES * curvatures).tolist()

    def loss(self, parameters: np.ndarray) -> float:
        """The mean squared error."""
        return float(np.mean((self.features @ parameters - self.y) ** 2))


@dataclass(frozen=True)
class Run:
    """One framework's: the start, the orders, then loss, a, b and c of every epoch."""

    start: np.ndarray
    orders: np.ndarray
    course: np.ndarray
    seconds: float

    @property
    def end(self) -> np.ndarray:
        """The last a, b and c."""
        return np.asarray(self.course[-1, 1:])


def draw_data() -> Data:
    """np.random.seed(1234), and the document's draws, in its order."""
    draws = np.random.RandomState(1234)
    a, b, c = draws.uniform(1, 5), draws.uniform(-3, 3), draws.uniform(-3, 3)
    x = draws.uniform(-3, 3, size=EXAMPLES)
    return Data(np.array([a, b, c]), x, a * x**2 + b * x + c + draws.normal(0, 1, size=EXAMPLES))


def train(side: Any, data: Data, epochs: int, seed: int, name: str) -> Run:
    """One framework's run."""
    start, orders = side.start(seed), side.orders(seed, epochs, EXAMPLES)
    before = perf_counter()
    with _progress(name, epochs) as advance:
        course = side.train(start, orders, data.x, data.y, RATE, advance)
    return Run(start, orders, course, perf_counter() - before)


@contextmanager
def _progress(name: str, epochs: int) -> Iterator[Callable[[], None]]:
    """A progress bar on a terminal, and what moves it on."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task(name, total=epochs)
        yield lambda: progress.advance(bar)


def explained(data: Data, one: Run, other: Run) -> float:
    """How far apart rounding can leave the ends of two runs.

    A step p - 2 rate (v·p - y) v lets no distance grow, as rate |v|² is at most 1. It rounds p by
    u |p|, and the gradient, 2 (v·p - y) v from some ten operations, by 10 u of its largest terms.
    """
    u, lengths = PRECISIONS["float64"].u, np.linalg.norm(data.features, axis=1)
    assert RATE * np.max(lengths) ** 2 <= 1
    largest = max(float(np.max(np.abs(run.course[:, 1:]))) for run in (one, other))
    largest = max(largest, float(np.max(np.abs(one.start))))
    terms = 2 * lengths * (np.abs(data.features).sum(1) * largest + np.abs(data.y))
    step = u * (3**0.5 * largest + 10 * RATE * float(np.max(terms)))
    return float(np.linalg.norm(one.start - other.start)) + 2 * one.orders.size * step
