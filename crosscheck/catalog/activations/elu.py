"""ELU, the exponential linear unit.

    y   = x  where x > 0, else alpha (exp(x) - 1)
    y'  = 1  where x > 0, else alpha exp(x)          dx = g y'
    y'' = 0  where x > 0, else alpha exp(x)          d(dx)/dx = g y''

At 0 the branch x <= 0 holds: y' = y'' = alpha. (PyTorch's built-in second derivative at 0 is 0.)
y' follows from x, not from y: y + alpha cancels below x = -17 in float32, and the gradient would be
0 there.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.6 · 1.5, y' 1.0 · 1.0,
y'' 1.0 · 0.9.

Kept for the backward pass: x.
Reference: Clevert, Unterthiner and Hochreiter, "Fast and accurate deep network learning by
exponential linear units", 2016.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(x))


twin = Twin(
    "elu",
    jax="jaxlayers:elu",
    torch="torchlayers:elu",
    definition=definition,
    inputs={"x": real()},
    settings=[{}, {"alpha": 0.5}, {"alpha": 1.7}],
    kinks={"x": {0.0: "slope alpha, second derivative alpha: the branch x <= 0 holds"}},
    limits=lambda alpha=1.0: {np.inf: np.inf, -np.inf: -alpha, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
