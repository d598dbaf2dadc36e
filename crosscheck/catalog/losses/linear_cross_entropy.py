"""Cross entropy of labels and the logits a = x w, without those: f(a) row by row, as cross_entropy.

With the row's slopes d = ∂f/∂a, their derivative h(u) along u (see cross_entropy), the cotangents g
of the rows, and tangents or cotangents tx, tw, tg:

    dx = g d wᵀ               u = tx w + x tw
    dw = xᵀ (g d)             tf = Σ d u

    tdx = m wᵀ + g d twᵀ      tdw = txᵀ (g d) + xᵀ m,      m = g h(u) + tg d

dx and dw are the gradient of Σ g f, so that pulling cotangents tx and tw back through them is the
same, for x and w with tg = 0, and tf for g.

All of this is computed for some rows at a time, whose logits are then forgotten; dw adds up over
the rows. What rows hold that are ignored does not matter, and their gradient is 0. A label that is
no class makes the loss of its row NaN, and all of dw.

Kept for the backward pass: x, w, labels. Not even a number a row.
Reference: Wijmans et al., "Cut your losses in large-vocabulary language models", 2024.
"""

import numpy as np

from crosscheck.catalog.losses import cross_entropy
from crosscheck.inputs import integer, real
from crosscheck.twin import Twin


def definition(
    x: np.ndarray,
    w: np.ndarray,
    labels: np.ndarray,
    smoothing: float = 0.0,
    z_loss: float = 0.0,
    ignore_index: int = -100,
    reduction: str = "mean",
    block: int = 192,
) -> np.ndarray:
    return cross_entropy.definition(x @ w, labels, smoothing, z_loss, ignore_index, reduction)


twin = Twin(
    "linear_cross_entropy",
    jax="jaxlayers:linear_cross_entropy",
    torch="torchlayers:linear_cross_entropy",
    definition=definition,
    inputs={"x": real("n 2"), "w": real("2 3"), "labels": integer("n", high=3)},
    settings=[
        {},
        {
            "smoothing": 0.1,
            "z_loss": 0.01,
            "ignore_index": 0,
            "reduction": "none",
            "block": 2,
        },
        {"ignore_index": 0, "block": 2},
    ],
    standard="strict",
    sound=["hessian"],
    budget_reason="second derivatives of x are sums of both signs over classes, as small as any",
    keeps=["x", "w", "labels"],
)
