"""GELU, the Gaussian error linear unit.

    y   = x Φ(x)                     Φ the normal distribution, φ its density
    y'  = Φ(x) + x φ(x)                          dx = g y'
    y'' = φ(x) (2 - x²)                          d(dx)/dx = g y''

With a = |x|, E = exp(-a²/2), S(a) = Φ(-a) / E (a polynomial of a / (a + C), over 1 + a), and the
symmetry y(x) - y(-x) = x:

    y     = max(x, 0) - a S E
    y'    = (S - a/√(2π)) E          at x = -a, and y'(a) = 1 - y'(-a)

Up to a = 1.25 the value takes the series of Φ, of which 1/2 + x/√(2π) is rounded once: at y' = 0,
near x = -0.75, the rounding of x excuses nothing.

    y     = x ((1/2 + x/√(2π)) + x (Σ (-x²/2)^k / (k! (2k + 1)) / √(2π)))      over k > 0

PyTorch's erfc is right: there, with t = -x / √2, y = x erfc(t) / 2 and

    y'    = (erfc(t) - t exp((b - t) (b + t)) / 2) / 2     with b² = log(4 / √π)

where b² - t² hardly rounds near t = 1, as y'' = 0 there and the rounding of x excuses nothing; nor
does the half round, which is what b is chosen for.

1 + erf cancels below x = -1; Φ and x φ, rounded each on its own, cancel in y' around x = -√2; with
E a common factor they do not. The rounding of a²/2 is what moving x by a rounding does to E.

The approximation "tanh" is y = x s(z), with z = 2 √(2/π) (x + 0.044715 x³) and s the sigmoid:

    y'  = s + x z' s'                y'' = s' (2 z' + x z'' - x z'² tanh(z / 2))

With w = s(-z), v = a z' and z = exact + rest, where exact is a product without rounding:

    y     = max(x, 0) - a / (1 + exp(exact) exp(rest))
    y'    = w ((1 - v) + v w)        at x = -a, and y'(a) = 1 - y'(-a)
    y''   = w (1 - w) (c1 k + 3 c3 a² (k + 2))    with k = 2 - v (1 - 2w), z = c1 a + c3 a³

1 - v and 2 - v begin with 1 - exact and 2 - exact, which do not round either.

PyTorch's "tanh" is x times its own sigmoid: near x = -0.75 some of its steps to the next number go
against the slope.
At -infinity y = y' = y'' = 0, the limit.

Worst errors over all of float32, in strict roundings (JAX · PyTorch): y 2.8 · 3.9, y' 2.4 · 2.4,
y'' 3.1 · 3.1.

Kept for the backward pass: x.
Reference: Hendrycks and Gimpel, "Gaussian error linear units", 2016.
"""

import numpy as np
from scipy import special

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray, approximate: str = "none") -> np.ndarray:
    if approximate == "tanh":
        return x / (1 + np.exp(-2 * np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return np.asarray(x * special.ndtr(x))


twin = Twin(
    "gelu",
    jax="jaxlayers:gelu",
    torch="torchlayers:gelu",
    definition=definition,
    inputs={"x": real()},
    settings=[{}, {"approximate": "tanh"}],
    limits={np.inf: np.inf, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
