"""A residual connection and the normalisation that follows it: z = x + residual, y = rms_norm(z).

With cotangents gy of y and gz of z, and rms_norm's rule:

    dx = dresidual = gz + dz        dz, dw = those of rms_norm at z with gy
    tz = tx + tresidual             ty = that of rms_norm at z

z is linear: second derivatives in x and in residual are all those of rms_norm in z. y is made of z
as it is returned, rounded in 16 bits too, so that y is rms_norm of z to the last bit.

Kept for the backward pass: output, w. Of the outputs it is z; x and residual are not kept.
Reference: rms_norm.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(
    x: np.ndarray, residual: np.ndarray, w: np.ndarray, eps: float = 1e-6
) -> tuple[np.ndarray, np.ndarray]:
    z = x + residual
    return z / np.sqrt(np.mean(z * z, -1, keepdims=True) + eps) * w, z


twin = Twin(
    "add_rms_norm",
    jax="jaxlayers:add_rms_norm",
    torch="torchlayers:add_rms_norm",
    definition=definition,
    inputs={"x": real("n d"), "residual": real("n d"), "w": real("d")},
    settings=[{}],
    standard="strict",
    sound=["hessian"],
    budget_reason="the three parts of a second derivative cancel where one entry is far from all",
    keeps=["output", "w"],
)
