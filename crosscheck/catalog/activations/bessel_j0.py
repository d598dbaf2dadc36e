"""Bessel function of the first kind, of order 0: a function that neither framework differentiates.

    y   = J0(x)
    y'  = -J1(x)                        dx = g y'
    y'' = (J2(x) - J0(x)) / 2           d(dx)/dx = g y''

y'' is also J1(x) / x - J0(x), but that has no value at 0 and, from SciPy's J1, 9 roundings at small
x. At infinities all three are 0, their limit. A third derivative raises.

It is SciPy's code on the host, in float64, through `host_elementwise`; the result is rounded once.
SciPy has J0 and J1 as quotients of polynomials times x² - r², near their first zeros r, and beyond
x = 5 as cosines with slowly varying factors. The rounding of a cosine's argument is what moving x
by one rounding does, so that the strict budget holds in both regions, at the zeros too.

Kept for the backward pass: x.
Reference: NIST Digital Library of Mathematical Functions, https://dlmf.nist.gov/10.6; document 001
in the project's origin, section 4, on functions from other libraries.
"""

import numpy as np
from scipy import special

from crosscheck.inputs import real
from crosscheck.twin import Twin


def definition(x: np.ndarray) -> np.ndarray:
    return np.asarray(special.j0(x))


twin = Twin(
    "bessel_j0",
    jax="jaxlayers:bessel_j0",
    torch="torchlayers:bessel_j0",
    definition=definition,
    inputs={"x": real(low=-1e3, high=1e3)},  # beyond, the rounding of x alone decides
    limits={np.inf: 0.0, -np.inf: 0.0, np.nan: np.nan},
    standard="strict",
    keeps=["x"],
)
