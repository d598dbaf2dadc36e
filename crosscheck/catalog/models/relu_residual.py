"""Squared residual of a ReLU layer: f = tr(zᵀ z) = Σ z², with z = relu(x w) - y.

x is (n, k), w (k, m), y (n, m).

With m = 1 where x w > 0, else 0:

    dw = xᵀ (2 g z m)        dx = (2 g z m) wᵀ        dy = -2 g z

At entries of x w that are exactly 0, m = 0: the slope of relu at 0.

Kept for the backward pass: x, w, y; z is computed again.
Reference: document 002 in the project's origin (hand_dw, hand_dx, hand_dy).
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, w: np.ndarray, y: np.ndarray) -> np.ndarray:
    z = np.where(x @ w > 0, x @ w, 0) - y
    return np.asarray(np.sum(z**2))


twin = Twin(
    "relu_residual",
    jax="jaxlayers:relu_residual",
    torch="torchlayers:relu_residual",
    definition=definition,
    inputs={"x": real("n k"), "w": real("k m"), "y": real("n m")},
    kinks={"x": {0.0: "where an entry of x w is 0, its slope is 0: the branch x w <= 0 holds"}},
    keeps=["x", "w", "y"],
)
