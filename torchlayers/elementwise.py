"""Elementwise layers as towers: a value, its first derivative and its second, a formula each.

Each level's derivative is the next level, so that a gradient or a Hessian is as accurate as its own
formula, which autodiff of an accurate value is not. Each level is a `Function` that keeps only the
input x for the backward pass.
"""

import inspect
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, ParamSpec

from torch import Tensor

from torchlayers.blocks import pointwise, product, unwatched
from torchlayers.checks import array, number
from torchlayers.function import Function, keep

P = ParamSpec("P")
Formula = Callable[P, Tensor]
Check = Callable[[str, str, Any], Any]
_FORMULAS: dict[Any, tuple[Any, Any, Any]] = {}
_KERNELS: set[Any] = set()
_PULLS: dict[Any, Any] = {}


def elementwise(
    first: Formula[P], second: Formula[P], **checks: Check
) -> Callable[[Formula[P]], Formula[P]]:
    """Decorate the formula of a value, given those of its first and second derivative.

    All three take the tensor x, then the layer's settings, and compute in float32 or float64. The
    derivative of `second` is left to autodiff. A setting is a finite number, unless `checks` says
    by its name how it is checked.
    """

    def decorate(value: Formula[P]) -> Formula[P]:
        signature = inspect.signature(value)
        settings = tuple(signature.parameters)[1:]
        tower = level(value, level(first, second), _PULLS.get(first))

        @wraps(value)
        def layer(*args: P.args, **kwargs: P.kwargs) -> Tensor:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            x = array(value.__name__, "x", bound.args[0])
            given = ((checks.get(k, number), k, bound.arguments[k]) for k in settings)
            return tower(x, *(check(value.__name__, k, setting) for check, k, setting in given))

        _FORMULAS[layer] = value, first, second
        return layer

    return decorate


def formulas(layer: Any, *settings: Any) -> Iterator[Callable[[Tensor], Tensor]]:
    """A layer's formulas of its value and two derivatives, for layers that are built on it."""
    for f in _FORMULAS[layer]:
        yield wraps(f)(lambda x, f=f: f(x, *settings))


def constant(x: Tensor, c: float = 1.0) -> Tensor:
    """c in the shape of x, one number in memory: a cotangent for ATen's fused derivatives."""
    return x.new_full((), c).expand_as(x)


def kernel(formula: Formula[P]) -> Formula[P]:
    """Mark a formula that is one kernel of ATen: that goes through the memory but once, and
    computes with 16 bits as we do, in float32, rounding once.
    """
    _KERNELS.add(formula)
    return formula


def pulled(pull: Any) -> Any:
    """The formula of a derivative, given what multiplies it by a cotangent g: a kernel of ATen, or
    several operations `in_blocks`.
    """

    @wraps(pull)
    def formula(x: Tensor, *settings: Any) -> Tensor:
        return pull(constant(x), x, *settings)

    _PULLS[formula] = pull
    return formula


def level(f: Any, df: Any, pull: Any = None) -> Callable[..., Tensor]:
    """The formula `f` with the derivative `df`; `pull`, if any, multiplies that by a cotangent."""
    one_kernel = f in _KERNELS

    class Level(Function, name=f.__name__):
        @staticmethod
        def forward(x: Tensor, *settings: Any) -> Tensor:
            if one_kernel and unwatched(x):
                return f(x, *settings)
            return pointwise(lambda x: f(x, *settings), x)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
            x, *ctx.settings = inputs
            keep(ctx, x)

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
            (x,) = ctx.saved_tensors
            if pull and unwatched(x, g):
                dx = pull(g, x, *ctx.settings)
            else:
                dx = product(lambda x: df(x, *ctx.settings), x, g)
            return dx, *(None for _ in ctx.settings)

        @staticmethod
        def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
            (x,) = ctx.saved_tensors
            return product(lambda x: df(x, *ctx.settings), x, tx)

    return Level.call
