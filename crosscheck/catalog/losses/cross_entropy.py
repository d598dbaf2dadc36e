"""Cross entropy of labels k and p = softmax(x), row by row: f = z - Σ q x + ζ z².

z = log Σ exp(x) of the c logits x of a row; q = 1 - ε + ε/c at the label and ε/c elsewhere, for a
smoothing of ε; ζ is z_loss. Then the mean of the rows, their sum, or none of these.

    ∂f/∂x[i]       = p[i] - q[i] + 2 ζ z p[i]                   dx = g ∂f/∂x, over the count if mean
    ∂²f/∂x[i]∂x[j] = (1 + 2 ζ z) (δ_ij p[i] - p[i] p[j]) + 2 ζ p[i] p[j]

With m = max x, y = x - m and s = Σ exp(y) over all but the largest, f = log1p(s) - Σ q y + ζ z²:
terms of one sign, right to the last bits where the right class is so far ahead that 1 + s is 1.
For the same reason ∂f/∂x[k] is less the sum of all other p[i] - q[i], and never p[k] - 1.

A logit of -inf leaves its class out, as if it were not there: ε is spread over the others. If it
is the label's, or no class is left, f is +inf; the gradient is the limit, 0 if no class is left.
A logit of NaN or +inf loses its row, whose gradient is NaN.

Rows labelled ignore_index have f = 0 and gradient 0, whatever they hold, and their cotangents are
ignored too. The mean is over the other rows: of none it is 0, with gradient 0, where PyTorch has
NaN. A label that is no class makes its row NaN, in value and gradient: under jax.jit values cannot
raise.

Kept for the backward pass: logits, labels.
Reference: Szegedy et al., "Rethinking the Inception architecture for computer vision", 2016
(smoothing); Chowdhery et al., "PaLM: scaling language modeling with pathways", 2022 (z_loss).
"""

import numpy as np

from crosscheck.inputs import integer, real
from crosscheck.twin import Twin


def definition(
    logits: np.ndarray,
    labels: np.ndarray,
    smoothing: float = 0.0,
    z_loss: float = 0.0,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> np.ndarray:
    c = logits.shape[-1]
    z = np.log(np.sum(np.exp(logits), -1))
    q = np.where(labels[..., None] == np.arange(c), 1 - smoothing, 0) + smoothing / c
    losses = z - np.sum(q * logits, -1) + z_loss * z**2
    losses = np.where(labels == ignore_index, 0, losses)
    if reduction == "none":
        return losses
    count = max(1, np.sum(labels != ignore_index)) if reduction == "mean" else 1
    return np.sum(losses) / count


twin = Twin(
    "cross_entropy",
    jax="jaxlayers:cross_entropy",
    torch="torchlayers:cross_entropy",
    definition=definition,
    inputs={"logits": real("n c"), "labels": integer("n", high="c")},
    settings=[
        {},
        {"smoothing": 0.1, "z_loss": 0.01, "ignore_index": 0, "reduction": "none"},
        {"smoothing": 0.1, "ignore_index": 0},
        {"z_loss": 0.01, "reduction": "sum"},
    ],
    standard="strict",
    keeps=["logits", "labels"],
)
