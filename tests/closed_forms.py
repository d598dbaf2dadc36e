"""Functions of one variable with their first three derivatives, as closed forms over Arb balls.

Written from the textbook formulas, not from `crosscheck.jet_array`, so that each catches the other.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from flint import acb, arb
from scipy import special


class Form(NamedTuple):
    """NumPy's function, where to evaluate it, and its value and derivatives."""

    function: Callable[..., Any]
    points: tuple[float, ...]
    derivatives: Callable[[arb], tuple[arb, ...]]


def _power(p: arb) -> Callable[[arb], tuple[arb, ...]]:
    return lambda x: (
        x**p,
        p * x ** (p - 1),
        p * (p - 1) * x ** (p - 2),
        p * (p - 1) * (p - 2) * x ** (p - 3),
    )


def _cbrt(x: arb) -> tuple[arb, ...]:
    sign, size = (-1 if x < 0 else 1), abs(x)
    root = size.root(3)
    return sign * root, root / size / 3, sign * -2 * root / size**2 / 9, 10 * root / size**3 / 27


def _exponential(base: arb, minus: int = 0) -> Callable[[arb], tuple[arb, ...]]:
    def derivatives(x: arb) -> tuple[arb, ...]:
        k, y = base.log(), base**x
        return y - minus, k * y, k**2 * y, k**3 * y

    return derivatives


def _logarithm(base: arb, shift: int = 0) -> Callable[[arb], tuple[arb, ...]]:
    def derivatives(x: arb) -> tuple[arb, ...]:
        k, z = 1 / base.log(), x + shift
        return k * z.log(), k / z, -k / z**2, 2 * k / z**3

    return derivatives


def _tan(x: arb) -> tuple[arb, ...]:
    t, s = x.tan(), x.sec() ** 2
    return t, s, 2 * s * t, 2 * s * (s + 2 * t**2)


def _arcsin(x: arb) -> tuple[arb, ...]:
    r = (1 - x**2).rsqrt()
    return x.asin(), r, x * r**3, (1 + 2 * x**2) * r**5


def _arccos(x: arb) -> tuple[arb, ...]:
    return x.acos(), *(-d for d in _arcsin(x)[1:])


def _arctan(x: arb) -> tuple[arb, ...]:
    q = 1 / (1 + x**2)
    return x.atan(), q, -2 * x * q**2, (6 * x**2 - 2) * q**3


def _tanh(x: arb) -> tuple[arb, ...]:
    t, s = x.tanh(), x.sech() ** 2
    return t, s, -2 * t * s, s * (4 * t**2 - 2 * s)


def _arcsinh(x: arb) -> tuple[arb, ...]:
    r = (1 + x**2).rsqrt()
    return x.asinh(), r, -x * r**3, (2 * x**2 - 1) * r**5


def _arctanh(x: arb) -> tuple[arb, ...]:
    q = 1 / (1 - x**2)
    return x.atanh(), q, 2 * x * q**2, (2 + 6 * x**2) * q**3


def _erf(x: arb) -> tuple[arb, ...]:
    d = 2 * (-(x**2)).exp() / arb.pi().sqrt()
    return x.erf(), d, -2 * x * d, (4 * x**2 - 2) * d


def _erfc(x: arb) -> tuple[arb, ...]:
    return x.erfc(), *(-d for d in _erf(x)[1:])


def _polygamma(n: int, x: arb) -> arb:
    return x.digamma() if n == 0 else acb(x).polygamma(acb(n)).real


def _gamma(x: arb) -> tuple[arb, ...]:
    y, p, q, r = x.gamma(), *(_polygamma(n, x) for n in range(3))
    return y, y * p, y * (p**2 + q), y * (p**3 + 3 * p * q + r)


def _gammaln(x: arb) -> tuple[arb, ...]:
    return abs(x.gamma()).log(), *(_polygamma(n, x) for n in range(3))


def _expit(x: arb) -> tuple[arb, ...]:
    y = 1 / (1 + (-x).exp())
    d = y / (1 + x.exp())
    return y, d, d * (1 - 2 * y), d * (1 - 6 * d)


def _log_expit(x: arb) -> tuple[arb, ...]:
    y, first, second, _ = _expit(x)
    return y.log(), 1 / (1 + x.exp()), -first, -second


def _logit(x: arb) -> tuple[arb, ...]:
    z = 1 - x
    return (x / z).log(), 1 / (x * z), 1 / z**2 - 1 / x**2, 2 / x**3 + 2 / z**3


def _ndtr(x: arb) -> tuple[arb, ...]:
    d = (-(x**2) / 2).exp() / (2 * arb.pi()).sqrt()
    return (1 + (x / arb(2).sqrt()).erf()) / 2, d, -x * d, (x**2 - 1) * d


def _log_ndtr(x: arb) -> tuple[arb, ...]:
    y, d, *_ = _ndtr(x)
    r = d / y
    return y.log(), r, -r * (x + r), r * ((x + r) ** 2 + r * (x + r) - 1)


def _j0(x: arb) -> tuple[arb, ...]:
    y, j1 = x.bessel_j(0), x.bessel_j(1)
    return y, -j1, j1 / x - y, y / x + j1 - 2 * j1 / x**2


ANY = (-2.5, -0.75, 0.0, 1e-30, 0.3, 3.0)
FAR = (*ANY, -40.0, 40.0)
POSITIVE = (1e-30, 0.3, 1.0, 3.0, 1e10)
NONZERO = (-1e10, -2.5, -1e-30, 0.3, 3.0)
UNIT = (-0.99, -0.3, 0.0, 1e-20, 0.75)

FORMS: dict[str, Form] = {
    "exp": Form(np.exp, FAR, lambda x: (x.exp(),) * 4),
    "exp2": Form(np.exp2, FAR, _exponential(arb(2))),
    "expm1": Form(np.expm1, FAR, lambda x: (x.expm1(), *(x.exp(),) * 3)),
    "log": Form(np.log, POSITIVE, lambda x: (x.log(), 1 / x, -1 / x**2, 2 / x**3)),
    "log2": Form(np.log2, POSITIVE, _logarithm(arb(2))),
    "log10": Form(np.log10, POSITIVE, _logarithm(arb(10))),
    "log1p": Form(
        np.log1p,
        (-0.9, 0.0, *POSITIVE),
        lambda x: (x.log1p(), 1 / (1 + x), -1 / (1 + x) ** 2, 2 / (1 + x) ** 3),
    ),
    "sqrt": Form(np.sqrt, POSITIVE, _power(arb(1) / 2)),
    "cbrt": Form(np.cbrt, NONZERO, _cbrt),
    "square": Form(np.square, ANY, lambda x: (x * x, 2 * x, arb(2), arb(0))),
    "reciprocal": Form(np.reciprocal, NONZERO, lambda x: (1 / x, -1 / x**2, 2 / x**3, -6 / x**4)),
    "sin": Form(np.sin, FAR, lambda x: (x.sin(), x.cos(), -x.sin(), -x.cos())),
    "cos": Form(np.cos, FAR, lambda x: (x.cos(), -x.sin(), -x.cos(), x.sin())),
    "tan": Form(np.tan, ANY, _tan),
    "arcsin": Form(np.arcsin, UNIT, _arcsin),
    "arccos": Form(np.arccos, UNIT, _arccos),
    "arctan": Form(np.arctan, FAR, _arctan),
    "sinh": Form(np.sinh, FAR, lambda x: (x.sinh(), x.cosh(), x.sinh(), x.cosh())),
    "cosh": Form(np.cosh, FAR, lambda x: (x.cosh(), x.sinh(), x.cosh(), x.sinh())),
    "tanh": Form(np.tanh, FAR, _tanh),
    "arcsinh": Form(np.arcsinh, FAR, _arcsinh),
    "arctanh": Form(np.arctanh, UNIT, _arctanh),
    "erf": Form(special.erf, ANY, _erf),
    "erfc": Form(special.erfc, (*ANY, 9.0), _erfc),
    "gamma": Form(special.gamma, (-1.5, 0.3, 1.0, 4.5), _gamma),
    "gammaln": Form(special.gammaln, (0.3, 1.0, 4.5, 100.0), _gammaln),
    "expit": Form(special.expit, FAR, _expit),
    "log_expit": Form(special.log_expit, FAR, _log_expit),
    "logit": Form(special.logit, (1e-20, 0.3, 0.5, 0.99), _logit),
    "ndtr": Form(special.ndtr, ANY, _ndtr),
    "log_ndtr": Form(special.log_ndtr, ANY, _log_ndtr),
}
FORMS["j0"] = Form(special.j0, (-2.5, 0.3, 3.0, 40.0), _j0)
FORMS |= {  # the same through Python's operators
    "x**3": Form(lambda x: x**3, ANY, lambda x: (x**3, 3 * x**2, 6 * x, arb(6))),
    "x**-2": Form(lambda x: x**-2, NONZERO, lambda x: (x**-2, -2 * x**-3, 6 * x**-4, -24 * x**-5)),
    "x**0.5": Form(lambda x: x**0.5, POSITIVE, _power(arb(1) / 2)),
    "x**2.5": Form(lambda x: x**2.5, POSITIVE, _power(arb(5) / 2)),
    "3**x": Form(lambda x: 3**x, ANY, _exponential(arb(3))),
    "1/x": Form(lambda x: 1 / x, NONZERO, lambda x: (1 / x, -1 / x**2, 2 / x**3, -6 / x**4)),
    "5-x": Form(lambda x: 5 - x, ANY, lambda x: (5 - x, arb(-1), arb(0), arb(0))),
    "logaddexp(x, 0)": Form(
        lambda x: np.logaddexp(x, 0), FAR, lambda x: ((1 + x.exp()).log(), *_expit(x)[:3])
    ),
    "logaddexp(0, x)": Form(
        lambda x: np.logaddexp(0, x), FAR, lambda x: ((1 + x.exp()).log(), *_expit(x)[:3])
    ),
    "xlogy(x, x)": Form(
        lambda x: special.xlogy(x, x),
        POSITIVE,
        lambda x: (x * x.log(), x.log() + 1, 1 / x, -1 / x**2),
    ),
    "xlogy(3, x)": Form(
        lambda x: special.xlogy(3, x),
        POSITIVE,
        lambda x: tuple(3 * d for d in (x.log(), 1 / x, -1 / x**2, 2 / x**3)),
    ),
    "entr": Form(special.entr, POSITIVE, lambda x: (-x * x.log(), -x.log() - 1, -1 / x, 1 / x**2)),
}
