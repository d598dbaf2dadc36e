"""Sigmoid, the logistic function.

    y   = 1 / (1 + exp(-x))
    y'  = y (1 - y) = w (1 - w)                  dx = g y'
    y'' = y' (1 - 2y) = -y' tanh(x / 2)          d(dx)/dx = g y''

with e = exp(-|x|) and w = e / (1 + e), the value at -|x|. These forms have no cancellation: 1 - y
is 0 beyond x = 17 in float32 and beyond x = 37 in float64, and a gradient written with it is 0
where the true one is not. 1 - w has half the rounding of 1 / (1 + e).

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.7 · 2.0, y' 1.1 · 1.0,
y'' 2.1 · 1.9.

Kept for the backward pass: x.
Reference: document 001 in the project's origin, section 4, derives y' by hand.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


twin = Twin(
    "sigmoid",
    jax="jaxlayers:sigmoid",
    torch="torchlayers:sigmoid",
    definition=definition,
    inputs={"x": real()},
    limits={np.inf: 1.0, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
