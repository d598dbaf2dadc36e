"""Leaky ReLU: a small slope in place of ReLU's 0. With s the setting negative_slope:

    y   = x  where x > 0, else s x
    y'  = 1  where x > 0, else s          dx = g y'
    y'' = 0

At 0 the branch x <= 0 holds: y' = s, as PyTorch has it; in jax.nn it is 1. With s = 0 the value at
-inf is 0, and not -inf times 0.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.0 · 0.8, y' 0.3 · 0.3,
y'' 0.0 · 0.0.

Kept for the backward pass: x.
Reference: Maas, Hannun and Ng, "Rectifier nonlinearities improve neural network acoustic models",
2013.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, negative_slope: float = 0.01) -> np.ndarray:
    return np.where(x > 0, x, negative_slope * x)


def limits(negative_slope: float = 0.01) -> dict[float, float]:
    falls = -np.inf * negative_slope if negative_slope else 0.0
    return {np.inf: np.inf, -np.inf: falls, np.nan: np.nan}


twin = Twin(
    "leaky_relu",
    jax="jaxlayers:leaky_relu",
    torch="torchlayers:leaky_relu",
    definition=definition,
    inputs={"x": real()},
    settings=[{}, {"negative_slope": 0.3}, {"negative_slope": 0.0}, {"negative_slope": -1.5}],
    kinks={"x": {0.0: "slope negative_slope, second derivative 0: the branch x <= 0 holds"}},
    limits=limits,
    standard="strict",
    keeps=["x"],
)
