"""Arguments are checked before anything is computed, in the same words as in `torchlayers`.

Only types, dtypes and shapes are looked at, never values, so the checks work under every transform.
"""

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

FLOATS = ("float16", "bfloat16", "float32", "float64")


def array(layer: str, name: str, value: Any) -> Array:
    """An argument as an array, of floating point.

    Raises:
        TypeError: not an array, or not floating point.
    """
    if not isinstance(value, (Array, np.ndarray, np.generic, int, float, complex)):
        raise TypeError(
            f"{layer}: expected {name} to be an array, got {_kind(value)}; "
            f"convert it with jnp.asarray({name})"
        )
    # Neither asarray nor astype is free where there is nothing to do: under grad they copy.
    x = value if isinstance(value, Array) else jnp.asarray(value)
    if x.dtype.name not in FLOATS:
        raise TypeError(
            f"{layer}: expected {name} to be of type {', '.join(FLOATS)}, got {x.dtype.name}; "
            f"convert it, for example with {name}.astype(jnp.float32)"
        )
    return x


def arrays(layer: str, *, optional: str = "", **named: tuple[Any, str]) -> tuple[Any, ...]:
    """The arguments as arrays of one floating-point dtype, whose shapes fit together.

    Args:
        layer: the layer's name, for the messages.
        optional: the arguments, by name, that may be None, and are then returned as None.
        named: each argument with the names of its axes, as in `w=(w, "in out")`. An axis named
            twice has one length; `...` is any number of axes, the same ones everywhere.

    Raises:
        TypeError: not an array, not floating point, or several dtypes.
        ValueError: shapes that do not fit.
    """
    left_out = {k for k in optional.split() if named[k][0] is None}
    given = {k: pair for k, pair in named.items() if k not in left_out}
    values = _one_dtype(layer, {k: array(layer, k, v) for k, (v, _) in given.items()})
    _fit(
        layer,
        {k: x.shape for k, x in values.items()},
        {k: a.split() for k, (_, a) in given.items()},
    )
    return tuple(values.get(k) for k in named)


def number(layer: str, name: str, value: Any) -> float:
    """A setting: a finite Python number, never an array.

    Raises:
        TypeError: not a number, or traced by `jax.jit`.
        ValueError: not finite.
    """
    wanted = f"{layer}: expected the setting {name} to be a"
    if isinstance(value, jax.core.Tracer):
        raise TypeError(
            f"{wanted} Python number, got a traced value; settings are static and get no gradient, "
            f'under jit say static_argnames=("{name}",)'
        )
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"{wanted} Python number, got {_kind(value)}; settings are static and get no gradient, "
            f"pass float({name})"
        )
    setting = float(value)
    if not math.isfinite(setting):
        raise ValueError(f"{wanted} finite number, got {setting}; pass a finite one")
    return setting


def positive(layer: str, name: str, value: Any) -> float:
    """A setting: a finite Python number above 0.

    Raises:
        TypeError: not a number, or traced by `jax.jit`.
        ValueError: not finite, or not above 0.
    """
    setting = number(layer, name, value)
    if setting <= 0:
        raise ValueError(
            f"{layer}: expected the setting {name} to be a positive number, got {setting}; "
            "pass one above 0"
        )
    return setting


def integer(layer: str, name: str, value: Any, to_do: str = "") -> int:
    """A setting: a Python int; `to_do` is what the message ends with, in place of "pass int(…)".

    Raises:
        TypeError: not an int, or traced by `jax.jit`.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        got = f"{_kind(value)}; {to_do or f'pass int({name})'}"
        if isinstance(value, jax.core.Tracer):
            got = f'a traced value; settings are static, under jit say static_argnames=("{name}",)'
        raise TypeError(f"{layer}: expected the setting {name} to be an int, got {got}")
    return value


def from_one(layer: str, name: str, value: Any) -> int:
    """A setting: a Python int, at least 1.

    Raises:
        TypeError: not an int, or traced by `jax.jit`.
        ValueError: below 1.
    """
    setting = integer(layer, name, value)
    if setting < 1:
        raise ValueError(
            f"{layer}: expected the setting {name} to be at least 1, got {setting}; pass 1 or more"
        )
    return setting


def from_zero(below: float = math.inf) -> Callable[[str, str, Any], float]:
    """A check of a setting: a Python number from 0 on, below some other.

    Raises:
        TypeError: not a number, or traced by `jax.jit`.
        ValueError: outside.
    """

    def check(layer: str, name: str, value: Any) -> float:
        setting = number(layer, name, value)
        if not 0 <= setting < below:
            raise ValueError(
                f"{layer}: expected the setting {name} to be a number in [0, {below:g}), "
                f"got {setting}; pass one from there"
            )
        return setting

    return check


def switch(layer: str, name: str, value: Any) -> bool:
    """A setting: True or False.

    Raises:
        TypeError: neither of them.
    """
    wanted = f"{layer}: expected the setting {name} to be True or False, got"
    if isinstance(value, jax.core.Tracer):
        raise TypeError(
            f"{wanted} a traced value; settings are static, under jit say "
            f'static_argnames=("{name}",)'
        )
    if not isinstance(value, bool):
        raise TypeError(f"{wanted} {type(value).__name__}; settings are static, pass bool({name})")
    return value


def one_of(*options: str) -> Callable[[str, str, Any], str]:
    """A check of a setting that has a few values.

    Raises:
        TypeError: not a string.
        ValueError: another string.
    """
    words = " or ".join(f'"{option}"' for option in options)

    def check(layer: str, name: str, value: Any) -> str:
        wanted = f"{layer}: expected the setting {name} to be {words}, got"
        if not isinstance(value, str):
            raise TypeError(f"{wanted} {_kind(value)}; pass one of these strings")
        if value not in options:
            raise ValueError(f"{wanted} {value!r}; pass one of these")
        return value

    return check


def _one_dtype(layer: str, values: dict[str, Array]) -> dict[str, Array]:
    dtype = jnp.result_type(*values.values())
    # A Python float is weakly typed: it takes the dtype of the arrays beside it.
    if any(x.dtype != dtype and not x.weak_type for x in values.values()):
        got = ", ".join(f"{name} {x.dtype.name}" for name, x in values.items())
        raise TypeError(f"{layer}: expected arrays of one dtype, got {got}; convert them to one")
    return {name: x if x.dtype == dtype else x.astype(dtype) for name, x in values.items()}


def _fit(layer: str, shapes: dict[str, tuple[int, ...]], axes: dict[str, list[str]]) -> None:
    seen: dict[str, tuple[Any, str]] = {}
    for name, shape in shapes.items():
        lengths = _lengths(shape, axes[name])
        if len(lengths) != len(axes[name]):
            _misfit(layer, shapes, axes, f"reshape {name} to ({', '.join(axes[name])})")
        for axis, length in zip(axes[name], lengths, strict=True):
            other, where = seen.setdefault(axis, (length, name))
            if length != other:
                why = f"{axis} is {other} in {where} and {length} in {name}"
                _misfit(layer, shapes, axes, f"{why}, reshape or transpose one of them")


def _lengths(shape: tuple[int, ...], axes: list[str]) -> tuple[Any, ...]:
    """One length for each axis, and a shape as a whole for `...`."""
    many = len(shape) + 1 - len(axes)
    if "..." not in axes or many < 0:
        return shape
    k = axes.index("...")
    return (*shape[:k], shape[k : k + many], *shape[k + many :])


def _misfit(
    layer: str, shapes: dict[str, tuple[int, ...]], axes: dict[str, list[str]], why: str
) -> None:
    wanted = ", ".join(f"{name} ({', '.join(axes[name])})" for name in shapes)
    got = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
    raise ValueError(f"{layer}: expected {wanted}, got {got}; {why}")


def _kind(value: Any) -> str:
    return f"{type(value).__module__}.{type(value).__name__}".removeprefix("builtins.")
