"""The logarithm of softmax along an axis: y = x - log Σ exp(x), with p = exp(y).

    dx = g - p Σ g        ty = tx - Σ p tx
    ∂²⟨g, y⟩/∂x[i]∂x[j] = -(δ_ij p[i] - p[i] p[j]) Σ g

With m = max x, k its place, and s = Σ exp(x - m) over all others: y = (x - m) - log1p(s). Both
terms are of one sign and nothing cancels: y[k] is right to the last bits however near to 0.

Where one p[k] > 0.6, dx[k] = (1 - p[k]) g[k] - p[k] Σ_{i≠k} g[i] is what makes Σ dx zero: less the
sum of all other dx. 1 - p[k] is never formed. In forward mode p (tx - Σ p tx) is that of softmax.

Entries of -inf count as masked. What is masked has no part in the sums, may hold anything, NaN too;
its value is -inf, its cotangent is ignored and its gradient is 0. Of a row in which all is masked
every value is -inf and every gradient 0. Where NaN takes part the row is NaN, and at
+inf that entry is; so a value that is -inf because it is beyond the type counts as masked as well.

Kept for the backward pass: output, in which what is masked shows.
Reference: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax
functions", 2021.
"""

import numpy as np

from crosscheck.catalog.softmax.softmax import MASK
from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, mask: np.ndarray | None = None, axis: int = -1) -> np.ndarray:
    e = np.exp(x) if mask is None else np.where(mask, np.exp(x), 0)
    y = x - np.log(np.sum(e, axis, keepdims=True))
    return y if mask is None else np.where(mask, y, -np.inf)


def _twin(name: str, x: str, **mask: np.ndarray) -> Twin:
    return Twin(
        name,
        jax="jaxlayers:log_softmax",
        torch="torchlayers:log_softmax",
        definition=definition,
        inputs={"x": real(x), **mask},
        settings=[{}, {"axis": 0}],
        standard="strict",
        sound=["hessian"],
        budget_reason="second derivatives vanish where two p are 1/2, and no p tells how near",
        keeps=["output"],
    )


twins = [_twin("log_softmax", "n d"), _twin("log_softmax-masked", "4 4", mask=MASK)]
