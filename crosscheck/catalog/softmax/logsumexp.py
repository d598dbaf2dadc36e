"""The logarithm of a sum of exponentials along an axis: y = log Σ exp(x), with p = exp(x - y).

    dx = g p        ty = Σ p tx
    ∂²⟨g, y⟩/∂x[i]∂x[j] = g (δ_ij p[i] - p[i] p[j])

With m = max x, k its place, and s = Σ exp(x - m) over all others: y = m + log1p(s), as good as the
number allows where y is near 0. p is softmax, with the derivative that softmax has.

p is computed anew from x: exp(x - y) would be off by the rounding of y, which is large where x is.

Entries of -inf count as masked. What is masked has no part in the sum, may hold anything, NaN too,
and has gradient 0. Of a row in which all is masked, or that has no entries, the value is -inf and
the gradient 0. At +inf the value is +inf; where NaN takes part it is NaN.

Kept for the backward pass: x, mask.
Reference: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax
functions", 2021.
"""

import numpy as np

from crosscheck.catalog.softmax.softmax import MASK
from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, mask: np.ndarray | None = None, axis: int = -1) -> np.ndarray:
    e = np.exp(x) if mask is None else np.where(mask, np.exp(x), 0)
    return np.log(np.sum(e, axis))


def _twin(name: str, x: str, **mask: np.ndarray) -> Twin:
    return Twin(
        name,
        jax="jaxlayers:logsumexp",
        torch="torchlayers:logsumexp",
        definition=definition,
        inputs={"x": real(x), **mask},
        settings=[{}, {"axis": 0}],
        standard="strict",
        sound=["hessian"],
        budget_reason="second derivatives vanish where two p are 1/2, and no p tells how near",
        keeps=["x", *mask],
    )


twins = [_twin("logsumexp", "n d"), _twin("logsumexp-masked", "4 4", mask=MASK)]
