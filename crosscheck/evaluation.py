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
    """

    def __init__(
        self, order: int, branches: list[Any] | None = None, noise: int | None = None
    ) -> None:
        self.order = order
        self.branches: list[Any] = []
        self.ties: set[str] = set()
        self._replayed: Iterator[Any] | None = None if branches is None else iter(branches)
        self._noise = None if noise is None else cycle(_noise(noise))

    def decide(self, decision: Callable[[], Any]) -> Any:
        """Take the branch that `decision` says, or the one of the evaluation that is replayed."""
        branch = decision() if self._replayed is None else next(self._replayed)
        self.branches.append(branch)
        return branch

    def rounded(self, terms: Terms) -> Terms:
        """The result of one operation."""
        if self._noise is None:
            return terms
        return {key: c * next(self._noise) for key, c in terms.items()}


@cache
def _noise(seed: int) -> list[arb]:
    rng = random.Random(seed)
    return [1 + arb(rng.uniform(-1, 1)) * arb(2) ** -NOISE_BITS for _ in range(1021)]
