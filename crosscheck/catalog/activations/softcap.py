"""Soft cap: y = c tanh(m) with m = x / c, which stays within -c and c. With E = exp(-2 |m|):

    y   = c tanh(m)
    y'  = 1 - tanh²(m) = 4 E / (1 + E)²           dx = g y'
    y'' = -2 tanh(m) y' / c                       d(dx)/dx = g y''

The right-hand form of y' has no cancellation: 1 - tanh² is 0 beyond m = 9 in float32. For |m| below
2⁻²⁷ the value is x itself, to less than one rounding in any type: c tanh(x / c) would be 0 where
x / c is flushed and x is not.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 3.4 · 1.4, y' 2.0 · 1.5,
y'' 3.0 · 2.6.

Kept for the backward pass: x.
Reference: Gemma Team, "Gemma 2: improving open language models at a practical size", 2024.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, cap: float) -> np.ndarray:
    return cap * np.tanh(x / cap)


twin = Twin(
    "softcap",
    jax="jaxlayers:softcap",
    torch="torchlayers:softcap",
    definition=definition,
    inputs={"x": real()},
    settings=[{"cap": 1.0}, {"cap": 3.7}, {"cap": 30.0}],
    limits=lambda cap: {np.inf: cap, -np.inf: -cap, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
