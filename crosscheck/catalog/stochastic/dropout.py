"""Dropout: entries are zeroed at random, the rest is scaled so that the mean stays.

With m = bernoulli(key, 1 - rate), one truth value an entry:

    y  = x / (1 - rate)  where m, else 0
    dx = g / (1 - rate)  where m, else 0
    second derivatives are 0

The key alone decides m: `crosscheck.random` draws it here, `jax.random` and `torchlayers.random` in
the layers, from the same bits. Entry i is kept where (bᵢ >> 9) < ⌈float32(1 - rate) 2²³⌉: with a
probability that is 1 - rate rounded up to a multiple of 2⁻²³, while the scale is that of 1 - rate
itself, so that below 1 - rate = 2⁻²³ the mean of y is no longer x.

Zeroes are chosen and not multiplied: an infinite x or g times 0 would be NaN. At rate 1 all entries
are zero, and so is dx, whatever 1 / 0 may be. At rate 0, and with training false, y = x.

Kept for the backward pass: key. m is drawn again, and it is the same. In a compiled program XLA may
draw it early, since it waits for no cotangent, and hold its bits: `crosscheck keeps dropout`.
Reference: document 003 in the project's origin; Srivastava et al., "Dropout: a simple way to
prevent neural networks from overfitting", 2014.
"""

import numpy as np

from crosscheck.inputs import key, real
from crosscheck.random import bernoulli
from crosscheck.twin import Twin


def definition(x: np.ndarray, key: np.ndarray, rate: float, training: bool = True) -> np.ndarray:
    if not training or rate == 0:
        return 1 * x
    if rate == 1:
        return 0 * x
    return np.where(bernoulli(key, 1 - rate, x.shape), x / (1 - rate), 0)


twin = Twin(
    "dropout",
    jax="jaxlayers:dropout",
    torch="torchlayers:dropout",
    definition=definition,
    inputs={"x": real("n d"), "key": key()},
    settings=[
        {"rate": 0.5},
        {"rate": 0.3},
        {"rate": 0.0},
        {"rate": 1.0},
        {"rate": 0.5, "training": False},
    ],
    standard="strict",
    keeps=["key"],
)
