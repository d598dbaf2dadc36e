"""Functions of jets, by the names that NumPy and SciPy give them.

UNARY functions are given by what they do to a power series; the jet's own terms follow from that.
SCALAR ones are written with jets' arithmetic and comparisons.
"""

from __future__ import annotations

from collections.abc import Callable
from math import comb, factorial
from typing import Any

from flint import arb, arb_series

from crosscheck.evaluation import Undecided
from crosscheck.jet import Jet, power

Series = Callable[[arb_series], arb_series]


def _expit(s: arb_series) -> arb_series:
    if s[0] < 0:  # either form is right; this one cannot overflow
        e = s.exp()
        return e / (1 + e)
    return 1 / (1 + (-s).exp())


def _cbrt(s: arb_series) -> arb_series:
    return -_cbrt(-s) if s[0] < 0 else power(s, arb(1) / 3)


def _tanh(s: arb_series) -> arb_series:
    return 2 * _expit(2 * s) - 1


def _ndtr(s: arb_series) -> arb_series:
    return (-s / arb(2).sqrt()).erfc() / 2


def _j0(s: arb_series) -> arb_series:
    """Bessel's J0; its k-th derivative is 2^-k Σ_i (-1)^i C(k, i) J_(2i - k)."""
    total, step = arb_series([0], s.prec), arb_series([1], s.prec)
    for k in range(s.prec):
        terms = ((-1) ** i * comb(k, i) * s[0].bessel_j(2 * i - k) for i in range(k + 1))
        total += step * sum(terms, arb(0)) / (2**k * factorial(k))
        step *= s - s[0]
    return total


UNARY: dict[str, Series] = {
    "exp": lambda s: s.exp(),
    "exp2": lambda s: (s * arb(2).log()).exp(),
    "expm1": lambda s: s.exp() - 1,
    "log": lambda s: s.log(),
    "log2": lambda s: s.log() / arb(2).log(),
    "log10": lambda s: s.log() / arb(10).log(),
    "log1p": lambda s: (1 + s).log(),
    "sqrt": lambda s: power(s, arb(0.5)),
    "cbrt": _cbrt,
    "square": lambda s: s * s,
    "reciprocal": lambda s: 1 / s,
    "conjugate": lambda s: s,
    "sin": lambda s: s.sin(),
    "cos": lambda s: s.cos(),
    "tan": lambda s: s.tan(),
    "arcsin": lambda s: s.asin(),
    "arccos": lambda s: s.acos(),
    "arctan": lambda s: s.atan(),
    "sinh": lambda s: (s.exp() - (-s).exp()) / 2,
    "cosh": lambda s: (s.exp() + (-s).exp()) / 2,
    "tanh": _tanh,
    "arcsinh": lambda s: (s + (s * s + 1).sqrt()).log(),
    "arctanh": lambda s: ((1 + s) / (1 - s)).log() / 2,
    "erf": lambda s: s.erf(),
    "erfc": lambda s: s.erfc(),
    "gamma": lambda s: s.gamma(),
    "gammaln": lambda s: s.lgamma() if s[0] > 0 else (s.gamma() ** 2).log() / 2,
    "expit": _expit,
    "log_expit": lambda s: -(1 + (-s).exp()).log(),
    "logit": lambda s: (s / (1 - s)).log(),
    "ndtr": _ndtr,
    "log_ndtr": lambda s: _ndtr(s).log(),
    "j0": _j0,
}


def _maximum(a: Any, b: Any) -> Any:
    return a if Jet.lift(a).compare(b, tie="maximum") >= 0 else b


def _minimum(a: Any, b: Any) -> Any:
    return a if Jet.lift(a).compare(b, tie="minimum") <= 0 else b


def _absolute(a: Any) -> Any:
    return -a if Jet.lift(a).compare(0, tie="abs") < 0 else a


def _sign(a: Any) -> int:
    return Jet.lift(a).compare(0, tie="sign")


def _clip(a: Any, low: Any, high: Any) -> Any:
    above = a if low is None else _maximum(a, low)
    return above if high is None else _minimum(above, high)


def _floor(a: Any) -> int:
    jet = Jet.lift(a)
    if jet.evaluation is None:
        return _whole(jet)
    whole: int = jet.evaluation.decide(lambda: _whole(jet))
    if not jet.is_constant and jet.value == whole:
        jet.evaluation.ties.add("floor")
    return whole


def _rint(a: Any) -> Jet:
    """Half to even. A tie between two whole numbers is one of `floor`."""
    shifted = Jet.lift(a) + 0.5
    whole = _floor(shifted)
    return Jet.lift(float(whole - 1 if whole % 2 and shifted == whole else whole))


def _whole(jet: Jet) -> int:
    whole = jet.value.floor().unique_fmpz()
    if whole is None:
        raise Undecided(f"cannot decide the floor of {jet.value.str(8)}")
    return int(whole)


def _divide(a: Any, b: Any) -> Any:
    return Jet.lift(a) / b  # in balls: of Python's numbers 0 / 0, the mean of nothing, would raise


def _logaddexp(a: Any, b: Any) -> Any:
    return (Jet.lift(a).through(UNARY["exp"]) + Jet.lift(b).through(UNARY["exp"])).through(
        UNARY["log"]
    )


def _xlogy(a: Any, b: Any) -> Any:
    a = Jet.lift(a)
    return a if a.is_constant and a.value == 0 else a * Jet.lift(b).through(UNARY["log"])


def _entr(a: Any) -> Any:
    return -_xlogy(a, a)


# What a tie in one of these means is not stated by the definition, unlike a comparison in np.where.
SCALAR: dict[str, Callable[..., Any]] = {
    "maximum": _maximum,
    "minimum": _minimum,
    "fmax": _maximum,
    "fmin": _minimum,
    "absolute": _absolute,
    "fabs": _absolute,
    "sign": _sign,
    "clip": _clip,
    "floor": _floor,
    "rint": _rint,
    "divide": _divide,
    "logaddexp": _logaddexp,
    "xlogy": _xlogy,
    "entr": _entr,
    "isfinite": lambda a: bool(Jet.lift(a).value.is_finite()),
    "isnan": lambda a: bool(Jet.lift(a).value.is_nan()),
}
