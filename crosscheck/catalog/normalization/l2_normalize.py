"""Vectors of length 1 along an axis: y = x / σ, σ² = Σ x² + eps. With P t = t - y Σ y t:

    dx = P g / σ        ty = P tx / σ        d(dx) = -(dx Σ y t + ty Σ y g + y Σ dx t) / σ  along t

All is as in rms_norm, with sums in place of means: σ is in two factors of which neither overflows,
and where one x[k] makes up most of its vector, g is measured from what P annuls.

eps is added, where torch.nn.functional.normalize bounds the length from below: there is no kink,
and a vector of zeros has value 0 and gradient g / √eps.

Kept for the backward pass: x.
Reference: rms_norm.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, axis: int = -1, eps: float = 1e-12) -> np.ndarray:
    return x / np.sqrt(np.sum(x * x, axis, keepdims=True) + eps)


twin = Twin(
    "l2_normalize",
    jax="jaxlayers:l2_normalize",
    torch="torchlayers:l2_normalize",
    definition=definition,
    inputs={"x": real("n d")},
    settings=[{}, {"axis": 0, "eps": 0.5}],
    standard="strict",
    sound=["hessian"],
    budget_reason="the three parts of a second derivative cancel where one entry is far from all",
    keeps=["x"],
)
