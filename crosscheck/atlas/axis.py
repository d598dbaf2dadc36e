"""The x axis of all plots, and the numbers on it.

Linear up to 10, where shapes are told; logarithmic beyond, where tails end (exp(-x) at 104); and up
to the largest number of float32 in little room, since almost nothing happens there. A *place* is
where on the paper a number lies: 0 in the middle, -4 and 4 at the ends.
"""

from __future__ import annotations

import numpy as np

from crosscheck.precision import PRECISIONS

KNOTS = np.array([10.0, 1e3, PRECISIONS["float32"].largest])
PLACES = np.array([1.8, 3.4, 4.0])
TICKS = (0.0, 5.0, 10.0, 100.0, 1e38)
BINS = 256
EACH = 512  # numbers in a bin


def place(x: np.ndarray) -> np.ndarray:
    """Where numbers lie on the paper."""
    size = np.abs(x)
    beyond = np.interp(np.log(np.maximum(size, KNOTS[0])), np.log(KNOTS), PLACES)
    return np.sign(x) * np.where(size < KNOTS[0], size * (PLACES[0] / KNOTS[0]), beyond)


def at(places: np.ndarray) -> np.ndarray:
    """The numbers that lie there."""
    size = np.abs(places)
    beyond = np.exp(np.interp(size, PLACES, np.log(KNOTS)))
    return np.sign(places) * np.where(size < PLACES[0], size * (KNOTS[0] / PLACES[0]), beyond)


def grid() -> np.ndarray:
    """Numbers of float32 evenly over the axis, in order; and one more, as a sweep's block has."""
    steps = np.random.default_rng(0).uniform(size=BINS * EACH + 1)  # none is a round number
    places = (np.arange(BINS * EACH + 1) + steps) * (2 * PLACES[-1] / (BINS * EACH + 1))
    return PRECISIONS["float32"].round(np.sort(at(places - PLACES[-1])))


def middles() -> np.ndarray:
    """The place of each bin."""
    edges = np.linspace(-PLACES[-1], PLACES[-1], BINS + 1)
    return (edges[1:] + edges[:-1]) / 2
