"""Spots: the truth of a few entries of an answer, at a case of any size.

A definition is evaluated once, as for `Expansion`, but only the spots get infinitesimals: a million
jets without terms are no more than a million balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from flint import arb

from crosscheck.case import Case
from crosscheck.evaluation import Evaluation, Key
from crosscheck.expansion import Expansion
from crosscheck.twin import Layer


class Spotted(Expansion):
    """One evaluation for one question.

    Args:
        spots: for each block of the answer, flat indices of the entries that are wanted.
    """

    def __init__(
        self, function: Layer, case: Case, question: str, spots: Sequence[np.ndarray]
    ) -> None:
        self.question, self.spots = question, spots
        wanted = spots if question in ("vjp", "product") else []
        starts = np.cumsum([0, *(x.size for x in case.reals)]).tolist()
        entries = [start + k for start, at in zip(starts, wanted, strict=False) for k in at]
        self._numbers = {entry: number for number, entry in enumerate(entries)}
        super().__init__(function, case, Evaluation(order=2 if question == "product" else 1))

    @property
    def _along_t(self) -> Key:
        return (len(self._numbers),) if self.question in ("jvp", "product") else ()

    def _terms(self, own: range, u: list[float], t: list[float]) -> list[dict[int, float]]:
        terms = [dict.fromkeys(self._along_t, c) for c in t]
        for i in own:
            if i in self._numbers:
                terms[i - own.start][self._numbers[i]] = 1.0
        return terms

    def entries(self, cotangents: list[np.ndarray]) -> list[list[arb]]:
        """The true entries at the spots, by block."""
        if self.question in ("value", "jvp"):
            pairs = zip(self.leaves(self.question), self.spots, strict=True)
            return [[jets[k].derivative(self._along_t) for k in at] for jets, at in pairs]
        s, number = self.pairing(cotangents), count()
        return [[s.derivative((next(number), *self._along_t)) for _ in at] for at in self.spots]
