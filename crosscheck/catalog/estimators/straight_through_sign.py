"""Sign with a straight-through gradient.

    y   = -1 where x < 0, 0 where x = 0, 1 where x > 0
    y'  = 1          dx = g
    y'' = 0

The true derivative of sign is 0 wherever there is one, and nothing could be learned through it. The
backward pass promises the derivative of the surrogate y = x in its place, everywhere: at 0 too, and
for large |x|. Some later layers pass g only where |x| <= 1 (Hubara et al., "Binarized neural
networks", 2016); that is this layer after a hard tanh.

Kept for the backward pass: nothing.
Reference: Bengio, Léonard and Courville, "Estimating or propagating gradients through stochastic
neurons for conditional computation", 2013, which credits Hinton's lectures of 2012.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, 1.0, np.where(x < 0, -1.0, 0.0))


def surrogate(x: np.ndarray) -> np.ndarray:
    return x


twin = Twin(
    "straight_through_sign",
    jax="jaxlayers:straight_through_sign",
    torch="torchlayers:straight_through_sign",
    definition=definition,
    surrogate=surrogate,
    inputs={"x": real()},
    kinks={"x": {0.0: "value 0, slope 1: the surrogate's"}},
    limits={np.inf: 1.0, -np.inf: -1.0, np.nan: np.nan},
    standard="strict",
    keeps=[],
)
