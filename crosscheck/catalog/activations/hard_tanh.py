"""Hard tanh: the identity, clipped, y = min(max(x, -1), 1).

    y   = -1 where x <= -1, 1 where x >= 1, else x
    y'  = 1 where -1 < x < 1, else 0          dx = g y'
    y'' = 0

At -1 and at 1 the flat branches hold: y' = 0, as PyTorch has it; in jax.nn it is 1.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.0 · 0.0, y' 0.0 · 0.0,
y'' 0.0 · 0.0.

Kept for the backward pass: x.
Reference: Collobert, "Large scale machine learning", 2004.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x <= -1, -1, np.where(x >= 1, 1, x))


FLAT = "slope 0, second derivative 0: the flat branch holds"

twin = Twin(
    "hard_tanh",
    jax="jaxlayers:hard_tanh",
    torch="torchlayers:hard_tanh",
    definition=definition,
    inputs={"x": real()},
    kinks={"x": {-1.0: FLAT, 1.0: FLAT}},
    limits={np.inf: 1.0, -np.inf: -1.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
