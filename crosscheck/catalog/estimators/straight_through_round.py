"""Rounding to whole numbers with a straight-through gradient.

    y   = the nearest whole number; of two equally near, the even one
    y'  = 1          dx = g
    y'' = 0

The true derivative of rounding is 0 wherever there is one. The backward pass promises the
derivative of the surrogate y = x in its place, everywhere: at the steps too.

Kept for the backward pass: nothing.
Reference: Bengio, Léonard and Courville, "Estimating or propagating gradients through stochastic
neurons for conditional computation", 2013.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.rint(x)


def surrogate(x: np.ndarray) -> np.ndarray:
    return x


twin = Twin(
    "straight_through_round",
    jax="jaxlayers:straight_through_round",
    torch="torchlayers:straight_through_round",
    definition=definition,
    surrogate=surrogate,
    inputs={"x": real()},
    kinks={
        "x": {
            0.5: "value 0, the even neighbour; slope 1: the surrogate's",
            1.5: "value 2, the even neighbour; slope 1: the surrogate's",
            -2.5: "value -2, the even neighbour; slope 1: the surrogate's",
        }
    },
    limits={np.inf: np.inf, -np.inf: -np.inf, np.nan: np.nan},
    standard="strict",
    keeps=[],
)
