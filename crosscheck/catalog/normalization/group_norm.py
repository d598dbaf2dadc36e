"""Group normalisation of x (n, c, ...): y = v w + b, w and b of one number a channel.

The channels of a sample form groups of c / groups, one after another; v is x standardised by the
mean and variance of a group, over its channels and all axes behind them. That is layer_norm's v
with a group as its row, and its rule, in which dw and db are sums over all but the channels:

    dx = P(g w) / σ        dw = Σ g v        db = Σ g
    tv = P tx / σ          ty = w tv + tw v + tb
    d(dx) = P(dg w + g dw) / σ - (dx Σ v t + tv Σ v g w + v Σ dx t) / (m σ)  along t

with m entries in a group. Of one entry in a group, v = 0, y = b and dx = 0.

Kept for the backward pass: x, w.
Reference: Wu and He, "Group normalization", 2018.
"""

import math

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(
    x: np.ndarray, w: np.ndarray, b: np.ndarray, groups: int, eps: float = 1e-5
) -> np.ndarray:
    rows = x.reshape(x.shape[0], groups, math.prod(x.shape[1:]) // groups)  # n may be 0
    c = rows - np.mean(rows, -1, keepdims=True)
    v = c / np.sqrt(np.mean(c * c, -1, keepdims=True) + eps)
    per = (-1,) + (1,) * (x.ndim - 2)
    return v.reshape(x.shape) * w.reshape(per) + b.reshape(per)


twin = Twin(
    "group_norm",
    jax="jaxlayers:group_norm",
    torch="torchlayers:group_norm",
    definition=definition,
    inputs={"x": real("n 4 2"), "w": real("4"), "b": real("4")},
    # At smaller eps second derivatives of equal rows are lost in the rounding of x; values are not.
    settings=[{"groups": 2, "eps": 0.01}],
    standard="strict",
    sound=["hessian"],
    budget_reason="the three parts of a second derivative cancel where one entry is far from all",
    keeps=["x", "w"],
)
