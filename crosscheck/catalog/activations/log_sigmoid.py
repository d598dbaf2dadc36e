"""Logarithm of the sigmoid.

    y   = -log(1 + exp(-x)) = min(x, 0) - log1p(e)
    y'  = 1 / (1 + exp(x))                       dx = g y'
    y'' = -w (1 - w)                             d(dx)/dx = g y''

with e = exp(-|x|) and w = e / (1 + e). It is -softplus(-x).

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 2.5 · 1.8, y' 1.0 · 1.2,
y'' 1.1 · 1.1.

Kept for the backward pass: x.
Reference: Dugas, Bengio, Bélisle, Nadeau and Garcia, "Incorporating second-order functional
knowledge for better option pricing", 2000, of -log_sigmoid(-x).
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return -np.log1p(np.exp(-x))


twin = Twin(
    "log_sigmoid",
    jax="jaxlayers:log_sigmoid",
    torch="torchlayers:log_sigmoid",
    definition=definition,
    inputs={"x": real()},
    limits={np.inf: 0.0, -np.inf: -np.inf, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
