"""Inputs of a layer, declared by kind: real numbers, integers, truth values, keys, arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.errors import UsageError
from crosscheck.precision import is_floating


@dataclass(frozen=True)
class Real:
    """A differentiable input.

    `dims` names its axes ('n d'); numbers fix them, '...' stands for any leading axes.
    """

    dims: str
    low: float = -np.inf
    high: float = np.inf


@dataclass(frozen=True)
class Integer:
    """Whole numbers in [low, high); `high` may name an axis of another input."""

    dims: str
    low: int = 0
    high: int | str = 10


@dataclass(frozen=True)
class Boolean:
    """True or False, evenly."""

    dims: str


@dataclass(frozen=True)
class Key:
    """A random key: two unsigned 32-bit numbers."""

    dims: str = "2"


def _axes(dims: str) -> str:
    if not isinstance(dims, str):
        raise UsageError(f"expected axes such as 'n d' or '3 4', got {dims!r}; name them in words")
    return dims


Kind = Real | Integer | Boolean | Key  # drawn anew for each case; anything else is a given array


def real(dims: str = "...", low: float = -np.inf, high: float = np.inf) -> Real:
    """Declare a differentiable input, e.g. `real("n d")` or `real("n", low=0, high=1)`."""
    return Real(_axes(dims), low, high)


def integer(dims: str, low: int = 0, high: int | str = 10) -> Integer:
    """Declare an integer input, e.g. labels `integer("n", high="c")` for logits `real("n c")`."""
    return Integer(_axes(dims), low, high)


def boolean(dims: str) -> Boolean:
    """Declare a mask, e.g. `boolean("n")`."""
    return Boolean(_axes(dims))


def key() -> Key:
    """Declare a random key."""
    return Key()


def is_differentiable(kind: Any) -> bool:
    """Whether derivatives are taken for such an input: a `real`, or a concrete floating array."""
    if isinstance(kind, (Integer, Boolean, Key)):
        return False
    return isinstance(kind, Real) or is_floating(np.asarray(kind).dtype)


def problem(name: str, kind: Any, axes: set[str]) -> str:
    """What is wrong with an input's declaration; empty if nothing is."""
    if (
        isinstance(kind, (Real, Integer))
        and not isinstance(kind.high, str)
        and not kind.low < kind.high
    ):
        return f"expected low < high for the input {name!r}, got {kind.low} and {kind.high}"
    if isinstance(kind, Integer) and isinstance(kind.high, str) and kind.high not in axes:
        return f"the input {name!r} reaches to the axis {kind.high!r}, which no input has"
    if not isinstance(kind, Kind) and not _is_numeric(np.asarray(kind).dtype):
        return (
            f"expected real(…), integer(…), boolean(…), key() or an array of real numbers for the "
            f"input {name!r}, got {kind!r}"
        )
    return ""


def _is_numeric(dtype: np.dtype[Any]) -> bool:
    return is_floating(dtype) or dtype.kind in "iub"
