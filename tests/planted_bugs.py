"""Layers planted with one bug each, and the questions that must find it."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import torch

from crosscheck.audit.sides import Side
from planted_layers import (
    JAX,
    both_waves,
    dy,
    embedding,
    linear,
    mse,
    relu,
    right_mse,
    sigmoid,
    softmax,
    y,
)


class Bug(NamedTuple):
    """A wrong layer, which layer it spoils, and the questions that must fail, and no others."""

    layer: Callable[..., Any]
    wrong: Callable[[Side], Callable[..., Any]]
    fails: str
    sides: tuple[str, ...] = ("jax", "torch")
    case: str = "ordinary-0"
    dtypes: tuple[str, ...] = ("float64",)


def by_backward(backward):
    return lambda s: sigmoid(s, backward=backward)


def wrong_jvp(x, t):
    return 2 * t[0] * dy(torch, x[0])


def doubled_custom_jvp(s):
    layer = jax.custom_jvp(partial(y, jnp))
    layer.defjvp(lambda x, t: (layer(*x), 2 * t[0] * dy(jnp, x[0])))
    return layer


def wrong_second(s):
    def slope(g, x):
        p = y(s.xp, x)
        return 0.999 * g * p * (1 - p) * (1 - 2 * p)

    first = s.rule(partial(dy, s.xp), lambda g, x: (slope(g, x),))
    if s is JAX:  # a custom_vjp inside a backward rule bars forward over reverse, so custom_jvp
        first = jax.custom_jvp(partial(dy, jnp))
        first.defjvp(lambda x, t: (first(*x), slope(t[0], x[0])))
    return sigmoid(s, backward=lambda s, g, x: g * first(x))


class SavedIntermediate(torch.autograd.Function):
    """Old style, as many a tutorial has it: what it keeps has no history."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(dy(torch, x))
        return y(torch, x)

    @staticmethod
    def backward(ctx, g):
        return g * ctx.saved_tensors[0]


class WrongWhereRecorded(SavedIntermediate):
    """Right when asked plainly, wrong when trained."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return y(torch, x) + (1e-3 if ctx.needs_input_grad[0] else 0)

    @staticmethod
    def backward(ctx, g):
        return g * dy(torch, ctx.saved_tensors[0])


def only_eager(s):
    def forward(xp, x):
        return y(xp, x) if isinstance(x, jax.core.Tracer) else 1.001 * y(xp, x)

    return lambda x: forward(jnp, x)


def zero_in_float32(s, g, x):
    return g * dy(s.xp, x) * (0 if "float32" in str(x.dtype) else 1)


def in_float32(s, g, x):
    return s.cast(g * dy(s.xp, x), "float32")


def raises(s):
    def layer(x):
        raise ValueError("no such kernel")

    return layer


DERIVATIVES = "vjp jvp jacobian hessian"
ALL = "value " + DERIVATIVES
SIGNED = "vjp jvp hessian"  # a Jacobian is asked with cotangents 0 and 1 only
BUGS = {
    "wrong value": Bug(sigmoid, lambda s: sigmoid(s, lambda xp, x: y(xp, x) + 1e-3), "value"),
    "value wrong in float32's last digits": Bug(
        sigmoid, lambda s: sigmoid(s, lambda xp, x: y(xp, x) * (1 + 1e-5)), "value",
        dtypes=("float32",)),
    "forward rule differs from the primal": Bug(
        sigmoid, lambda s: sigmoid(s, through=lambda x: y(jnp, x) + 1e-3), "value", ("jax",)),
    "wrong only eagerly": Bug(sigmoid, only_eager, "value", ("jax",)),
    "wrong only where gradients are recorded": Bug(
        sigmoid, lambda s: WrongWhereRecorded.apply, "value", ("torch",)),
    "abs(g)": Bug(sigmoid, by_backward(lambda s, g, x: abs(g) * dy(s.xp, x)), SIGNED),
    "g clamped": Bug(sigmoid, by_backward(lambda s, g, x: g.clip(-1, 1) * dy(s.xp, x)), SIGNED),
    "g ignored": Bug(
        sigmoid, by_backward(lambda s, g, x: s.xp.ones_like(g) * dy(s.xp, x)), DERIVATIVES),
    "factor 1.0005": Bug(
        sigmoid, by_backward(lambda s, g, x: 1.0005 * g * dy(s.xp, x)), DERIVATIVES),
    "sign": Bug(sigmoid, by_backward(lambda s, g, x: -g * dy(s.xp, x)), DERIVATIVES),
    "zero only in float32": Bug(
        sigmoid, by_backward(zero_in_float32), DERIVATIVES, dtypes=("float32",)),
    "NaN in one entry": Bug(
        sigmoid, by_backward(lambda s, g, x: g * dy(s.xp, x) * s.xp.where(
            x == x.max(), float("nan"), 1)), DERIVATIVES),
    "gradient in float32": Bug(sigmoid, by_backward(in_float32), DERIVATIVES, ("jax",)),
    "gradient in float32, which torch casts back": Bug(
        sigmoid, by_backward(in_float32), DERIVATIVES, ("torch",)),
    "detached second order": Bug(
        sigmoid, by_backward(lambda s, g, x: g * s.freeze(dy(s.xp, x))), "hessian"),
    "saved intermediate": Bug(sigmoid, lambda s: SavedIntermediate.apply, "hessian", ("torch",)),
    "wrong second derivative": Bug(sigmoid, wrong_second, "hessian"),
    "torch jvp doubled": Bug(
        sigmoid, lambda s: sigmoid(s, tangent=wrong_jvp), "jvp jacobian", ("torch",)),
    "custom_jvp doubled": Bug(sigmoid, doubled_custom_jvp, DERIVATIVES, ("jax",)),
    "an axis too many, which torch sums away": Bug(
        sigmoid, by_backward(lambda s, g, x: g[:, None] * dy(s.xp, x)[None]), DERIVATIVES),
    "wrong at the kink only": Bug(
        relu, lambda s: relu(s, at_zero=0.5), "vjp jvp jacobian", case="kink-0"),
    "transposed gradient": Bug(
        linear, lambda s: linear(s, lambda s, g, x, w, b: (g @ w.T, g.T @ x, g.sum(0))),
        DERIVATIVES),
    "weight not transposed": Bug(
        linear, lambda s: linear(s, lambda s, g, x, w, b: (g @ w, x.T @ g, g.sum(0))),
        DERIVATIVES),
    "batch averaged": Bug(
        linear, lambda s: linear(s, lambda s, g, x, w, b: (g @ w.T, x.T @ g, g.mean(0))),
        "vjp jvp jacobian"),
    "batch not summed": Bug(
        linear, lambda s: linear(s, lambda s, g, x, w, b: (g @ w.T, x.T @ g, g)),
        DERIVATIVES, ("jax",)),
    "first row for the batch": Bug(
        linear, lambda s: linear(s, lambda s, g, x, w, b: (g @ w.T, x.T @ g, g[0])),
        "vjp jvp jacobian"),
    "missing 1/n": Bug(
        mse, lambda s: mse(s, lambda s, g, x, y: (2 * g * (x - y), 2 * g * (y - x))),
        DERIVATIVES),
    "second argument forgotten": Bug(
        mse, lambda s: mse(s, lambda s, g, x, y: (right_mse(s, g, x, y)[0], 0 * y)), DERIVATIVES),
    "second output forgotten": Bug(
        both_waves, lambda s: both_waves(s, lambda s, g, x: (g[0] * s.xp.cos(x),)), DERIVATIVES),
    "repeated rows overwritten": Bug(
        embedding, lambda s: embedding(s, accumulate=False), "vjp jvp jacobian", ("jax",)),
    "repeated rows overwritten, torch": Bug(
        embedding, lambda s: embedding(s, accumulate=False), "vjp jacobian", ("torch",)),
    "three times too large, zero under sum": Bug(
        softmax, lambda s: softmax(s, factor=3), DERIVATIVES),
    "raises": Bug(sigmoid, raises, ALL),
    "output in float32": Bug(sigmoid, lambda s: lambda x: s.cast(y(s.xp, x), "float32"), ALL),
    "output transposed": Bug(sigmoid, lambda s: lambda x: y(s.xp, x).T, ALL),
    "output kept as a row": Bug(sigmoid, lambda s: lambda x: y(s.xp, x)[None], ALL),
    "an output too many": Bug(sigmoid, lambda s: lambda x: (y(s.xp, x), x), ALL),
    "output is NaN": Bug(sigmoid, lambda s: lambda x: y(s.xp, x) * float("nan"), ALL),
}  # fmt: skip
