"""Judges of a large float64 answer by the truth of single entries, whatever they depend on.

Entries that are looked at: the first, the last, some drawn, and those in which the frameworks
differ most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import flint
import numpy as np
from flint import arb

from crosscheck.case import Case
from crosscheck.evaluation import Undecided
from crosscheck.large_answers import Arrays, Blocks
from crosscheck.large_judges import NEAR, apart
from crosscheck.spotted import Spotted
from crosscheck.truth import BITS, unstated, unusable
from crosscheck.twin import Layer, Twin

SPOTS = 4  # entries of each block that are drawn, and as many that differ most


class BySpots:
    """The truth of single entries. spots: their flat indices, by block; tie: see Judge."""

    corrects = True

    def __init__(
        self, spots: Mapping[str, np.ndarray], entries: list[list[arb]], tie: str = ""
    ) -> None:
        self.spots, self.tie = spots, tie
        true = zip(spots, entries, strict=True)
        self._true = {k: np.array([float(ball) for ball in balls]) for k, balls in true}

    def error(self, answer: Blocks) -> float:
        return max(self._apart(label, y) for label, y in answer.items()) / NEAR

    def _apart(self, label: str, y: np.ndarray) -> float:
        true = self._true[label]
        known = np.isfinite(true)
        said = y.ravel()[self.spots[label]]
        return apart(said[known], true[known], np.max(np.abs(y), initial=0.0))

    def corrected(self, answer: Blocks) -> Blocks:
        return {label: self._put(label, y) for label, y in answer.items()}

    def _put(self, label: str, y: np.ndarray) -> np.ndarray:
        flat = y.astype(float).ravel()
        known = np.isfinite(self._true[label])
        flat[self.spots[label][known]] = self._true[label][known]
        return flat.reshape(y.shape)


def by_spots(
    twin: Twin, doubles: Case, g: Arrays, answers: Mapping[str, list[Blocks]]
) -> dict[str, BySpots]:
    """The judges of the answers to several questions; the definition is evaluated once for all.

    There is no judge where balls cannot decide the definition's branches.
    """
    judges: dict[str, BySpots] = {}
    for function in dict.fromkeys(map(twin.function, answers)):
        about = {q: said for q, said in answers.items() if twin.function(q) is function}
        spots = {q: dict(_differing(said, doubles.stream)) for q, said in about.items()}
        judges |= _judges(twin, function, doubles, g, spots)
    return judges


def _judges(
    twin: Twin, function: Layer, doubles: Case, g: Arrays, spots: dict[str, dict[str, np.ndarray]]
) -> dict[str, BySpots]:
    wanted = {question: list(at.values()) for question, at in spots.items()}
    with flint.ctx.workprec(BITS[0]):
        try:
            spotted = Spotted(function, doubles, wanted)
        except Undecided:
            return {}
        except Exception as error:
            raise twin.error(unusable(function, doubles, error)) from error
        tie = unstated(twin, spotted.evaluation.ties)
        return {q: BySpots(at, spotted.entries(q, g), tie) for q, at in spots.items()}


def _differing(answers: list[Blocks], stream: tuple[int, int]) -> Iterator[tuple[str, np.ndarray]]:
    """The spots of each block of an answer."""
    for label, y in answers[0].items():
        differ = np.nan_to_num(np.abs(y - answers[-1][label]).ravel(), nan=np.inf)
        drawn = np.random.default_rng(stream).integers(y.size, size=SPOTS if y.size else 0)
        ends = [0, y.size - 1][: min(y.size, 2)]
        yield label, np.unique([*ends, *drawn, *np.argsort(differ)[-SPOTS:]]).astype(int)
