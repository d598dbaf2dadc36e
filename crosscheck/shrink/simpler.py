"""Simpler things to try: fewer places, simpler numbers. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import numpy as np

from crosscheck.inputs import Integer, Key, Real

SIMPLEST = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)
CHUNKS = 8  # places are tried one by one where there are so few: they all share a shape
MOST_BITS = 8
MOST_ENTRIES = 16  # in larger arrays entries are not simplified one by one
KEYS = 8


def fewest(places: Sequence[int], works: Callable[[Sequence[int]], bool]) -> Sequence[int]:
    """Places of which none can be left out, found by leaving out chunks of them.

    Reference: Zeller and Hildebrandt 2002, Simplifying and isolating failure-inducing input.

    >>> fewest(range(100), lambda kept: 17 in kept and 71 in kept)
    [17, 71]
    """
    kept, chunks = list(places), CHUNKS
    while len(kept) > 1:
        size = -(-len(kept) // min(chunks, len(kept)))
        starts = range(0, len(kept), size)
        parts = (kept[i : i + size] for i in starts)
        rests = (kept[:i] + kept[i + size :] for i in starts)
        found = next((tried for tried in chain(parts, rests) if tried and works(tried)), None)
        if found is None and size == 1:
            break
        chunks = CHUNKS if found else chunks * 2
        kept = found or kept
    return kept


def wholes(declared: object, array: np.ndarray) -> Iterator[np.ndarray]:
    """Arrays of the same shape that are simpler throughout, the simplest first."""
    if isinstance(declared, Key):
        yield from (np.array([0, seed], array.dtype) for seed in range(KEYS))
    elif array.dtype == bool:
        yield from (np.full_like(array, truth) for truth in (True, False))
    else:
        yield from _within(declared, (np.full_like(array, c) for c in SIMPLEST))
        rounded = [np.rint(array.astype(float)) + 0.0]  # no negative zeros
        rounded += [_rounded(array.astype(float), bits) for bits in range(1, MOST_BITS + 1)]
        yield from _within(declared, (simpler.astype(array.dtype) for simpler in rounded))


def entries(declared: object, array: np.ndarray, index: int) -> Iterator[np.ndarray]:
    """The array with one entry simpler, the simplest first."""
    if isinstance(declared, Key) or array.dtype == bool or array.size > MOST_ENTRIES:
        return
    for number in _numbers(float(array.flat[index])):
        simpler = array.copy()
        simpler.flat[index] = number
        yield from _within(declared, [simpler])


def _within(
    declared: object, arrays: Iterator[np.ndarray] | list[np.ndarray]
) -> Iterator[np.ndarray]:
    """Those that an input may hold; bounds of real inputs may be singular, and are left out."""
    for array in arrays:
        if isinstance(declared, Integer):
            inside = array >= declared.low
        elif isinstance(declared, Real):
            inside = (array > declared.low) & (array < declared.high)
        else:
            inside = np.ones(array.shape, dtype=bool)
        if inside.all():
            yield array


def _numbers(value: float) -> Iterator[float]:
    """Numbers simpler than this one, the simplest first."""
    rounded = (float(_rounded(np.array(value), bits)) for bits in range(1, MOST_BITS + 1))
    for simpler in dict.fromkeys((*SIMPLEST, float(np.rint(value)), *rounded)):
        if _rank(simpler) < _rank(value):
            yield simpler


def _rank(value: float) -> tuple[int, int]:
    """How simple: the place among the simplest, or the digits that it takes."""
    if value in SIMPLEST:
        return 0, SIMPLEST.index(value)
    return 1, len(f"{value:.17g}")


def _rounded(values: np.ndarray, bits: int) -> np.ndarray:
    """So many significant bits."""
    fraction, exponent = np.frexp(values)
    return np.asarray(np.ldexp(np.rint(np.ldexp(fraction, bits)), exponent - bits)) + 0.0
