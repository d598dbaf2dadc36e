"""The authority of a sweep: the layer in float64, in JAX, or in torch where JAX has it not.

Where a twin states limits, they are the values at infinite and NaN inputs. Free, as any answer is
right, are numbers beyond an input's bounds, and for built-in layers, whose conventions are their
own, the derivatives at kinks and at NaN.
"""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from crosscheck.errors import UsageError, describe
from crosscheck.sweep.judge import Right
from crosscheck.sweep.levels import levels
from crosscheck.sweep.subject import Subject
from crosscheck.twin import Twin


def framework(twin: Twin) -> str:
    """Whose float64 it is: that of the first framework that has the layer and is installed."""
    return next((name for name in twin.backends if find_spec(name)), twin.backends[0])


class Authority:
    """The right answers to one subject's questions."""

    def __init__(self, subject: Subject) -> None:
        self.subject, twin = subject, subject.twin
        self.backend = framework(twin)
        self.orders = sorted({*subject.orders, *(order + 1 for order in subject.orders)})
        self._levels = levels(self.backend, twin.layer(self.backend), subject.settings, self.orders)
        self._limits = twin.limits_for(subject.settings)
        ((name, self._input),) = twin.inputs.items()
        self._kinks = list(twin.kinks.get(name, ()))

    def right(self, given: np.ndarray) -> list[Right]:
        """The right answers at a block of numbers, for each order asked."""
        with np.errstate(all="ignore"):
            x = given.astype(np.float64)
            return [self._right(x, order, y) for order, y in self._answers(x).items()]

    def _answers(self, x: np.ndarray) -> dict[int, tuple[np.ndarray, np.ndarray]]:
        """For each order asked, y and its derivative."""
        try:
            said = dict(zip(self.orders, self._levels(x), strict=True))
        except Exception as error:
            raise UsageError(self._cannot(error)) from error
        if 0 in said:
            said[0] = self._with_limits(x, said[0])
        return {order: (said[order], said[order + 1]) for order in self.subject.orders}

    def _cannot(self, error: Exception) -> str:
        return (
            f"{self.subject.target}: errors are counted in derivatives of one order more than is "
            f"asked for, here up to {self.orders[-1]}, taken of {self.backend}'s layer in float64; "
            f"it raised {describe(error)}; ask for less: --order 0,1"
        )

    def _with_limits(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        if np.isfinite(x).all():
            return y
        y = y.copy()
        for place, limit in self._limits.items():
            y[np.isnan(x) if np.isnan(place) else x == place] = limit
        return y

    def _right(self, x: np.ndarray, order: int, said: tuple[np.ndarray, np.ndarray]) -> Right:
        y, slope = said
        free = self._free(x, order)
        if free is not None:
            y = np.where(free, 0.0, y)
        return Right(x, y, slope, order, self.subject.precision, free)

    def _free(self, x: np.ndarray, order: int) -> np.ndarray | None:
        low, high = self._input.low, self._input.high
        free = np.isfinite(x) & ((x < low) | (x > high)) if self._bounded else None
        if self.subject.native and order:
            conventions = np.isnan(x) | np.isin(x, self._kinks)
            free = conventions if free is None else free | conventions
        return free

    @property
    def _bounded(self) -> bool:
        return bool(np.isfinite([self._input.low, self._input.high]).any())
