"""Squared ReLU: y = max(x, 0)².

    y   = 0  where x <= 0, else x²
    y'  = 0  where x <= 0, else 2 x          dx = g y'
    y'' = 0  where x <= 0, else 2            d(dx)/dx = g y''

y' is continuous at 0. At 0 the branch x <= 0 holds: y'' = 0, as in the square of PyTorch's and of
JAX's relu. dx is 2 (g max(x, 0)), since 2 x may overflow where dx does not.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.0 · 0.3, y' 1.0 · 0.0,
y'' 0.0 · 0.0.

Kept for the backward pass: x.
Reference: So et al., "Primer: searching for efficient transformers for language modeling", 2021.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0, 0, x * x)


twin = Twin(
    "relu_squared",
    jax="jaxlayers:relu_squared",
    torch="torchlayers:relu_squared",
    definition=definition,
    inputs={"x": real()},
    kinks={"x": {0.0: "slope 0, second derivative 0: the branch x <= 0 holds"}},
    limits={np.inf: np.inf, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
