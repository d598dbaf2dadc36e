"""Jets: truncated Taylor polynomials whose coefficients are Arb balls.

An input entry becomes `value + e_i`, with an infinitesimal e_i of its own. Evaluating a function
once on such jets gives its value, its whole gradient (coefficients of e_i), its whole Hessian
(coefficients of e_i e_j) and, where asked for, third derivatives: no autodiff, no finite
differences, no framework. Coefficients are intervals guaranteed to hold the true number. Terms that
are absent are exactly zero, so an elementwise function costs no more than one of a single variable.

    key of a term: the sorted tuple of its infinitesimals, () for the value, (2, 2) for e_2 squared
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import factorial, prod
from typing import Any

import numpy as np
from flint import arb, arb_series

from crosscheck.evaluation import Evaluation, Key, Terms, Undecided


class Jet:
    """One number with its Taylor terms. Behaves as a Python number does.

    A constant that comes from plain numbers belongs to no evaluation (None).
    """

    __hash__ = None  # type: ignore[assignment]
    __slots__ = ("_reciprocal", "evaluation", "terms")

    def __init__(self, terms: Terms, evaluation: Evaluation | None) -> None:
        self.terms = terms
        self.evaluation = evaluation
        self._reciprocal: Jet | None = None

    @property
    def value(self) -> arb:
        return self.terms[()]

    @property
    def is_constant(self) -> bool:
        return len(self.terms) == 1

    @staticmethod
    def lift(other: Any) -> Jet:
        """A plain number as a constant; a jet as it is."""
        if type(other) is Jet:  # most are
            return other
        if isinstance(other, np.ndarray) and other.ndim == 0:
            other = other.item()
        if isinstance(other, Jet):
            return other
        number = (
            int(other) if isinstance(other, (bool, int, np.bool_, np.integer)) else float(other)
        )
        return Jet({(): arb(number)}, None)

    def _result(self, terms: Terms, other: Jet | None = None) -> Jet:
        """What an operation on this jet, and perhaps another, gives."""
        evaluation = self.evaluation or (other.evaluation if other is not None else None)
        return Jet(evaluation.rounded(terms) if evaluation else terms, evaluation)

    def derivative(self, key: Key) -> arb:
        """The partial derivative that `key` names: coefficient times factorials of repeats."""
        absent = self.value if self.is_constant and self.value.is_nan() else arb(0)
        return self.terms.get(key, absent) * prod(factorial(key.count(i)) for i in set(key))

    # arithmetic

    def __neg__(self) -> Jet:
        return Jet({key: -c for key, c in self.terms.items()}, self.evaluation)

    def __pos__(self) -> Jet:
        return self

    conjugate = __pos__

    def __add__(self, other: Any) -> Jet:
        b = self.lift(other)
        terms = dict(self.terms)
        _add(terms, b.terms.items())
        return self._result(terms, b)

    def __mul__(self, other: Any) -> Jet:
        b = self.lift(other)
        return self._result(_product(self.terms, b.terms, self.evaluation or b.evaluation), b)

    def __sub__(self, other: Any) -> Jet:
        return self + (-self.lift(other))

    def __rsub__(self, other: Any) -> Jet:
        return self.lift(other) - self

    def __truediv__(self, other: Any) -> Jet:
        divisor = self.lift(other)
        if divisor.is_constant:
            terms = {key: c / divisor.value for key, c in self.terms.items()}
            return self._result(terms, divisor)
        return self * divisor.reciprocal

    @property
    def reciprocal(self) -> Jet:
        """1 / self, worked out once for all that it divides; with noise, once for each."""
        if self._reciprocal is not None:
            return self._reciprocal
        result = self.through(lambda s: 1 / s)
        if self.evaluation and not self.evaluation.noisy:
            self._reciprocal = result
        return result

    def __rtruediv__(self, other: Any) -> Jet:
        return self.lift(other) / self

    def __pow__(self, other: Any) -> Jet:
        exponent = self.lift(other)
        if not exponent.is_constant:
            return (exponent * self.through(lambda s: s.log())).through(lambda s: s.exp())
        return self.through(lambda series: power(series, exponent.value))

    def __rpow__(self, other: Any) -> Jet:
        return self.lift(other) ** self

    __radd__ = __add__
    __rmul__ = __mul__

    def through(self, function: Callable[[arb_series], arb_series]) -> Jet:
        """The jet of function(self): the function's Taylor series composed with this polynomial."""
        order = 0 if self.is_constant or not self.evaluation else self.evaluation.order
        series = _series(function, self.value, order)
        terms: Terms = {(): series[0]}
        if not order:
            return self._result(terms)
        power = rest = {key: c for key, c in self.terms.items() if key}
        for k in range(1, order + 1):
            _add(terms, ((key, series[k] * c) for key, c in power.items()))
            if k < order and self.evaluation:
                power = _sum(self.evaluation.products(power, rest))
        return self._result(terms)

    # comparisons

    def compare(self, other: Any, tie: str = "branch") -> int:
        """-1, 0 or 1, proved; a tie that moves with the inputs is noted under the name `tie`."""
        b = self.lift(other)
        evaluation = self.evaluation or b.evaluation
        if evaluation is None:
            return _sign(self.value, b.value)
        sign: int = evaluation.decide(lambda: _sign(self.value, b.value))
        if sign == 0 and not (self.is_constant and b.is_constant):
            evaluation.ties.add(tie)
        return sign

    def __lt__(self, other: Any) -> bool:
        return self.compare(other) < 0

    def __le__(self, other: Any) -> bool:
        return self.compare(other) <= 0

    def __gt__(self, other: Any) -> bool:
        return self.compare(other) > 0

    def __ge__(self, other: Any) -> bool:
        return self.compare(other) >= 0

    def __eq__(self, other: object) -> bool:
        return self.compare(other) == 0

    def __ne__(self, other: object) -> bool:
        return self.compare(other) != 0

    def __bool__(self) -> bool:
        return self.compare(0) != 0

    def __float__(self) -> float:
        raise TypeError("a jet cannot become a float")

    def __repr__(self) -> str:
        return f"Jet({self.value.str(8)}, {len(self.terms) - 1} terms)"


def power(s: arb_series, p: arb) -> arb_series:
    """s to the constant power p."""
    if p.is_integer():
        n = int(p.unique_fmpz() or 0)
        return s**n if n >= 0 else 1 / s**-n
    if s[0].is_zero() and p > 0:  # as many derivatives as there are vanish there
        known = [arb(0) if k < p else arb.nan() for k in range(s.prec)]
        return arb_series(known, s.prec)
    return s.sqrt() if p == 0.5 else (s.log() * p).exp()


def _series(function: Callable[[arb_series], arb_series], at: arb, order: int) -> list[arb]:
    """Taylor coefficients of a function; NaN where it has none, as at a pole."""
    try:
        series = function(arb_series([at, 1], order + 1))
    except (ValueError, ZeroDivisionError):
        return [arb.nan()] * (order + 1)
    return [series[k] for k in range(order + 1)]


def _product(a: Terms, b: Terms, evaluation: Evaluation | None) -> Terms:
    a0, b0 = a[()], b[()]
    if len(a) == 1:
        return {key: a0 * c for key, c in b.items()}
    if len(b) == 1:
        return {key: c * b0 for key, c in a.items()}
    terms = {key: a0 * c for key, c in b.items()}
    _add(terms, ((key, c * b0) for key, c in a.items() if key))
    if evaluation:
        _add(terms, evaluation.products(a, b))
    return terms


def _sum(pairs: Iterable[tuple[Key, arb]]) -> Terms:
    terms: Terms = {}
    _add(terms, pairs)
    return terms


def _add(terms: Terms, more: Iterable[tuple[Key, arb]]) -> None:
    for key, c in more:
        terms[key] = terms[key] + c if key in terms else c


def _sign(a: arb, b: arb) -> int:
    """Sign of a - b, proved; NaN is refused and an overlap of inexact balls is undecided."""
    if a < b:
        return -1
    if a > b:
        return 1
    if a == b:
        return 0
    raise Undecided(f"cannot decide how {a.str(8)} compares with {b.str(8)}")
