"""Sides: the two frameworks as a defect sees them, each imported only when asked for."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from crosscheck.backends import NAMES
from crosscheck.errors import MissingFramework, choose


class Side(NamedTuple):
    """What a bug needs to know of its framework."""

    name: str
    xp: Any  # jax.numpy or torch
    rule: Callable[..., Callable[..., Any]]  # a custom_vjp or an autograd.Function
    freeze: Callable[[Any], Any]  # hides a number from differentiation
    vjp: Callable[..., Any]
    cast: Callable[[Any, str], Any]
    array: Callable[[np.ndarray], Any]
    is_traced: Callable[[Any], bool]  # under jit, or under torch.compile
    is_batched: Callable[[Any], bool]  # under vmap
    records: Callable[[Any], bool]  # whether gradients of this number are asked for, if known

    def constant(self, values: Any, like: Any) -> Any:
        """Numbers of the same type as another array's."""
        return self.cast(self.array(np.asarray(values, float)), dtype(like))


def dtype(x: Any) -> str:
    """The name of an array's type, e.g. 'float32'."""
    return str(x.dtype).removeprefix("torch.")


def side(name: str) -> Side:
    """The side of that name."""
    choose("side", name, NAMES)
    try:
        module = importlib.import_module(f"crosscheck.audit.side_{name}")
    except ImportError as error:
        raise MissingFramework(name, str(error)) from error
    found: Side = module.SIDE
    return found
