"""Mean squared error: f = Σ (x - y)² / n over all n entries.

    dx = 2 g (x - y) / n        dy = -dx
    ∂²f/∂x² = 2 g / n on the diagonal, and the same for y; ∂²f/∂x∂y = -2 g / n

x and y have one shape. Broadcasting (n, 1) against (n) would average n² differences, silently.

Kept for the backward pass: x, y.
Reference: document 004 in the project's origin, mse and mse_grad.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(np.mean((x - y) ** 2))


twin = Twin(
    "mse",
    jax="jaxlayers:mse",
    torch="torchlayers:mse",
    definition=definition,
    inputs={"x": real("n d"), "y": real("n d")},
    keeps=["x", "y"],
)
