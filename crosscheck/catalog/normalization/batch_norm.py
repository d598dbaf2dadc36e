"""Batch normalisation of x (n, c, ...): y = v w + b, all but x of one number a channel.

In training v is x standardised by the mean and variance of a channel, over all other axes. That is
layer_norm's v with a channel as its row, and its rule, with dw = Σ g v and db = Σ g. The running
statistics that are returned are (1 - momentum) mean + momentum mean x and the same of var, with the
unbiased variance Σ c² / (m - 1) of m entries. They move without a gradient: the surrogate has them
constant, and mean and var have no part in y.

Else v = (x - mean) / σ with σ² = var + eps, and mean and var are returned as they are. With dx:

    dx = g w / σ    dmean = -Σ dx    dvar = -Σ dx v / (2 σ)    dw = Σ g v    db = Σ g
    tv = (tx - tmean) / σ - v tvar / (2 σ²)        ty = w tv + tw v + tb

and second derivatives of g w v, those with w aside, of which g w is replaced by g:

    ∂²/∂x∂var = -g w / (2 σ³)    ∂²/∂mean∂var = Σ g w / (2 σ³)    ∂²/∂var² = 3 Σ g w v / (4 σ⁴)

Kept for the backward pass: x, mean, var, w. In training x and w alone.
Reference: Ioffe and Szegedy, "Batch normalization", 2015.
"""

from typing import Any

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin

Statistics = tuple[np.ndarray, np.ndarray, np.ndarray]


def definition(
    x: np.ndarray, mean: np.ndarray, var: np.ndarray, w: np.ndarray, b: np.ndarray,
    training: bool = False, momentum: float = 0.1, eps: float = 1e-5,
) -> Statistics:  # fmt: skip
    axes, per = (0, *range(2, x.ndim)), (-1,) + (1,) * (x.ndim - 2)
    if not training:
        v = (x - mean.reshape(per)) / np.sqrt(var.reshape(per) + eps)
        return v * w.reshape(per) + b.reshape(per), mean, var
    batch = np.mean(x, axes)
    c = x - batch.reshape(per)
    v = c / np.sqrt(np.mean(c * c, axes).reshape(per) + eps)
    unbiased = np.sum(c * c, axes) / (x.size // x.shape[1] - 1)
    mean, var = ((1 - momentum) * a + momentum * new for a, new in ((mean, batch), (var, unbiased)))
    return v * w.reshape(per) + b.reshape(per), mean, var


def surrogate(
    x: np.ndarray, mean: np.ndarray, var: np.ndarray, w: np.ndarray, b: np.ndarray, **settings: Any
) -> Statistics:
    y, moved, spread = definition(x, mean, var, w, b, **settings)
    return (y, 0 * moved, 0 * spread) if settings.get("training") else (y, moved, spread)


twin = Twin(
    "batch_norm",
    jax="jaxlayers:batch_norm",
    torch="torchlayers:batch_norm",
    definition=definition,
    surrogate=surrogate,
    inputs={
        "x": real("n 2 3"), "mean": real("2"), "var": real("2", low=0.1), "w": real("2"),
        "b": real("2"),
    },
    # At smaller eps second derivatives of equal rows are lost in the rounding of x; values are not.
    settings=[{"training": True, "eps": 0.01}, {"training": False}],
    standard="strict",
    sound=["hessian"],
    budget_reason="the three parts of a second derivative cancel where one entry is far from all",
    keeps=["x", "mean", "var", "w"],
)  # fmt: skip
