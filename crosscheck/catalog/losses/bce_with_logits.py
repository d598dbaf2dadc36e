"""Binary cross entropy of targets t and σ(x): f = t log(1 + exp(-x)) + (1 - t) log(1 + exp(x)).

    ∂f/∂x = σ(x) - t = (1 - t) σ(x) - t σ(-x)        ∂f/∂t = -x        dx, dt = g times these
    ∂²f/∂x² = σ'(x)        ∂²f/∂x∂t = -1        ∂²f/∂t² = 0

With w = 1 - t where x > 0, else t, f = w |x| + log1p(exp(-|x|)): both terms are positive, and
where x is far on the right side of t = 0 or 1 what is left is exp(-|x|), and not 0.

At t = 1 the slope is -σ(-x), which σ(x) - 1 loses beyond x = 17 in float32; σ and σ' are those of
sigmoid, each by its own formula. Over n entries the mean has g / n in place of g.

Kept for the backward pass: logits, targets.
Reference: Good, "Rational decisions", 1952.
"""

import numpy as np

from crosscheck.catalog.losses import reduced
from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(logits: np.ndarray, targets: np.ndarray, reduction: str = "mean") -> np.ndarray:
    right, wrong = np.log(1 + np.exp(-logits)), np.log(1 + np.exp(logits))
    losses = targets * right + (1 - targets) * wrong
    return reduced(losses, reduction)


twin = Twin(
    "bce_with_logits",
    jax="jaxlayers:bce_with_logits",
    torch="torchlayers:bce_with_logits",
    definition=definition,
    inputs={"logits": real("n d"), "targets": real("n d", low=0, high=1)},
    settings=[{}, {"reduction": "none"}, {"reduction": "sum"}],
    standard="strict",
    keeps=["logits", "targets"],
)
