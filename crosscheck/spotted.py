"""Spots: the truth of a few entries of every answer, at a case of any size.

A definition is evaluated once, as for `Expansion`, but only the spots get infinitesimals: a million
jets without terms are no more than a million balls.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from flint import arb

from crosscheck.case import Case
from crosscheck.evaluation import Evaluation, Key, Terms
from crosscheck.expansion import Expansion
from crosscheck.twin import Layer

Spots = Sequence[np.ndarray]  # for each block of an answer, flat indices of the entries wanted
ALONG_T, OF_INPUTS = ("jvp", "product"), ("vjp", "product")


class Spotted(Expansion):
    """One evaluation for several questions. spots: what is wanted of the answer to each."""

    def __init__(self, function: Layer, case: Case, spots: Mapping[str, Spots]) -> None:
        self.spots = spots
        self._starts = np.cumsum([0, *(x.size for x in case.reals)]).tolist()
        wanted = [i for q in OF_INPUTS for i in self._inputs_of(spots.get(q, ()))]
        self._numbers = {i: number for number, i in enumerate(dict.fromkeys(wanted))}
        order = 2 if "product" in spots else 1
        with _uncollected():
            super().__init__(function, case, Evaluation(order, direction=len(self._numbers)))

    def _inputs_of(self, spots: Spots) -> Iterator[int]:
        """The spots' places among all inputs' entries."""
        for start, at in zip(self._starts, spots, strict=False):
            yield from (start + int(k) for k in at)

    @property
    def _along_t(self) -> Key:
        return (len(self._numbers),)

    def _terms(self, own: range, u: list[float], t: list[float]) -> list[dict[int, float]]:
        moved = any(question in self.spots for question in ALONG_T)
        terms = [dict.fromkeys(self._along_t, c) if moved else {} for c in t]
        for i in own:
            if i in self._numbers:
                terms[i - own.start][self._numbers[i]] = 1.0
        return terms

    def entries(self, question: str, cotangents: list[np.ndarray]) -> list[list[arb]]:
        """The true entries at the spots of an answer, by block."""
        key = self._along_t if question in ALONG_T else ()
        if question not in OF_INPUTS:
            pairs = zip(self.leaves(question), self.spots[question], strict=True)
            return [[jets[k].derivative(key) for k in at] for jets, at in pairs]
        slopes = self._slopes(cotangents)
        keys = ((self._numbers[i], *key) for i in self._inputs_of(self.spots[question]))
        return [[slopes.get(next(keys), arb(0)) for _ in at] for at in self.spots[question]]

    def _slopes(self, cotangents: list[np.ndarray]) -> Terms:
        """Those terms of s = ⟨g, y⟩ that the spots' infinitesimals are in."""
        slopes: Terms = {}
        others = (), self._along_t
        g = (c for cotangent in cotangents for c in cotangent.astype(float).ravel().tolist())
        for c, jet in zip(g, self.jets, strict=True):
            for key, slope in jet.terms.items():
                if key not in others:
                    slopes[key] = slopes.get(key, arb(0)) + slope * c
        return slopes


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without looking for cycles, which jets have none of: a fifth of the time with a million."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()
