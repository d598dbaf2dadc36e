"""Mish.

    y   = x t                        t = tanh(log(1 + exp(x)))
    y'  = t + x t'                               dx = g y'
    y'' = t' (2 + x ((1 - s) - 2 t s))           d(dx)/dx = g y''

with s the sigmoid of x and t' = s (1 - t²). With E = exp(x) and D = 2 + 2E + E², t = E (2 + E) / D.

    y   = x / (1 + F² / (F + 1/2))   F = 1 / E, of the fewest roundings where they count, near -1.2;
                                     in PyTorch its own kernel is as near

    y'  = E ((1 + x) - E q / D²)     below -0.2, where 1 + x does not round near the zero of y'
    y'  = 1 - (2 / D) (1 - 2 x E (1 + E) / D)    above
    q   = (2 + 4x) + (4 + 8x) E + (3 + 4x) E² + (1 + x) E³

For y'', a = |x|, e = exp(-a), w = e / (1 + e) and, above 0, p = 1 - t = 2e² / (1 + 2e + 2e²):

    y'' = w (1 - t²) ((2 - a) + a w (1 + 2t))                  below 0
    y'' = (1 - w) p (2 - p) ((2 - 2a) + a (3w + 2p (1 - w)))   above

2 - a and 2 - 2a do not round near the zeros, at -2.256 and 1.491.

At -infinity y = y' = y'' = 0, the limit.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 3.1 · 3.3, y' 1.8 · 2.2,
y'' 3.3 · 3.3.

Kept for the backward pass: x.
Reference: Misra, "Mish: a self regularized non-monotonic activation function", 2019.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return x * np.tanh(np.log1p(np.exp(x)))


twin = Twin(
    "mish",
    jax="jaxlayers:mish",
    torch="torchlayers:mish",
    definition=definition,
    inputs={"x": real()},
    limits={np.inf: np.inf, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
