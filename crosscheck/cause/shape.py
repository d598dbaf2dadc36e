"""Axes in the wrong order, an axis too many: by the numbers, or by what a framework says."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np

from crosscheck.cause.digits import passed_through
from crosscheck.cause.evidence import Evidence

Shape = tuple[int, ...]
REFUSALS = (  # how the frameworks refuse a gradient: its shape, and its input's
    r"output of type \w+\[([\d,]*)\] corresponding to an input of type \w+\[([\d,]*)\]",
    r"got \[([\d, ]*)\] but expected shape compatible with \[([\d, ]*)\]",
    r"returns a gradient of shape \(([\d, ]*)\); expected \(([\d, ]*)\)",
)


def transposed(e: Evidence) -> str:
    """The right entries with two axes exchanged, or read in the wrong order."""
    for a, b in combinations(range(e.truth.ndim), 2):
        axes = f" (axes {a} and {b})" if e.truth.ndim > 2 else ""
        if e.said.ndim == e.truth.ndim and e.restored_by(e.said.swapaxes(a, b)):
            return f"transposed{axes}"
        if e.said.size == e.truth.size:
            read = e.said.reshape(e.truth.swapaxes(a, b).shape).swapaxes(a, b)
            if e.restored_by(read):
                return f"reshaped where it should be transposed{axes}"
    return ""


def unreduced(e: Evidence) -> str:
    """An axis too many: of length 1, or one that should have been summed over."""
    if e.said.ndim <= e.truth.ndim:
        return ""
    if e.said.size == e.truth.size and e.restored_by(e.said.reshape(e.truth.shape)):
        return "right but for an axis of length 1 too many"
    for axis in range(e.said.ndim):
        for reduced, words in ((np.sum, "sum"), (np.mean, "mean")):
            if e.restored_by(reduced(e.said, axis=axis)):
                return f"missing reduction: right after a {words} over axis {axis}"
    return ""


def refused(message: str) -> str:
    """What a message says of a gradient's shape or type."""
    cast = re.search(r"returns a gradient of torch\.(\w+); expected", message)
    if cast:
        return passed_through(cast[1])
    for pattern in REFUSALS:
        found = re.search(pattern, message)
        if found:
            said, expected = (_shape(numbers) for numbers in found.groups())
            return _between(said, expected)
    return ""


def _shape(numbers: str) -> Shape:
    return tuple(int(n) for n in numbers.split(",") if n.strip())


def _between(said: Shape, expected: Shape) -> str:
    where = f"a gradient of shape {said} for an input of shape {expected}"
    if said == expected[::-1] and said != expected:
        return f"transposed: {where}"
    if len(said) > len(expected) and said[len(said) - len(expected) :] == expected:
        leading = len(said) - len(expected)
        axes = "axis 0" if leading == 1 else f"the first {leading} axes"
        return f"missing reduction over {axes}: {where}"
    return ""
