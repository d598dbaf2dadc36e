"""Elementwise layers as towers: a value, its first derivative and its second, a formula each.

Each level's derivative is the next level, so that a gradient or a Hessian is as accurate as its own
formula, which autodiff of an accurate value is not. The top level is a `jax.custom_vjp`, because
that keeps only the input x for the backward pass. Each level by itself is a `jax.custom_jvp`, which
serves both modes: `jax.hessian` runs forward mode over the backward pass.
"""

import inspect
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any, ParamSpec

import jax
from jax import Array

from jaxlayers.again import again
from jaxlayers.checks import array, number
from jaxlayers.dtypes import widen

P = ParamSpec("P")
Formula = Callable[P, Array]
Check = Callable[[str, str, Any], Any]
_FORMULAS: dict[Any, tuple[Any, Any, Any]] = {}


def elementwise(
    first: Formula[P], second: Formula[P], **checks: Check
) -> Callable[[Formula[P]], Formula[P]]:
    """Decorate the formula of a value, given those of its first and second derivative.

    All three take the array x, then the layer's settings, and compute in float32 or float64. The
    derivative of `second` is left to autodiff. A setting is a finite number, unless `checks` says
    by its name how it is checked.
    """

    def decorate(value: Formula[P]) -> Formula[P]:
        signature = inspect.signature(value)
        settings = tuple(signature.parameters)[1:]
        tower = _tower(value, first, second, static=range(1, 1 + len(settings)))

        @wraps(value)
        def layer(*args: P.args, **kwargs: P.kwargs) -> Array:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            x = array(value.__name__, "x", bound.args[0])
            given = ((checks.get(k, number), k, bound.arguments[k]) for k in settings)
            return tower(x, *(check(value.__name__, k, setting) for check, k, setting in given))

        _FORMULAS[layer] = value, first, second
        return layer

    return decorate


def formulas(layer: Any, *settings: Any) -> Iterator[Callable[[Array], Array]]:
    """A layer's formulas of its value and two derivatives, for layers that are built on it."""
    for f in _FORMULAS[layer]:
        yield wraps(f)(lambda x, f=f: f(x, *settings))


def _tower(value: Any, first: Any, second: Any, static: range) -> Callable[..., Array]:
    slope = level(first, second, static)
    curve = level(value, slope, static)

    @partial(jax.custom_vjp, nondiff_argnums=static)
    def tower(x: Array, *settings: Any) -> Array:
        return curve(x, *settings)

    def forward(x: Array, *settings: Any) -> tuple[Array, Array]:
        return curve(x, *settings), x

    def backward(*args: Any) -> tuple[Array]:
        *settings, x, g = args
        x = again(x, g)
        dx = widen(g) * slope(widen(x), *settings)
        return (dx.astype(x.dtype),)

    tower.defvjp(forward, backward)
    return tower


def level(f: Any, df: Any, static: range = range(0)) -> Callable[..., Array]:
    """The formula `f` with the derivative `df`."""

    @partial(jax.custom_jvp, nondiff_argnums=static)
    def formula(x: Array, *settings: Any) -> Array:
        return f(widen(x), *settings).astype(x.dtype)

    @formula.defjvp
    def _(*args: Any) -> tuple[Array, Array]:
        *settings, (x,), (tx,) = args
        ty = widen(tx) * df(widen(x), *settings)
        return formula(x, *settings), ty.astype(x.dtype)

    return formula
