"""Slices of large arrays: a few rows of the longest axis, small enough to be judged by balls.

A slice says something only where rows do not depend on one another: where the definition, on the
rows alone, gives what it gives for them among all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from crosscheck.case import Case, chosen
from crosscheck.expansion import LARGEST_WHOLE
from crosscheck.large_answers import evaluated
from crosscheck.twin import Twin

SAME = 1e-9


@dataclass(frozen=True)
class Slice:
    """Rows `at` of the axis whose length is `length`."""

    length: int
    at: np.ndarray

    def has_rows(self, shape: Sequence[int]) -> bool:
        """Whether an array of this shape has that axis."""
        return self.length in shape

    def taken(self, array: np.ndarray) -> np.ndarray:
        """The rows of an array; all of one that has no such axis."""
        if not self.has_rows(array.shape):
            return array
        return array.take(self.at, axis=array.shape.index(self.length))

    def with_largest(self, arrays: Sequence[np.ndarray]) -> Slice:
        """With as many rows again: those that hold the largest entries of some arrays."""
        sizes = [np.nan_to_num(np.abs(a), nan=np.inf) for a in arrays if self.has_rows(a.shape)]
        across = [np.moveaxis(a, a.shape.index(self.length), 0) for a in sizes]
        each = [a.reshape(self.length, -1).max(1, initial=0) for a in across]
        largest = np.argsort(np.max(each, axis=0))[-len(self.at) :] if each else self.at
        return Slice(self.length, np.unique(np.concatenate([self.at, largest])))

    def put(self, array: np.ndarray, rows: np.ndarray) -> np.ndarray:
        """The array with other rows."""
        whole = array.copy()
        axis = array.shape.index(self.length)
        np.moveaxis(whole, axis, 0)[self.at] = np.moveaxis(rows.astype(float), axis, 0)
        return whole

    def case(self, case: Case) -> Case:
        """The rows of a case."""
        inputs = {name: self.taken(a) for name, a in case.inputs.items()}
        return chosen(case, inputs, [self.taken(t) for t in case.tangents()], case.precision)


def independent_rows(twin: Twin, case: Case) -> Slice | None:
    """A slice of a case in float64; None where rows depend on one another or on the others."""
    length = max(n for x in case.reals for n in x.shape)
    per_row = max(1, sum(x.size // length for x in case.reals if length in x.shape))
    shared = sum(x.size for x in case.reals if length not in x.shape)
    most = (LARGEST_WHOLE - shared) // (2 * per_row)  # and as many again in `with_largest`
    drawn = np.random.default_rng(case.stream).integers(length, size=max(0, most - 2))
    part = Slice(length, np.unique([0, length - 1, *drawn]))
    return part if most >= 2 and twin.definition and _independent(twin, case, part) else None


def _independent(twin: Twin, case: Case, part: Slice) -> bool:
    if any(x.shape.count(part.length) > 1 for x in case.inputs.values()):
        return False
    whole = _values(twin, case)
    try:
        rows = _values(twin, part.case(case))
    except Exception:  # rows alone may not fit what the definition holds, a table say
        return False
    return len(whole) == len(rows) and all(
        part.has_rows(y.shape) and _same(part.taken(y), r) for y, r in zip(whole, rows, strict=True)
    )


def _same(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.allclose(a, b, SAME, equal_nan=True)


def _values(twin: Twin, case: Case) -> list[np.ndarray]:
    """Of the definition, and of the function whose derivatives are the truth, if another."""
    functions = dict.fromkeys(map(twin.function, ("value", "vjp")))
    return [leaf for function in functions for _, leaf in evaluated(function, case)]
