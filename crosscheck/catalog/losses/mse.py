"""Mean squared error: f = (x - y)², and then the mean of all n entries.

    ∂f/∂x = 2 (x - y)        ∂f/∂y = -2 (x - y)        dx, dy = g / n times these for the mean
    ∂²f/∂x² = ∂²f/∂y² = 2    ∂²f/∂x∂y = -2             likewise; in a sum, or none, g times these

x and y have one shape. Broadcasting (n, 1) against (n) would average n² differences, silently.

Kept for the backward pass: x, y.
Reference: document 004 in the project's origin, mse and mse_grad.
"""

import numpy as np

from crosscheck.catalog.losses import reduced
from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, y: np.ndarray, reduction: str = "mean") -> np.ndarray:
    losses = (x - y) ** 2
    return reduced(losses, reduction)


twin = Twin(
    "mse",
    jax="jaxlayers:mse",
    torch="torchlayers:mse",
    definition=definition,
    inputs={"x": real("n d"), "y": real("n d")},
    settings=[{}, {"reduction": "none"}, {"reduction": "sum"}],
    standard="strict",
    keeps=["x", "y"],
)
