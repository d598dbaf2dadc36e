"""The two frameworks behind one small interface, for tests that must not lean on the harness.

Arrays go in and come out as NumPy; jax computes in 64 bits inside float64 questions only.
Answers are held against float64 oracles within what roundings explain.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers
from documents import Array

Function = Callable[..., Any]


class Side(NamedTuple):
    """One framework: its layers and how to ask for a value, gradients, a Jacobian, a Hessian."""

    layers: Any
    value: Callable[..., Array]  # (function, *arrays)
    pull: Callable[..., list[Array]]  # (function, g or None for ones, *arrays): [y, *gradients]
    jacobian: Callable[..., Array]  # (function, x, *fixed): in x, the other arguments as given
    hessian: Callable[..., Array]  # the same


def jax_value(function: Function, *arrays: Array) -> Array:
    with jax.enable_x64(arrays[0].dtype == np.float64):
        return np.asarray(function(*map(jnp.asarray, arrays)))


def jax_pull(function: Function, g: Array | None, *arrays: Array) -> list[Array]:
    with jax.enable_x64(arrays[0].dtype == np.float64):
        y, vjp = jax.vjp(function, *map(jnp.asarray, arrays))
        grads = vjp(jnp.ones_like(y) if g is None else jnp.asarray(g, y.dtype))
        return [np.asarray(part) for part in (y, *grads)]


def jax_jacobian(function: Function, *arrays: Array) -> Array:
    return jax_value(jax.jacrev(function), *arrays)


def jax_hessian(function: Function, *arrays: Array) -> Array:
    return jax_value(jax.hessian(function), *arrays)


def torch_value(function: Function, *arrays: Array) -> Array:
    return function(*map(torch.tensor, arrays)).numpy()


def torch_pull(function: Function, g: Array | None, *arrays: Array) -> list[Array]:
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    y = function(*tensors)
    cotangent = torch.ones_like(y) if g is None else torch.tensor(g, dtype=y.dtype)
    return [part.detach().numpy() for part in (y, *torch.autograd.grad(y, tensors, cotangent))]


def torch_jacobian(function: Function, *arrays: Array) -> Array:
    x, *fixed = map(torch.tensor, arrays)
    return torch.autograd.functional.jacobian(lambda x: function(x, *fixed), x).numpy()


def torch_hessian(function: Function, *arrays: Array) -> Array:
    x, *fixed = map(torch.tensor, arrays)
    return torch.autograd.functional.hessian(lambda x: function(x, *fixed), x).numpy()


SIDES = {
    "jax": Side(jaxlayers, jax_value, jax_pull, jax_jacobian, jax_hessian),
    "torch": Side(torchlayers, torch_value, torch_pull, torch_jacobian, torch_hessian),
}


def each_side(
    *names: str, dtypes: tuple[str, ...] = ("float32", "float64")
) -> pytest.MarkDecorator:
    """Parametrise (name, side, dtype), with ids such as `003-elu-forward-jax-float32`."""
    rows = [
        pytest.param(name, side, np.dtype(dtype), id=f"{name}-{label}-{dtype}")
        for name in names
        for label, side in SIDES.items()
        for dtype in dtypes
    ]
    return pytest.mark.parametrize(("name", "side", "dtype"), rows)


def rounding(k: int, dtype: np.dtype, magnitude: Array) -> Array:
    """What k roundings on the longest path explain; magnitude: the same sum, every term positive.

    Independent roundings of size u move a sum by at most √k u times its magnitude at one standard
    deviation, in whatever order it is added up (Higham and Mary 2019). Six of those are allowed.
    """
    return 6 * np.sqrt(k) * np.finfo(dtype).eps / 2 * np.abs(magnitude)


def strict(dtype: np.dtype, y: Array, sensitivity: Array) -> Array:
    """The project's strict budget: 8 times u|y| + u|x ∂y/∂x|, one rounding of answer and input."""
    return 8 * np.finfo(dtype).eps / 2 * (np.abs(y) + np.abs(sensitivity))


def assert_within(got: Array, want: Array, tolerance: Array, dtype: np.dtype) -> None:
    """Raise unless got has this dtype, want's shape, and every entry within its tolerance."""
    assert (got.dtype, got.shape) == (dtype, np.shape(want))
    excess = np.abs(got.astype(np.float64) - want) - tolerance
    assert np.all(excess <= 0), f"{np.max(excess)} beyond the tolerance:\n{got}\nnot\n{want}"
