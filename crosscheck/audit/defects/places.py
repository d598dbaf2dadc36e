"""Backward passes that are wrong at some values of the inputs only."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from crosscheck.audit.defect import Arrays, Defect, Pass, Subject
from crosscheck.audit.sides import Side

NAN = float("nan")


def _where(name: str, says: str, test: Callable[[Any], Any], value: float, **more: Any) -> Defect:
    """A defect that puts a value where the input passes a test."""

    def backward(p: Pass) -> Arrays:
        xp = p.side.xp
        return [xp.where(test(x), value, dx) for x, dx in zip(p.reals, p.right, strict=True)]

    return Defect(name, says, backward=backward, **more)


def _at_kinks(spots: Callable[[Side, Any, float], Any]) -> Callable[[Pass], Arrays]:
    """The branch from the other side of a kink, at some spots about it."""

    def backward(p: Pass) -> Arrays:
        kinks = [p.subject.twin.kinks.get(name, {}) for name in p.subject.case.differentiable]
        return p.at([_shifted(p.side, x, k, spots) for x, k in zip(p.reals, kinks, strict=True)])

    return backward


def _shifted(s: Side, x: Any, kinks: Any, spots: Callable[[Side, Any, float], Any]) -> Any:
    return reduce(lambda x, place: s.xp.where(spots(s, x, place), x + 1, x), kinks, x)


def _beside(s: Side, x: Any, place: float) -> Any:
    return (x != place) & (abs(x - place) <= 1e-6 * abs(place) + 1e-15)


def _stated_at(value: float) -> Callable[[Subject], bool]:
    def applies(subject: Subject) -> bool:
        limits = subject.case.limits or subject.twin.limits_for(subject.case.settings)
        return any(np.array_equal(x, value, equal_nan=True) for x in limits)

    return applies


def _value_where(test: Callable[[Side, Any], Any], value: float) -> Any:
    return lambda s, f, x: s.xp.where(test(s, x[0]), value, f(*x))


DEFECTS = (
    Defect("wrong at a kink", "the other branch's slope exactly at a kink",
           backward=_at_kinks(lambda s, x, place: x == place),
           applies=lambda subject: bool(subject.twin.kinks)),
    Defect("wrong beside a kink", "the other branch's slope just beside a kink",
           backward=_at_kinks(_beside), applies=lambda subject: bool(subject.twin.kinks)),
    _where("zero where saturated", "gradients 0 where |x| > 15", lambda x: abs(x) > 15, 0),
    _where("NaN at extremes", "gradients NaN where |x| > 1e10", lambda x: abs(x) > 1e10, NAN,
           seen="vjp functional edge-0"),
    _where("NaN at 0", "gradients NaN where x = 0", lambda x: x == 0, NAN,
           seen="vjp functional zeros-0"),
    _where("zero at tiny x", "gradients 0 where 0 < |x| < 1e-15",
           lambda x: (x != 0) & (abs(x) < 1e-15), 0,
           seen="vjp functional small-0"),
    Defect("NaN at infinity", "the value NaN where x is infinite", applies=_stated_at(np.inf),
           call=_value_where(lambda s, x: s.xp.isinf(x), NAN)),
    Defect("NaN swallowed", "the value 0 where x is NaN", applies=_stated_at(NAN),
           call=_value_where(lambda s, x: s.xp.isnan(x), 0)),
)  # fmt: skip
