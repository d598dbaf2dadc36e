"""Document 004's experiment with the scale of activations, through many layers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from crosscheck.demos.sides import sides
from crosscheck.precision import PRECISIONS

FLOAT32 = PRECISIONS["float32"]
INITIAL = ("plain", "0.01", "Xavier", "Kaiming")
Which = tuple[str, bool]  # how weights are drawn, and whether relu follows each layer


@dataclass(frozen=True)
class Scales:
    """Mean and standard deviation of the activations at each depth, from 0, the input, on.

    finite: whether all of them are; zero: whether all are 0; nan: whether any is NaN.
    """

    mean: np.ndarray
    std: np.ndarray
    finite: np.ndarray
    zero: np.ndarray
    nan: np.ndarray

    @classmethod
    def of(cls, activations: np.ndarray) -> Scales:
        """Of (depth + 1, batch, width) activations; in float64, whose squares do not overflow."""
        axes, wide = (1, 2), activations.astype(np.float64)
        with np.errstate(invalid="ignore"):  # infinities of both signs have no mean
            mean, std = wide.mean(axes), wide.std(axes)
        zero, nan = (activations == 0).all(axes), np.isnan(activations).any(axes)
        return cls(mean, std, np.isfinite(activations).all(axes), zero, nan)

    @property
    def lasting(self) -> int:
        """The last depth at which activations are finite, and not all 0."""
        alive = self.finite & ~self.zero
        return int(np.argmin(alive)) - 1 if not alive.all() else len(alive) - 1


def every_scale(seed: int, batch: int, width: int, depth: int) -> dict[str, dict[Which, Scales]]:
    """For each framework, the scales under each way to draw weights, without relu and with it."""
    return {
        name: {
            which: Scales.of(side.activations(seed, (batch, width), depth, *which))
            for which in product(INITIAL, (False, True))
        }
        for name, side in sides("backprop_by_hand").items()
    }


def apart(one: Mapping[Which, Scales], other: Mapping[Which, Scales]) -> float:
    """The largest relative difference of a standard deviation, as deep as it has full precision.

    Below 2⁻¹²⁶ XLA flushes numbers to 0, which shows as soon as the deviation is below 2⁻¹²⁶ / u.
    """
    return max(_apart(one[which], other[which]) for which in one)


def _apart(one: Scales, other: Scales) -> float:
    full = one.finite & other.finite & (np.minimum(one.std, other.std) > FLOAT32.tiny / FLOAT32.u)
    return float(np.max(np.abs(one.std[full] / other.std[full] - 1), initial=0.0))


def factor(initial: str, rectified: bool, width: int) -> float:
    """By how much a layer multiplies the root mean square, on average; relu takes half of it away.

    Squares add: a sum of `width` terms, each a weight of deviation s times an activation, has a
    mean square width s² times as large.
    """
    square = {"plain": width, "0.01": 1e-4 * width, "Xavier": 1.0, "Kaiming": 2.0}[initial]
    return float((square / 2 if rectified else square) ** 0.5)


def fate(scales: Scales) -> str:
    """What becomes of the activations."""
    end = scales.lasting + 1
    if end == len(scales.std):
        return f"standard deviation {scales.std[-1]:.2g}"
    if scales.zero[end]:
        return f"all 0 from layer {end}"
    nan = f", NaN from layer {np.argmax(scales.nan)}" if scales.nan.any() else ""
    return f"infinite in layer {end}{nan}"
