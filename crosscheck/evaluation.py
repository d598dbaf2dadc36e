"""Evaluation: what one run of a definition on jets is like, and what it met."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from typing import Any

from flint import arb

Key = tuple[int, ...]
Terms = dict[Key, arb]

NOISE_BITS = 64  # far below the rounding of any type, far above that of 160 bits


class Undecided(ArithmeticError):
    """A ball is too wide to decide a comparison; more precision may decide it."""


class Evaluation:
    """One evaluation of a definition: its order, the branches taken, the ties met, the noise added.

    Given `branches` of an earlier evaluation, it takes the same ones; given `noise`, a seed, it
    moves the result of every operation by a random relative amount up to 2^-NOISE_BITS (Monte Carlo
    arithmetic).

    Given a `direction`, an infinitesimal of a larger number than all others, it keeps the terms of
    first order in the others, and of first order in the direction, and their products.
    """

    def __init__(
        self,
        order: int,
        branches: list[Any] | None = None,
        noise: int | None = None,
        direction: int | None = None,
    ) -> None:
        self.order, self.direction = order, direction
        self.branches: list[Any] = []
        self.ties: set[str] = set()
        self._replayed: Iterator[Any] | None = None if branches is None else iter(branches)
        self._noise = None if noise is None else cycle(_noise(noise))

    @property
    def noisy(self) -> bool:
        """Whether the result of every operation is moved."""
        return self._noise is not None

    def decide(self, decision: Callable[[], Any]) -> Any:
        """Take the branch that `decision` says, or the one of the evaluation that is replayed."""
        branch = decision() if self._replayed is None else next(self._replayed)
        self.branches.append(branch)
        return branch

    def products(self, a: Terms, b: Terms) -> Iterator[tuple[Key, arb]]:
        """The products of two jets' terms, other than their constants, that are kept."""
        if self.direction is not None and self.order > 1:
            yield from _along(a, b, self.direction)
            yield from _along(b, a, self.direction)
        elif self.order > 1:
            yield from _up_to(self.order, a, b)

    def rounded(self, terms: Terms) -> Terms:
        """The result of one operation."""
        if self._noise is None:
            return terms
        return {key: c * next(self._noise) for key, c in terms.items()}


def _along(a: Terms, b: Terms, t: int) -> Iterator[tuple[Key, arb]]:
    """First-order terms of a times the one of b along t."""
    if (t,) in b:
        slope = b[t,]
        yield from (((*k, t), c * slope) for k, c in a.items() if len(k) == 1 and k != (t,))


def _up_to(order: int, a: Terms, b: Terms) -> Iterator[tuple[Key, arb]]:
    low = [[term for term in b.items() if 0 < len(term[0]) <= n] for n in range(order)]
    for ka, ca in a.items():
        for kb, cb in low[order - len(ka)] if ka else ():
            yield tuple(sorted(ka + kb)), ca * cb


@cache
def _noise(seed: int) -> list[arb]:
    rng = random.Random(seed)
    return [1 + arb(rng.uniform(-1, 1)) * arb(2) ** -NOISE_BITS for _ in range(1021)]
