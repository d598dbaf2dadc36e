"""The right answer to another cotangent than the one that was given."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from crosscheck.cause.evidence import PULLED, Arrays, Evidence

Map = Callable[[np.ndarray], np.ndarray]


class Swap(NamedTuple):
    """What a backward pass makes of g first, and the derivative of that."""

    words: str
    of: Map
    slope: Map


SWAPS = (
    Swap("|g| in place of g", np.abs, np.sign),
    Swap("g clamped to ±1", lambda g: g.clip(-1, 1), lambda g: np.where(np.abs(g) < 1, 1.0, 0.0)),
    Swap("only the positive part of g", lambda g: g.clip(0), lambda g: np.where(g > 0, 1.0, 0.0)),
    Swap("only the negative part of g", lambda g: g.clip(None, 0), lambda g: np.where(g < 0, 1, 0)),
    Swap("g ignored: 1 in its place", np.ones_like, np.zeros_like),
)
PARTS: dict[str, Callable[[int], list[int]]] = {  # what is kept of n entries along an axis
    "missing reduction: only the first entry along {axis} counts": lambda n: [0],
    "missing reduction: only the last entry along {axis} counts": lambda n: [n - 1],
    "the last entry along {axis} is left out": lambda n: [*range(n - 1)],
    "the first entry along {axis} is left out": lambda n: [*range(1, n)],
}


def swapped(e: Evidence) -> str:
    """As if the cotangent were its absolute value, clamped, or 1."""
    if e.question == "jvp" and e.g is not None:  # a pullback that is not linear, transposed at g
        return next((s.words for s in SWAPS if e.explains(s.slope(e.g) * e.truth)), "")
    if e.question not in PULLED:
        return ""
    tried = ((swap.words, [swap.of(g) for g in e.cotangents]) for swap in SWAPS)
    return next((words for words, g in tried if e.explains(e.elsewhere(g))), "")


def absolute(e: Evidence) -> str:
    """The right size, the sign lost."""
    return "the absolute value of the right answer" if e.explains(np.abs(e.truth)) else ""


def in_part(e: Evidence) -> str:
    """As if part of the cotangent were zero."""
    if e.question not in PULLED:
        return ""
    return next((words for words, g in _parts(e.cotangents) if e.explains(e.elsewhere(g))), "")


def _parts(cotangents: Arrays) -> Iterator[tuple[str, Arrays]]:
    several = len(cotangents) > 1
    for k, g in enumerate(cotangents):
        y = f"y[{k}]" if several else "y"
        if several:
            yield f"nothing comes back from {y}", _with(cotangents, k, 0 * g)
        for axis, n in enumerate(g.shape):
            for words, kept in PARTS.items():
                if n > 1:
                    masked = _kept(g, axis, kept(n))
                    yield words.format(axis=f"axis {axis} of {y}"), _with(cotangents, k, masked)


def _with(cotangents: Arrays, k: int, g: np.ndarray) -> Arrays:
    return [g if i == k else other for i, other in enumerate(cotangents)]


def _kept(g: np.ndarray, axis: int, places: list[int]) -> np.ndarray:
    kept = np.isin(np.arange(g.shape[axis]), places)
    return np.where(kept.reshape([-1 if a == axis else 1 for a in range(g.ndim)]), g, 0 * g)
