"""Hard swish: x times the hard sigmoid of x.

    y   = 0 where x <= -3, x where x >= 3, else x (x + 3) / 6
    y'  = 0 where x <= -3, 1 where x >= 3, else (2 x + 3) / 6          dx = g y'
    y'' = 1/3 where -3 < x < 3, else 0                                 d(dx)/dx = g y''

x + 3 and 2 x + 3 have no rounding near their roots. The value at -inf is 0, and not -inf times 0;
x is not multiplied by 6 before it is divided, which overflows: both happen in the built-in layers.
At -3 and at 3 the outer branches hold: y' = 0 and y' = 1, y'' = 0, as PyTorch and JAX both have it.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 2.0 · 1.5, y' 1.0 · 0.7,
y'' 0.3 · 0.3.

Kept for the backward pass: x.
Reference: Howard et al., "Searching for MobileNetV3", 2019.
"""

import numpy as np

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.where(x <= -3, 0, np.where(x >= 3, x, x * (x + 3) / 6))


twin = Twin(
    "hard_swish",
    jax="jaxlayers:hard_swish",
    torch="torchlayers:hard_swish",
    definition=definition,
    inputs={"x": real()},
    kinks={
        "x": {
            -3.0: "slope 0, second derivative 0: the branch x <= -3 holds",
            3.0: "slope 1, second derivative 0: the branch x >= 3 holds",
        }
    },
    limits={np.inf: np.inf, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
