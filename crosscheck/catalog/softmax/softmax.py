"""Softmax along an axis: p = exp(x) / Σ exp(x).

    dx = p (g - Σ p g)        and in forward mode the same: ty = p (tx - Σ p tx)
    ∂²⟨g, p⟩/∂x[i]∂x[j] = δ_ij p[i] b[i] - p[i] p[j] (b[i] + b[j]),  b = g - Σ p g

p is computed as exp(x - m) / Σ exp(x - m), m = max x, which has no derivative: p does not depend on
it. Nor does b change when g moves as a whole, and where one p[k] > 0.6 it moves by -g[k]: then b[k]
comes from the small p of the others, and not from g[k] less a sum that is nearly g[k]. This is as
accurate where p[k] rounds to 1 as elsewhere, and so is its derivative.

Entries of -inf count as masked. What is masked has no part in the sums, may hold anything, NaN too,
and has value and gradient 0. Of a row in which all is masked every value and gradient is 0. At
+inf, and where NaN takes part, the row is NaN.

Kept for the backward pass: output, in which what is masked shows.
Reference: Bridle, "Training stochastic model recognition algorithms as networks can lead to maximum
mutual information estimation of parameters", 1990.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, mask: np.ndarray | None = None, axis: int = -1) -> np.ndarray:
    e = np.exp(x) if mask is None else np.where(mask, np.exp(x), 0)
    total = np.sum(e, axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


def _twin(name: str, x: str, **mask: np.ndarray) -> Twin:
    return Twin(
        name,
        jax="jaxlayers:softmax",
        torch="torchlayers:softmax",
        definition=definition,
        inputs={"x": real(x), **mask},
        settings=[{}, {"axis": 0}],
        standard="strict",
        sound=["hessian"],
        budget_reason="second derivatives vanish where two p are 1/2, and no p tells how near",
        keeps=["output"],
    )


# A row of each kind: one entry masked, two, all but one, all of them; and such columns. Where two
# are left, p = 1/2 makes all second derivatives 0: a block needs others, or rounding is all it has.
MASK = np.array([[1, 1, 0, 1], [0, 0, 0, 0], [1, 1, 0, 0], [1, 0, 0, 0]], bool)

twins = [_twin("softmax", "n d"), _twin("softmax-masked", "4 4", mask=MASK)]
