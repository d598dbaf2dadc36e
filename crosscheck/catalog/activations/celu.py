"""CELU, the continuously differentiable exponential linear unit. With m = min(x, 0) / alpha:

    y   = x        where x > 0, else alpha (exp(m) - 1)
    y'  = exp(m)                                            dx = g y'
    y'' = 0        where x > 0, else exp(m) / alpha         d(dx)/dx = g y''

y' is 1 where x > 0, and continuous at 0. At 0 the branch x <= 0 holds, as it does in elu:
y'' = 1 / alpha. (PyTorch's built-in second derivative at 0 is 0.) alpha is positive: at 0 there is
no function, and below 0 the branches are not the ones that x / alpha selects.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.8 · 1.8, y' 1.3 · 1.3,
y'' 1.3 · 1.6.

Kept for the backward pass: x.
Reference: Barron, "Continuously differentiable exponential linear units", 2017.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    return np.where(x > 0, x, alpha * np.expm1(x / alpha))


twin = Twin(
    "celu",
    jax="jaxlayers:celu",
    torch="torchlayers:celu",
    definition=definition,
    inputs={"x": real()},
    settings=[{}, {"alpha": 0.3}, {"alpha": 2.0}],
    kinks={"x": {0.0: "slope 1, second derivative 1 / alpha: the branch x <= 0 holds"}},
    limits=lambda alpha=1.0: {np.inf: np.inf, -np.inf: -alpha, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
