"""Kullback-Leibler divergence: D(p || q) = Σ f along the last axis, f = p log(p / q) = p ρ.

Then the mean of the rows. p and q are probabilities, or with log_p and log_q their logarithms a and
b; ρ = log(p / q) = a - b.

    ∂f/∂p = ρ + 1        ∂f/∂a = p (ρ + 1)        ∂f/∂q = -p / q        ∂f/∂b = -p
    ∂²f/∂p² = 1 / p      ∂²f/∂a² = p (ρ + 2)      ∂²f/∂q² = p / q²      ∂²f/∂b² = 0
    ∂²f/∂p∂q = -1 / q    ∂²f/∂a∂b = -p            ∂²f/∂p∂b = -1         ∂²f/∂a∂q = -p / q

and dp, da, dq, db are g times the slopes, or g / n for the mean of n rows. Rows need not add up to
1: f has no term that stands for it.

Of two probabilities ρ = log1p((p - q) / q) where |p - q| <= q / 4: p - q is exact there, so that
f is 0 for p = q and right for its neighbours.

f is 0 where p = 0, its limit, and so are by convention its gradients: there is no part in it, also
where q = 0 (∂f/∂p would be -∞, with which no chain of derivatives can go on). f is +inf where q = 0
alone.

Kept for the backward pass: p, q.
Reference: Kullback and Leibler, "On information and sufficiency", 1951.
"""

from collections.abc import Mapping

import numpy as np

from crosscheck.catalog.losses import reduced
from crosscheck.inputs import Real, real
from crosscheck.twin import Twin

Kinks = Mapping[str, Mapping[float, str]]


def definition(
    p: np.ndarray, q: np.ndarray, log_p: bool = False, log_q: bool = False, reduction: str = "mean"
) -> np.ndarray:
    a, b = p if log_p else np.log(p), q if log_q else np.log(q)
    weight = np.exp(p) if log_p else p
    rows = np.sum(np.where(weight == 0, 0, weight * (a - b)), -1)
    return reduced(rows, reduction)


def _twin(name: str, p: Real, q: Real, kinks: Kinks, **settings: bool | str) -> Twin:
    return Twin(
        name,
        jax="jaxlayers:kl_div",
        torch="torchlayers:kl_div",
        definition=definition,
        inputs={"p": p, "q": q},
        settings=[settings],
        standard="strict",
        keeps=["p", "q"],
        kinks=kinks,
    )


NO_PART = "all derivatives 0, also that of p, whose limit is -∞: there is no part in it"
AT_0: Kinks = {"p": {0.0: NO_PART}}
LOGS: dict[str, bool | str] = {"log_p": True, "log_q": True, "reduction": "none"}
TARGETS: dict[str, bool | str] = {"log_q": True, "reduction": "sum"}  # as PyTorch has them

twins = [
    # q stays above 0, where all would be infinite.
    _twin("kl_div", real("n d", low=0, high=1), real("n d", low=2**-10, high=1), AT_0),
    _twin("kl_div-logs", real("n d", high=0), real("n d", high=0), {}, **LOGS),
    _twin("kl_div-targets", real("n d", low=0, high=1), real("n d", high=0), AT_0, **TARGETS),
]
