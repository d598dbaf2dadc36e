"""Judging a block of answers against the authority's, all at once.

Errors are counted in the strict standard's roundings (`crosscheck.unit`), with g = 1:

    unit = u (|y| + |x y'|) + η,  and for a derivative y of g:  u (2 |y| + |x y'|) + η

and in ulp, where the true value is a normal number. Faults, beside an error over the BUDGET:

    zeros    0, where the truth is a normal number, and more than the budget away from those that
             are not, η left aside
    nans     NaN, where the truth is none
    lost     not NaN, at NaN, where the truth is
    signs    of the other sign, and over the budget
    breaks   a step to the next number goes down where the truth goes up, or up where it goes down,
             by more roundings than the budget; of values only
    unknown  NaN from the authority itself, at a finite number: nothing is known there

XLA flushes subnormal numbers to 0 before it starts: the answer at 0 is no fault at those. At
infinities, where the authority's derivative is NaN, any answer passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from crosscheck.block import out_of_range
from crosscheck.precision import Precision
from crosscheck.sweep.tally import FAULTS, Fault, Tally, Worst

BUDGET = (4.0, 4.0, 6.0)  # roundings by order
Masks = dict[str, np.ndarray]


def unit(
    x: np.ndarray, y: np.ndarray, slope: np.ndarray, order: int, precision: Precision
) -> np.ndarray:
    """One rounding, entry by entry, for y of this order whose derivative is `slope`."""
    moved = x * slope
    np.abs(moved, out=moved)  # in place, here and below: fresh memory costs more than arithmetic
    if not np.isfinite(moved.max()):
        moved[~np.isfinite(moved)] = 0.0  # at infinities, and where the slope is not known
    moved += np.abs(y) * (2.0 if order else 1.0)
    moved *= precision.u
    moved += precision.tiny
    return moved


@dataclass(frozen=True)
class Right:
    """The right answers of one order at a block x, which has one number more than is counted.

    free: where any answer is right, and y is 0.
    """

    x: np.ndarray
    y: np.ndarray
    slope: np.ndarray
    order: int
    precision: Precision
    free: np.ndarray | None = None

    @cached_property
    def unit(self) -> np.ndarray:
        return unit(self.x, self.y, self.slope, self.order, self.precision)

    @cached_property
    def per_ulp(self) -> np.ndarray:
        """1 / ulp, and 0 where the truth is not a normal number."""
        bits = self.y.view(np.uint64) & np.uint64(0x7FF0000000000000)
        binade = bits.view(np.float64)  # infinite where y is, and where it is NaN
        normal = binade >= self.precision.smallest
        ulp = np.maximum(binade, self.precision.smallest, out=binade)
        ulp *= 2 * self.precision.u
        return np.divide(normal, ulp, out=ulp)

    @cached_property
    def normal(self) -> np.ndarray:
        """Where the truth is a normal number, and would be if moved by all roundings allowed."""
        allowed = self.budget * (self.unit - self.precision.tiny)
        return np.asarray(np.abs(self.y) - allowed >= self.precision.smallest)

    @property
    def budget(self) -> float:
        return BUDGET[self.order]

    def tally(self, answer: np.ndarray, at_zero: float | None = None) -> Tally:
        """What is to be said of an answer; at subnormal numbers, the answer `at_zero` passes."""
        with np.errstate(all="ignore"):
            said = answer.astype(np.float64)
            if self.free is not None:
                said[self.free] = 0.0
            return self._tally(said, at_zero)

    def _tally(self, said: np.ndarray, at_zero: float | None) -> Tally:
        apart = said - self.y
        np.abs(apart, out=apart)
        errors = apart / self.unit
        masks: Masks = {}
        zeros = said == 0
        if not errors.max() <= self.budget or (zeros.any() and (zeros & self.normal).any()):
            masks = self._masks(said, errors, at_zero)
            errors[masks["flushed"] | self._right(said)] = 0.0
            errors[np.isnan(said) | np.isnan(self.y)] = 0.0
            apart[(self.per_ulp == 0) | ~(errors > 0)] = 0.0
            errors[np.isnan(errors)] = np.inf  # infinite, of the wrong sign or where it is not
        if self.order == 0:
            masks["breaks"] = self._breaks(said)
        faults = {name: self._fault(masks.get(name)) for name in FAULTS}
        worst = self._worst(errors, said), self._worst(apart * self.per_ulp, said)
        return Tally(len(said) - 1, *worst, self._fault(masks.get("flushed")), faults)

    def _masks(self, said: np.ndarray, errors: np.ndarray, at_zero: float | None) -> Masks:
        """Where which fault is; and where none is, since XLA may flush a subnormal number to 0."""
        none, over = np.isnan(self.y), ~(errors <= self.budget) & ~self._right(said)
        zeros = (said == 0) & self.normal
        as_at_zero = (said == at_zero) & (np.abs(self.x) < self.precision.smallest)
        return {
            "flushed": as_at_zero & (zeros | over),
            "zeros": zeros & ~as_at_zero,
            "nans": np.isnan(said) & ~none,
            "lost": none & np.isnan(self.x) & ~np.isnan(said),
            "signs": over & (said * self.y < 0) & ~as_at_zero,
            "unknown": none & np.isfinite(self.x),
        }

    def _right(self, said: np.ndarray) -> np.ndarray:
        """The very number, or an infinity where the truth is beyond the type's range."""
        return (said == self.y) | (
            np.isinf(said) & (said * self.y > 0) & out_of_range(self.y, self.precision)
        )

    def _breaks(self, said: np.ndarray) -> np.ndarray:
        steps, true = np.diff(said), np.diff(self.y)
        if (steps[true == 0] != 0).any():  # flatter than float64 can show: the slope still tells
            true = np.where(true == 0, self.slope[:-1] * np.diff(self.x), true)
        against = steps * np.sign(true) < 0
        if against.any():
            against &= np.abs(steps) > self.budget * self.unit[:-1]
        return against

    def _fault(self, mask: np.ndarray | None) -> Fault:
        if mask is None:
            return Fault()
        places = np.flatnonzero(mask[: len(self.x) - 1])
        return Fault(len(places), float(self.x[places[0]])) if len(places) else Fault()

    def _worst(self, errors: np.ndarray, said: np.ndarray) -> Worst:
        place = int(errors[:-1].argmax())
        if not errors[place] > 0:
            return Worst()
        return Worst(float(errors[place]), float(self.x[place]), float(said[place]))
