"""Blocks: parts of a right answer, and how far an answer is from them, entry by entry."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, isinf, isnan
from typing import Any

import numpy as np
from flint import arb

from crosscheck.precision import Precision


@dataclass(frozen=True)
class Block:
    """One part of an answer: its label, the true entries, the unit of each, and η.

    An entry is a ball, or a float where a Twin states what must come exactly (an infinity, NaN).
    """

    label: str
    truth: np.ndarray
    unit: np.ndarray
    eta: float = 0.0

    def errors(self, said: np.ndarray, precision: Precision) -> np.ndarray:
        """Roundings, entry by entry, flat; infinite where one is NaN or infinite and should not be.

        The difference is taken in balls.
        """
        entries = zip(
            said.astype(float).ravel().tolist(),
            self.truth.ravel().tolist(),
            self.unit.ravel().tolist(),
            strict=True,
        )
        errors = [_error(y, truth, unit, precision) for y, truth, unit in entries]
        return np.nan_to_num(np.array(errors, float), nan=inf, posinf=inf)

    def undefined(self) -> int:
        """How many entries have no truth, as the log of a negative number: anything passes."""
        return sum(_is_undefined(truth) for truth in self.truth.ravel())

    def known(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Sizes and units of finite entries, 0 where a ball may be zero; None if none is known."""
        entries = list(zip(self.truth.ravel().tolist(), self.unit.ravel().tolist(), strict=True))
        if all(_is_undefined(truth) for truth, _ in entries):
            return None
        balls = [(t, unit) for t, unit in entries if isinstance(t, arb) and t.is_finite()]
        sizes = [0.0 if t.contains(0) else float(t.abs_upper()) for t, _ in balls]
        return np.array(sizes), np.array([unit for _, unit in balls])

    def written(self, entry: int) -> str:
        """Twenty digits of an entry; with the radius where the ball reaches to zero."""
        truth = self.truth.ravel()[entry]
        if not isinstance(truth, arb):
            return str(truth)
        return str(truth.str(20, radius=truth.contains(0) and not truth.is_zero()))


class Numbers(Block):
    """A block whose truth is plain float64 numbers: for answers too large for balls."""

    def errors(self, said: np.ndarray, precision: Precision) -> np.ndarray:
        y, truth = said.astype(float).ravel(), self.truth.ravel()
        with np.errstate(all="ignore"):
            apart = np.abs(y - truth) / self.unit.ravel()
            same = (y == truth) | (np.isnan(y) & np.isnan(truth))
            beyond = np.isinf(y) & (y * truth > 0) & out_of_range(truth, precision)
        return np.where(same | beyond, 0.0, np.nan_to_num(apart, nan=inf, posinf=inf))

    def undefined(self) -> int:
        return 0

    def known(self) -> tuple[np.ndarray, np.ndarray] | None:
        finite = np.isfinite(self.truth)
        return np.abs(self.truth[finite]), self.unit[finite]

    def written(self, entry: int) -> str:
        return repr(float(self.truth.ravel()[entry]))


def _is_undefined(truth: Any) -> bool:
    return isinstance(truth, arb) and not truth.is_finite()


def _error(said: float, truth: Any, unit: float, precision: Precision) -> float:
    if isinstance(truth, float):  # stated by the Twin
        return 0.0 if said == truth or (isnan(said) and isnan(truth)) else inf
    if _is_undefined(truth):  # nothing is known, and NaN is right
        return 0.0
    if not isfinite(said):
        right = truth * said > 0 and out_of_range(truth, precision)
        return 0.0 if right and not isnan(said) else inf
    if isinf(unit) and out_of_range(truth, precision):  # the unit of a truth that no float can hold
        return inf
    difference = abs(arb(said) - truth)
    return 0.0 if difference == 0 else float((difference / unit).abs_upper())


def out_of_range(truth: Any, precision: Precision) -> Any:
    """Whether a true value rounds to an infinity, perhaps after a few roundings."""
    return abs(truth) * (1 + 8 * precision.u) > precision.largest
