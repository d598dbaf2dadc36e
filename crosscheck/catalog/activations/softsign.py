"""Softsign: y = x / (1 + |x|). With r = 1 / (1 + |x|):

    y   = x r
    y'  = r²                        dx = g y'
    y'' = -2 sgn(x) r³              d(dx)/dx = g y''

y is divided, in one operation, with |x| no larger than the largest number: inf / inf would be NaN.
y' is r times r, since (1 + |x|)² overflows. The second derivative jumps at 0 from 2 to -2. The
convention there is the mean of the two, 0, as PyTorch has it; in jax.nn it is -2.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.5 · 1.5, y' 1.7 · 1.7,
y'' 2.7 · 2.7.

Kept for the backward pass: x.
Reference: Bergstra, Desjardins, Lamblin and Bengio, "Quadratic polynomials learn better image
features", 2009.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x / (1 + x), np.where(x < 0, x / (1 - x), x))


twin = Twin(
    "softsign",
    jax="jaxlayers:softsign",
    torch="torchlayers:softsign",
    definition=definition,
    inputs={"x": real()},
    kinks={"x": {0.0: "slope 1, second derivative 0: the mean of the sides' 2 and -2"}},
    limits={np.inf: 1.0, -np.inf: -1.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
