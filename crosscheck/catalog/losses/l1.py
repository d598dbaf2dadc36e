"""Mean absolute error: f = |d| with d = x - y, and then the mean of all n entries.

    ∂f/∂x = sgn d        ∂f/∂y = -sgn d        dx, dy = g / n times these for the mean, else g
    all second derivatives are 0

Where x = y the slope is 0: the middle of those from -1 to 1, as PyTorch has it. Nothing is
broadcast, as in mse.

Kept for the backward pass: x, y.
Reference: Boscovich, "De litteraria expeditione per pontificiam ditionem", 1757.
"""

import numpy as np

from crosscheck.catalog.losses import reduced
from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, y: np.ndarray, reduction: str = "mean") -> np.ndarray:
    d = x - y
    losses = np.where(d > 0, d, np.where(d < 0, -d, 0))
    return reduced(losses, reduction)


TIE = "slope 0 where x = y"  # both are drawn at 0, in the same rows

twin = Twin(
    "l1",
    jax="jaxlayers:l1",
    torch="torchlayers:l1",
    definition=definition,
    inputs={"x": real("n d"), "y": real("n d")},
    settings=[{}, {"reduction": "none"}, {"reduction": "sum"}],
    kinks={"x": {0.0: TIE}, "y": {0.0: TIE}},
    standard="strict",
    keeps=["x", "y"],
)
