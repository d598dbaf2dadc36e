"""Off by a constant factor: which, and what else is that large."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt

import numpy as np

from crosscheck.cause.evidence import PULLED, Evidence

SURE = 64  # an entry counts where it is so many times the largest error that passes
CHANCE = 1e-3  # how improbable it must be that entries lie on one line by chance
MOST_READINGS = 3
SIMPLE = ("2", "3", "4", "10", "0.5", "0.25", "0.1", "-2", "-0.5", "-1")


def constant_factor(e: Evidence) -> str:
    """The answer is c times the right one in every entry."""
    if e.said.shape != e.truth.shape:
        return ""
    sure = e.known & (np.abs(e.truth) > SURE * e.room)
    if not sure.any():
        return ""
    largest = np.unravel_index(np.where(sure, np.abs(e.truth), 0).argmax(), e.truth.shape)
    c = float(e.said[largest] / e.truth[largest])
    if c == 0 or not e.explains(c * e.truth):
        return ""
    number, readings = _shortest(e, c), [words for n, words in _readings(e) if _is(e, n)]
    simple = number in SIMPLE or bool(readings)
    if _by_chance(e, c, largest, sure) > CHANCE and not (simple and _is_exact(e, c, largest)):
        return ""
    if number == "-1":
        return _sign(e)
    return " = ".join([f"off by a factor {number}", *readings[:MOST_READINGS]])


def _is(e: Evidence, c: float) -> bool:
    return e.explains(c * e.truth)


def _shortest(e: Evidence, c: float) -> str:
    """The shortest decimal number that explains the answer as well."""
    tried = (f"{c:.{digits}g}" for digits in range(1, 17))
    return next((number for number in tried if _is(e, float(number))), repr(c))


def _by_chance(e: Evidence, c: float, largest: tuple[np.intp, ...], sure: np.ndarray) -> float:
    """The probability that the entries of other sizes than the largest fit by accident."""
    sizes = np.abs(e.truth)
    others = sure & (sizes < 0.99 * sizes[largest])
    return float(np.prod(np.minimum(1, e.room_for(c * e.truth)[others] / sizes[others])))


def _is_exact(e: Evidence, c: float, largest: tuple[np.intp, ...]) -> bool:
    """Whether one entry alone tells a simple factor from its neighbours."""
    return bool(e.room_for(c * e.truth)[largest] <= CHANCE * abs(e.truth[largest]))


def _sign(e: Evidence) -> str:
    sizes = [np.abs(g) for g in e.cotangents]
    if e.question in PULLED and e.explains(e.elsewhere(sizes)):
        return "the sign, or |g| in place of g: every cotangent that counts here is negative"
    return "the sign: minus the right answer"


def _readings(e: Evidence) -> Iterator[tuple[float, str]]:
    """Numbers that belong to the question, and what they are."""
    for name, p in e.case.settings.items():
        if isinstance(p, float) and 0 < p < 1:
            yield 1 / (1 - p), f"1/(1 - {name})"
            yield 1 - p, f"1 - {name} (1/(1 - {name}) missing?)"
            yield 1 / p, f"1/{name}"
            yield p, name
    for n, what in _lengths(e).items():
        yield n, f"{what} (1/n missing?)"
        yield 1 / n, f"1/{what} (a mean for a sum?)"
        if n > 4:  # else they are simple numbers, and mean nothing
            yield n / (n - 1), f"n/(n - 1), n: {what}"
            yield (n - 1) / n, f"(n - 1)/n, n: {what}"
        if not sqrt(n).is_integer():
            yield sqrt(n), f"the root of {what}"
            yield 1 / sqrt(n), f"1/the root of {what}"


def _lengths(e: Evidence) -> dict[int, str]:
    """Lengths of axes and numbers of entries, from 2 on."""
    lengths: dict[int, str] = {}
    for name in e.case.differentiable:
        x = e.case.inputs[name]
        for axis, n in enumerate(x.shape):
            lengths.setdefault(n, f"the length of axis {axis} of {name}")
        lengths.setdefault(x.size, f"the number of entries of {name}")
    return {n: what for n, what in lengths.items() if n > 1}
