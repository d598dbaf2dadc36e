"""Expansion: a definition evaluated once on jets, and the answers that can be read off it.

Every entry of an answer is one derivative of one jet: of an output y, or of s = ⟨g, y⟩ for a
cotangent g. With i, j input entries and t the direction that belongs to the case:

    value     y[o]                jvp  y[o] along t
    jacobian  ∂y[o]/∂x[i]         vjp  ∂s/∂x[i]         hessian  ∂²s/∂x[i]∂x[j]

A case with more than LARGEST_WHOLE differentiable entries is expanded along two directions only, a
probe u and t; its vjp is judged as ⟨vjp, u⟩ and its Hessian as uᵀ H t.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from crosscheck.case import Case
from crosscheck.evaluation import Evaluation, Key
from crosscheck.jet import Jet
from crosscheck.jet_array import seed
from crosscheck.question import Output, asked_of, labels, shapes
from crosscheck.tree import flatten
from crosscheck.twin import Layer

LARGEST_WHOLE = 64


@dataclass(frozen=True)
class Part:
    """One block of an answer: entry k is the derivative of jets[k] that keys[k] names."""

    label: str
    shape: tuple[int, ...]
    jets: Sequence[Jet]
    keys: Sequence[Key]

    def balls(self) -> list[arb]:
        """The true entries, flat."""
        return [jet.derivative(key) for jet, key in zip(self.jets, self.keys, strict=True)]


class Expansion:
    """The outputs of one evaluation."""

    def __init__(self, function: Layer, case: Case, evaluation: Evaluation) -> None:
        self.case = case
        self.evaluation = evaluation
        self.whole = case.size <= LARGEST_WHOLE
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing
            leaves = flatten(function(*self._arguments(), **case.settings))
        if not leaves:
            raise TypeError("it returned nothing")
        self.outputs = [
            Output(path, np.shape(leaf), np.asarray(leaf).dtype.kind in "fO")
            for path, leaf in leaves
        ]
        entries = [np.asarray(leaf, dtype=object).ravel() for _, leaf in leaves]
        self._leaves = [[Jet.lift(entry) for entry in flat] for flat in entries]

    @property
    def _along_t(self) -> Key:
        """The infinitesimal of the direction t."""
        return (self.case.size,) if self.whole else (1,)

    def leaves(self, question: str) -> list[list[Jet]]:
        """The entries of each output that a question is about."""
        pairs = zip(self.outputs, self._leaves, strict=True)
        return [leaf for output, leaf in pairs if output in asked_of(question, [output])]

    @property
    def jets(self) -> list[Jet]:
        """All output entries that have derivatives."""
        return [jet for leaf in self.leaves("vjp") for jet in leaf]

    def _arguments(self) -> list[Any]:
        """The inputs, each differentiable entry moved by infinitesimals of its own."""
        first = 0
        arguments: list[Any] = []
        directions = zip(self.case.probes(), self.case.tangents(), strict=True)
        for name, x in self.case.inputs.items():
            if name not in self.case.differentiable:
                arguments.append(x.copy())  # a definition may write into it
                continue
            u, t = (direction.astype(float).ravel().tolist() for direction in next(directions))
            own = range(first, first + x.size)
            terms = self._terms(own, u, t)
            arguments.append(seed(x, terms, self.evaluation))
            first += x.size
        return arguments

    def _terms(self, own: range, u: list[float], t: list[float]) -> list[dict[int, float]]:
        """The infinitesimals of an input's entries."""
        along_u = [{i: 1.0} for i in own] if self.whole else [{0: c} for c in u]
        return [a | {self._along_t[0]: c} for a, c in zip(along_u, t, strict=True)]

    def pairing(self, cotangents: list[np.ndarray]) -> Jet:
        """s = ⟨g, y⟩."""
        g = [c for cotangent in cotangents for c in cotangent.astype(float).ravel().tolist()]
        products = (jet * c for c, jet in zip(g, self.jets, strict=True))
        return sum(products, Jet.lift(0))

    def parts(self, question: str, cotangents: list[np.ndarray]) -> list[Part]:
        """The blocks of the answer to a question."""
        if not self.whole and question in ("vjp", "product"):
            key = (0,) if question == "vjp" else (0, *self._along_t)
            return [Part("projection", (), [self.pairing(cotangents)], [key])]
        outputs = asked_of(question, self.outputs)
        names = labels(question, [output.path for output in outputs], self.case.differentiable)
        inputs = [x.shape for x in self.case.reals]
        sizes = shapes(question, [output.shape for output in outputs], inputs)
        entries = self._entries(question, cotangents)
        return [Part(n, s, *e) for n, s, e in zip(names, sizes, entries, strict=True)]

    def _entries(
        self, question: str, cotangents: list[np.ndarray]
    ) -> Iterator[tuple[list[Jet], list[Key]]]:
        """For each block, the jet and the key of each entry."""
        if question in ("value", "jvp"):
            key: Key = () if question == "value" else self._along_t
            yield from ((jets, [key] * len(jets)) for jets in self.leaves(question))
        elif question == "jacobian":
            for jets in self.leaves(question):
                for keys in self._inputs():
                    yield [j for j in jets for _ in keys], [*keys] * len(jets)
        else:
            s = self.pairing(cotangents)
            along: Key = self._along_t if question == "product" else ()
            for rows in self._inputs():
                columns = self._inputs() if question == "hessian" else [[along]]
                for keys in ([r + c for r in rows for c in column] for column in columns):
                    yield [s] * len(keys), [tuple(sorted(key)) for key in keys]

    def _inputs(self) -> Iterator[list[Key]]:
        """For each differentiable input, the keys of its entries."""
        first = 0
        for x in self.case.reals:
            yield [(i,) for i in range(first, first + x.size)]
            first += x.size
