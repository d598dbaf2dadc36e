"""Gradient reversal: the identity, whose backward pass changes the sign.

    y   = x
    y'  = -strength       dx = -strength g
    y'' = 0

The true derivative is 1. The backward pass promises the derivative of the surrogate -strength x.

Kept for the backward pass: nothing.
Reference: Ganin and Lempitsky, "Unsupervised domain adaptation by backpropagation", 2015.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, strength: float = 1.0) -> np.ndarray:
    return 1 * x


def surrogate(x: np.ndarray, strength: float = 1.0) -> np.ndarray:
    return -strength * x


twin = Twin(
    "gradient_reversal",
    jax="jaxlayers:gradient_reversal",
    torch="torchlayers:gradient_reversal",
    definition=definition,
    surrogate=surrogate,
    inputs={"x": real()},
    settings=[{}, {"strength": 0.3}],
    limits={np.inf: np.inf, -np.inf: -np.inf, np.nan: np.nan},
    standard="strict",
    keeps=[],
)
