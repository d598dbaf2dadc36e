"""Layers whose value is wrong, and their derivatives right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from crosscheck.audit.defect import Defect, with_first
from crosscheck.audit.sides import Side, dtype


def _off(by: float, test: Callable[[Any], bool] = lambda y: True) -> Any:
    """A value off by a relative amount, without a derivative."""

    def call(s: Side, f: Any, x: Any) -> Any:
        return with_first(f(*x), lambda y: y + s.freeze(by * y) if test(y) else y)

    return call


def _last_off(s: Side, f: Any, x: Any) -> Any:
    def spoilt(y: Any) -> Any:
        last = np.zeros(y.shape)
        last.reshape(-1)[-1:] = 1e-3
        return y + s.freeze(y * s.constant(last, y))

    return with_first(f(*x), spoilt)


DEFECTS = (
    Defect("value off", "values 0.1 % off", call=_off(1e-3)),
    Defect("value off by 1e-9", "values off in the tenth digit", call=_off(1e-9)),
    Defect("value off in float32", "values off by 1e-5 in float32 only",
           call=_off(1e-5, lambda y: dtype(y) == "float32")),
    Defect("value off in bfloat16", "values 50 % off in bfloat16 only",
           call=_off(0.5, lambda y: dtype(y) == "bfloat16")),
    Defect("value off in float16", "values 5 % off in float16 only",
           call=_off(0.05, lambda y: dtype(y) == "float16")),
    Defect("one value off", "the last value 0.1 % off", call=_last_off),
    Defect("value where recorded", "values 0.1 % off where gradients are recorded",
           recorded=lambda s, y: with_first(y, lambda first: 1.001 * first)),
)  # fmt: skip
