"""Hinge loss of scores x and labels k = 1 or -1: f = max(0, 1 - k x), and then the mean of all n.

    ∂f/∂x = -k where k x < 1, else 0        dx = g / n times this for the mean, else g
    all second derivatives are 0

Where k x = 1 the branch 1 - k x <= 0 holds, as in relu: the slope is 0. NaN passes through with the
slope -k. A label other than 1 and -1 makes its entry NaN, in value and gradient: under jax.jit
values cannot raise.

Kept for the backward pass: scores, labels.
Reference: Cortes and Vapnik, "Support-vector networks", 1995.
"""

import numpy as np

from crosscheck.catalog.losses import reduced
from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(scores: np.ndarray, labels: np.ndarray, reduction: str = "mean") -> np.ndarray:
    short = 1 - labels * scores
    losses = np.where(short <= 0, 0, short)
    return reduced(losses, reduction)


LABELS = np.array([[1, -1, 1], [-1, -1, 1], [1, 1, -1], [1, -1, -1]], np.int32)
TIE = "slope 0 where label score = 1: the branch 1 - label score <= 0 holds"

twin = Twin(
    "hinge",
    jax="jaxlayers:hinge",
    torch="torchlayers:hinge",
    definition=definition,
    inputs={"scores": real("4 3"), "labels": LABELS},
    settings=[{}, {"reduction": "none"}, {"reduction": "sum"}],
    kinks={"scores": {1.0: TIE, -1.0: TIE}},
    standard="strict",
    keeps=["scores", "labels"],
)
