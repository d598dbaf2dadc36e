"""Backward passes whose gradients come out wrong."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from crosscheck.audit.defect import Arrays, Defect, Pass, Subject
from crosscheck.audit.sides import Side, dtype

Change = Callable[[Side, Any], Any]


def _each(name: str, says: str, change: Change, **more: Any) -> Defect:
    """A defect that changes every gradient."""
    return Defect(name, says, backward=lambda p: [change(p.side, dx) for dx in p.right], **more)


def _only(name: str, says: str, pick: Callable[[Subject], list[int]], change: Any) -> Defect:
    """A defect of those gradients that `pick` picks; `change` is given the pass too."""

    def backward(p: Pass) -> Arrays:
        spoilt = pick(p.subject)
        return [change(p, dx, k) if k in spoilt else dx for k, dx in enumerate(p.right)]

    return Defect(name, says, backward=backward, applies=lambda subject: bool(pick(subject)))


def _scaled_at(where: Callable[[int], slice], factor: float) -> Change:
    """Some entries, in row-major order, times a factor."""

    def change(s: Side, dx: Any) -> Any:
        factors = np.ones(dx.shape).ravel()
        factors[where(factors.size)] = factor
        return dx * s.constant(factors.reshape(dx.shape), dx)

    return change


def _zero_in(name: str) -> Change:
    return lambda s, dx: 0 * dx if dtype(dx) == name else dx


def _last(subject: Subject) -> list[int]:
    return [len(subject.shapes) - 1] if len(subject.shapes) > 1 else []


def _tables(subject: Subject) -> list[int]:
    return [k for k, shape in enumerate(subject.shapes) if len(shape) > 1 and min(shape[-2:]) > 1]


def _memory_transposed(p: Pass, dx: Any, k: int) -> Any:
    return dx.swapaxes(-1, -2).reshape(dx.shape)


def _averaged(p: Pass, dx: Any, k: int) -> Any:
    return dx * (prod(dx.shape) / max(prod(p.g[0].shape), 1))


def _first_row(p: Pass, dx: Any, k: int) -> Any:
    kept = np.zeros(p.g[0].shape)
    kept[0] = 1
    return p.pull([g * p.side.constant(kept, g) for g in p.g], p.x)[k]


def _shrinks(subject: Subject) -> bool:
    return prod(subject.shapes[0]) > prod(subject.outputs[0])


def _not_divided(p: Pass) -> Arrays:
    n = prod(p.reals[0].shape) / max(prod(p.g[0].shape), 1)
    return [n * dx for dx in p.right]


def _drops(subject: Subject) -> bool:
    """Whether a layer that has a rate drops anything, and not everything."""
    settings = subject.case.settings
    return 0 < settings.get("rate", 0.5) < 1 and settings.get("training", True)


def _unscaled(p: Pass) -> Arrays:
    return [(1 - p.subject.case.settings["rate"]) * dx for dx in p.right]


def _redrawn(p: Pass) -> Arrays:
    k = p.subject.keys[0]
    return p.pull(p.g, [*p.x[:k], _next_key(p.side, p.x[k]), *p.x[k + 1 :]])


def _next_key(s: Side, key: Any) -> Any:
    return s.cast(s.cast(key, "int64" if s.name == "torch" else "uint32") + 1, "uint32")


def _random(p: Pass) -> Arrays:
    """Entry by entry, or two calls would often agree. Under jit: drawn once, when traced."""
    eps = float(np.finfo(np.float32).eps) if dtype(p.reals[0]) == "float32" else 2.0**-52
    draw = np.random.default_rng()
    return [dx * p.side.constant(1 + eps * draw.integers(0, 3, dx.shape), dx) for dx in p.right]


DEFECTS = (
    _each("factor 1.0005", "gradients 0.05 % too large", lambda s, dx: 1.0005 * dx),
    _each("factor 1 + 1e-9", "gradients too large in the tenth digit",
          lambda s, dx: dx + 1e-9 * dx),
    _each("sign", "gradients of the wrong sign", lambda s, dx: -dx),
    _each("zero in float32", "gradients 0 in float32 only", _zero_in("float32")),
    _each("zero in bfloat16", "gradients 0 in bfloat16 only", _zero_in("bfloat16")),
    _each("zero in float16", "gradients 0 in float16 only", _zero_in("float16")),
    _each("float32 gradient", "gradients in float32, whatever the input is in",
          lambda s, dx: s.cast(dx, "float32")),
    _each("an axis too many", "gradients with a leading axis of 1, which torch takes away",
          lambda s, dx: dx[None], sides=("torch",)),
    _each("one entry off", "the first entry of each gradient 0.01 % too large",
          _scaled_at(lambda n: slice(0, 1), 1.0001)),
    _each("last entry missing", "the last entry of each gradient 0",
          _scaled_at(lambda n: slice(n - 1, n), 0.0)),
    _only("one argument forgotten", "the last input's gradient 0", _last,
          lambda p, dx, k: 0 * dx),
    _only("memory transposed", "entries of a table's gradient in the order of its transpose",
          _tables, _memory_transposed),
    _only("averaged, not summed", "the mean over a broadcast axis in place of the sum",
          lambda subject: subject.reduced, _averaged),
    _only("first row only", "the first row's gradient in place of the sum over rows",
          lambda subject: subject.reduced, _first_row),
    Defect("n times too large", "the 1/n of a mean, or of any sum, forgotten",
           backward=_not_divided, applies=_shrinks),
    Defect("1/(1-p) missing", "kept entries not scaled up", backward=_unscaled,
           applies=lambda subject: "rate" in subject.case.settings and _drops(subject)),
    Defect("mask redrawn", "another key in the backward pass", backward=_redrawn,
           applies=lambda subject: bool(subject.keys) and _drops(subject)),
    Defect("two calls differ", "gradients with random last digits", backward=_random,
           seen="vjp twice ordinary-0"),
)  # fmt: skip
