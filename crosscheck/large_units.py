"""Units of a large answer: how far it moves when what it depends on moves by one rounding.

In each entry for the strict standard, which counts the inputs one after the other and adds up what
their entries do, so that nothing cancels; at most over the block for the sound one, whose inputs
move at random.

How much n entries do is a sum of n sizes, Σ |c_j|, for every entry of the answer. If they move by
amounts with a Cauchy distribution, the answer moves by an amount that has it too, Σ |c_j| times as
wide (Indyk, "Stable distributions, pseudorandom generators, embeddings and data stream
computation", 2000). Its width is told by the mean of a small power of it, here the eighth root: of
32 draws that is 3 times too little for at most one entry in 2000, 5 times for one in ten million,
and 3 times too much for about one in 4000: an entry that is over its budget by less is told by more
draws (`large_doubts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, pi, sqrt

import numpy as np

from crosscheck.block import Numbers
from crosscheck.case import Case, chosen
from crosscheck.large_answers import Arrays, Blocks
from crosscheck.large_judges import DOUBLE

RANDOM_MOVES = 2
DRAWS = 32  # of moves of each input
POWER = 1 / 8
ALONG_T, REVERSE = ("jvp", "product"), ("vjp", "product")
LEAST_MOVE = 8 * DOUBLE.u
SMALL_MOVE = 2.0**-40  # so that a million of them is small still, and one is not lost in float64
FARTHEST = 2.0**20  # the moves of one entry that are counted
Factors = list[np.ndarray | float]


def in_float64(case: Case) -> Case:
    """The same numbers in float64."""
    return _scaled(case, [1.0] * 2 * len(case.differentiable))


def moves(
    case: Case, standard: str, question: str, g: Arrays, draws: int, first: int = 0
) -> Iterator[tuple[Case, Arrays]]:
    """The case in float64 and its cotangents, moved in one way after the other.

    draws: how often each input is moved for the strict standard; once where an answer depends on
    one entry of it, which then moves by one size. first: the seed of the first of them.
    """
    n = len(case.differentiable)
    asked = [True] * n + [question in ALONG_T] * n + [question in REVERSE] * len(g)
    arrays = [*case.reals, *case.tangents(), *g]
    seeds = range(first, first + (draws if standard == "strict" else RANDOM_MOVES))
    for factors in _factors(arrays, asked, _move(case, standard, draws), standard, seeds):
        moved = zip(g, factors[2 * n :], strict=True)
        yield _scaled(case, factors[: 2 * n]), [gi * factor for gi, factor in moved]


def _factors(
    arrays: Arrays, asked: list[bool], move: float, standard: str, seeds: range
) -> Iterator[Factors]:
    """A factor for each array. asked: those that the answer depends on."""
    if standard == "strict":
        amounts = _signs if len(seeds) == 1 else _cauchy
        for k in (k for k, matters in enumerate(asked) if matters):
            for seed in seeds:
                moved = 1 + move * amounts(np.random.default_rng([k, seed]), arrays[k])
                yield [moved if k == j else 1.0 for j in range(len(arrays))]
        return
    for seed in seeds:
        rng = np.random.default_rng(seed)
        yield [1 + move * _signs(rng, a) for a in arrays]


def _signs(rng: np.random.Generator, a: np.ndarray) -> np.ndarray:
    return rng.choice([-1.0, 1.0], a.shape)


def _cauchy(rng: np.random.Generator, a: np.ndarray) -> np.ndarray:
    return np.clip(rng.standard_cauchy(a.shape), -FARTHEST, FARTHEST)


def _move(case: Case, standard: str, draws: int) -> float:
    """By how much numbers are moved; not by less than a few roundings, or some would stay."""
    if standard == "strict" and draws > 1:
        return SMALL_MOVE
    return max(case.precision.u, LEAST_MOVE)


def _scaled(case: Case, factors: Sequence[np.ndarray | float]) -> Case:
    """The case in float64, its inputs and tangents times factors."""
    arrays = zip([*case.reals, *case.tangents()], factors, strict=True)
    doubles = [a.astype(float) * factor for a, factor in arrays]
    names = case.differentiable
    inputs = dict(case.inputs) | dict(zip(names, doubles[: len(names)], strict=True))
    return chosen(case, inputs, doubles[len(names) :], DOUBLE)


def blocks(
    case: Case, standard: str, true: Blocks, answer: Blocks, moved: list[Blocks], least: float,
    draws: int,
) -> Iterator[Numbers]:  # fmt: skip
    """The blocks of a true answer; `answer` and `moved` are one framework's, least: η."""
    u = case.precision.u
    of_one = draws if standard == "strict" else len(moved)
    for label, y in answer.items():
        apart = [np.nan_to_num(np.abs(other[label] - y)) for other in moved]
        groups = np.reshape(apart, (len(moved) // of_one, of_one, *y.shape))
        together = np.sum(_size(groups, standard), axis=0)
        unit = u * np.abs(np.nan_to_num(y)) + together * (u / _move(case, standard, draws)) + least
        unit *= 1 + DOUBLE.u / u  # what the float64 answer leaves open
        if standard == "sound":
            inside = np.abs(y) <= case.precision.largest
            largest = np.max(unit, initial=least, where=inside)
            unit = np.full(y.shape, largest * _summed(case, y.size))
        yield Numbers(label, true[label].astype(float), unit, least)


def _size(apart: np.ndarray, standard: str) -> np.ndarray:
    """How far each group of moves went: at most, or as wide as their Cauchy distribution is."""
    if standard == "sound" or apart.shape[1] == 1:
        return np.max(apart, axis=1)
    return (np.mean(apart**POWER, axis=1) * cos(pi * POWER / 2)) ** (1 / POWER)


def _summed(case: Case, entries: int) -> float:
    """By how much more a plain sum moves when its partial sums are rounded, not its terms only.

    With n terms of random sign and size t the partial sums are about t √k, and roundings of all of
    them add up to u t n/√6 (as in Monte Carlo arithmetic); those of the terms to u t √n.
    """
    terms = max(x.size for x in case.reals) / max(entries, 1)
    return max(1.0, sqrt(terms / 6))
