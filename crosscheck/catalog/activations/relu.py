"""ReLU: y = max(x, 0).

    y   = 0  where x <= 0, else x
    y'  = 0  where x <= 0, else 1          dx = 0 where x <= 0, else g
    y'' = 0

dx chooses between 0 and g and does not multiply: an infinite g times 0 would be NaN.

At 0, and at -0, the branch x <= 0 holds: y = y' = y'' = 0. That makes y' a subgradient, the one
that PyTorch and JAX both use. NaN passes through, with slope 1, as it is not <= 0.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.0 · 0.0, y' 0.0 · 0.0,
y'' 0.0 · 0.0.

Kept for the backward pass: x.
Reference: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", 2010.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0, 0, x)


twin = Twin(
    "relu",
    jax="jaxlayers:relu",
    torch="torchlayers:relu",
    definition=definition,
    inputs={"x": real()},
    kinks={"x": {0.0: "slope 0: the branch x <= 0 holds"}},
    limits={np.inf: np.inf, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
