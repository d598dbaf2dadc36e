"""Backward passes that are wrong for some shapes and layouts only."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from crosscheck.audit.defect import Arrays, Defect, Pass, Subject, with_first
from crosscheck.audit.sides import Side
from crosscheck.inputs import Kind
from crosscheck.twin import Layer


def _free(subject: Subject) -> bool:
    return subject.free


def _tail_zero(block: int, beyond: int = 0) -> Callable[[Pass], Arrays]:
    """What a kernel forgets that works in whole blocks."""

    def backward(p: Pass) -> Arrays:
        return [_without_tail(p.side, dx, block, beyond) for dx in p.right]

    return backward


def _without_tail(s: Side, dx: Any, block: int, beyond: int) -> Any:
    n = prod(dx.shape)
    kept = np.arange(n) < n // block * block
    return dx * s.constant(kept.reshape(dx.shape), dx) if n > max(block, beyond) else dx


def _odd_row_zero(p: Pass) -> Arrays:
    return [_without_odd_row(p.side, dx) for dx in p.right]


def _without_odd_row(s: Side, dx: Any) -> Any:
    if not dx.shape or dx.shape[0] % 2 == 0:
        return dx
    kept = np.ones(dx.shape)
    kept[-1] = 0
    return dx * s.constant(kept, dx)


def _doubled_if(test: Callable[[Any], bool]) -> Callable[[Pass], Arrays]:
    """Twice too large where an input passes a test."""
    return lambda p: [dx * (1 + test(x)) for x, dx in zip(p.reals, p.right, strict=True)]


def _raises_on_empty(s: Side, f: Layer, x: Arrays) -> Any:
    if any(prod(xi.shape) == 0 for xi in x):
        raise ValueError("need at least one entry")
    return f(*x)


def _same_array(s: Side, f: Layer, x: Arrays) -> Any:
    """An accumulation that takes two names of one array for two arrays."""
    if len(x) > 1 and x[0] is x[1]:
        return with_first(f(*x), lambda y: 2 * y)
    return f(*x)


def _alike(subject: Subject) -> bool:
    kinds = [k for k in list(subject.twin.inputs.values())[:2] if isinstance(k, Kind)]
    return len(kinds) == 2 and kinds[0] == kinds[1]


def _scalar_possible(subject: Subject) -> bool:
    return subject.twin.is_elementwise


DEFECTS = (
    Defect("tail of a block of 32", "entries past the last whole block of 32 forgotten",
           backward=_tail_zero(32), applies=_free,
           seen="vjp functional prime-0"),
    Defect("tail of a block of 256", "entries past the last whole block of 256 forgotten",
           backward=_tail_zero(256), applies=_free,
           seen="vjp functional large-0"),
    Defect("tail past 65536", "in arrays of over 65536 entries, the tail of the last block",
           backward=_tail_zero(256, 65536), applies=_free,
           seen="vjp functional large-0"),
    Defect("odd last row", "the last row forgotten where their number is odd",
           backward=_odd_row_zero),
    Defect("one row", "twice too large where the first axis is 1",
           backward=_doubled_if(lambda x: x.shape[:1] == (1,)), applies=_free),
    Defect("scalar", "twice too large where the input has no axes",
           backward=_doubled_if(lambda x: x.shape == ()), applies=_scalar_possible,
           seen="vjp functional scalar-0"),
    Defect("empty", "raises where an input has no entries", call=_raises_on_empty, applies=_free,
           seen="vjp functional empty-0"),
    Defect("strided x", "twice too large where the input is not contiguous", sides=("torch",),
           backward=_doubled_if(lambda x: not x.is_contiguous())),
    Defect("same array twice", "twice too large where two inputs are one array",
           call=_same_array, applies=_alike),
)  # fmt: skip
