"""SiLU, the sigmoid linear unit, also called swish.

    y   = x s                       s = 1 / (1 + exp(-x))
    y'  = s (1 + x (1 - s))                      dx = g y'
    y'' = s (1 - s) (2 + x (1 - 2s))             d(dx)/dx = g y''

With a = |x|, e = exp(-a) and w = e / (1 + e), which is s on the side x < 0:

    y'(-a) = w ((1 - a) + a w)       y'(a) = 1 - y'(-a)
    y''    = w (1 - w) ((2 - a) + 2 a w)

1 - a and 2 - a are exact near the zeros of y' and y'' (at a = 1.278 and 2.399), and what is added
to them carries only its own rounding, so that both are right there. 1 - w has half the rounding of
1 / (1 + e). PyTorch's own kernel of g y' is right at -a, down to where exp(a) overflows, and is
used there.

x exp(x) is a normal number long after exp(x) is none. At -infinity y = y' = y'' = 0, the limit.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 3.1 · 2.2, y' 1.7 · 2.0,
y'' 2.1 · 2.1.

Kept for the backward pass: x.
Reference: Hendrycks and Gimpel, "Gaussian error linear units", 2016, section 2; Elfwing, Uchibe and
Doya, "Sigmoid-weighted linear units for neural network function approximation", 2017.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-x))


twin = Twin(
    "silu",
    jax="jaxlayers:silu",
    torch="torchlayers:silu",
    definition=definition,
    inputs={"x": real()},
    limits={np.inf: np.inf, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
