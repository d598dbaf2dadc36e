"""Arguments are checked before anything is computed, in the same words as in `jaxlayers`.

Only types, dtypes and shapes are looked at, never values, so the checks work under every transform
and under `torch.compile`.
"""

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import torch
from torch import Tensor

FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def array(layer: str, name: str, value: Any) -> Tensor:
    """An argument: a tensor, of floating point.

    Raises:
        TypeError: not a tensor, or not floating point.
    """
    if not isinstance(value, Tensor):
        raise TypeError(
            f"{layer}: expected {name} to be a tensor, got {_kind(value)}; "
            f"convert it with torch.as_tensor({name})"
        )
    if value.dtype not in FLOATS:
        raise TypeError(
            f"{layer}: expected {name} to be of type {', '.join(map(_name, FLOATS))}, "
            f"got {_name(value.dtype)}; "
            f"convert it, for example with {name}.to(torch.float32)"
        )
    return value


def arrays(layer: str, *, optional: str = "", **named: tuple[Any, str]) -> tuple[Any, ...]:
    """The arguments: tensors of one floating-point dtype, whose shapes fit together.

    Args:
        layer: the layer's name, for the messages.
        optional: the arguments, by name, that may be None, and are then returned as None.
        named: each argument with the names of its axes, as in `w=(w, "in out")`. An axis named
            twice has one length; `...` is any number of axes, the same ones everywhere.

    Raises:
        TypeError: not a tensor, not floating point, or several dtypes.
        ValueError: shapes that do not fit.
    """
    left_out = {k for k in optional.split() if named[k][0] is None}
    given = {k: pair for k, pair in named.items() if k not in left_out}
    values = {k: array(layer, k, v) for k, (v, _) in given.items()}
    _one_dtype(layer, values)
    _fit(
        layer,
        {k: tuple(x.shape) for k, x in values.items()},
        {k: a.split() for k, (_, a) in given.items()},
    )
    return tuple(values.get(k) for k in named)


def number(layer: str, name: str, value: Any) -> float:
    """A setting: a finite Python number, never a tensor.

    Raises:
        TypeError: not a number.
        ValueError: not finite.
    """
    wanted = f"{layer}: expected the setting {name} to be a"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(
            f"{wanted} Python number, got {_kind(value)}; settings are static and get no gradient, "
            f"pass float({name})"
        )
    setting = float(value)
    if not -math.inf < setting < math.inf:  # math.isfinite does not work under torch.compile
        raise ValueError(f"{wanted} finite number, got {setting}; pass a finite one")
    return setting


def positive(layer: str, name: str, value: Any) -> float:
    """A setting: a finite Python number above 0.

    Raises:
        TypeError: not a number.
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
        TypeError: not an int.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        got = f"{_kind(value)}; {to_do or f'pass int({name})'}"
        raise TypeError(f"{layer}: expected the setting {name} to be an int, got {got}")
    return value


def from_one(layer: str, name: str, value: Any) -> int:
    """A setting: a Python int, at least 1.

    Raises:
        TypeError: not an int.
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
        TypeError: not a number.
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


def _one_dtype(layer: str, values: dict[str, Tensor]) -> None:
    if len({x.dtype for x in values.values()}) > 1:
        got = ", ".join(f"{name} {_name(x.dtype)}" for name, x in values.items())
        raise TypeError(f"{layer}: expected tensors of one dtype, got {got}; convert them to one")


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


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
