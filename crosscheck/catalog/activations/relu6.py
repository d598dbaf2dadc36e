"""ReLU6: ReLU that saturates at 6, y = min(max(x, 0), 6).

    y   = 0 where x <= 0, 6 where x >= 6, else x
    y'  = 1 where 0 < x < 6, else 0          dx = g y'
    y'' = 0

At 0 and at 6 the flat branches hold: y' = 0, as PyTorch and JAX both have it.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 1.0 · 0.0, y' 0.0 · 0.0,
y'' 0.0 · 0.0.

Kept for the backward pass: x.
Reference: Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0, 0, np.where(x >= 6, 6, x))


FLAT = "slope 0, second derivative 0: the flat branch holds"

twin = Twin(
    "relu6",
    jax="jaxlayers:relu6",
    torch="torchlayers:relu6",
    definition=definition,
    inputs={"x": real()},
    kinks={"x": {0.0: FLAT, 6.0: FLAT}},
    limits={np.inf: 6.0, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
