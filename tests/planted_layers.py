"""Right layers by rules of their own, in both frameworks, to be spoilt by `planted_bugs`.

`Side.rule(forward, backward)` is a custom_vjp or an autograd.Function. What can be written once is;
`Side.xp` is then jax.numpy or torch.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

import jax.numpy as jnp
import numpy as np
import torch

from crosscheck import Twin, integer, real
from crosscheck.audit.side_jax import SIDE as JAX
from crosscheck.audit.side_torch import SIDE as TORCH

SIDES = {"jax": JAX, "torch": TORCH}

# the right layers: (side) → layer, and what the twin says of it -----------------------------------


def y(xp, x):
    return 1 / (1 + xp.exp(-x))


def dy(xp, x):
    return y(xp, x) * (1 - y(xp, x))


def sigmoid(s, forward=y, backward=lambda s, g, x: g * dy(s.xp, x), **more):
    return s.rule(partial(forward, s.xp), lambda g, x: (backward(s, g, x),), **more)


def relu(s, at_zero=0.0):
    def slope(x):
        return s.xp.where(x > 0, 1.0, s.xp.where(x == 0, at_zero, 0.0)).astype(x.dtype)

    def slope_torch(x):
        return (x > 0).to(x.dtype) + at_zero * (x == 0).to(x.dtype)

    d = slope if s is JAX else slope_torch
    return s.rule(lambda x: s.xp.where(x > 0, x, 0 * x), lambda g, x: (g * d(x),))


def right_linear(s, g, x, w, b):
    return g @ w.T, x.T @ g, g.sum(0)


def linear(s, backward=right_linear):
    return s.rule(lambda x, w, b: x @ w + b, partial(backward, s))


def right_mse(s, g, x, y):
    return 2 * g * (x - y) / (x.shape[0] * x.shape[1]), 2 * g * (y - x) / (x.shape[0] * x.shape[1])


def mse(s, backward=right_mse):
    return s.rule(lambda x, y: ((x - y) ** 2).mean(), partial(backward, s))


def both_waves(s, backward=lambda s, g, x: (g[0] * s.xp.cos(x) - g[1] * s.xp.sin(x),)):
    return s.rule(lambda x: (s.xp.sin(x), s.xp.cos(x)), partial(backward, s))


def scatter(s, w, i, g, accumulate):
    if s is JAX:
        return jnp.zeros_like(w).at[i].add(g) if accumulate else jnp.zeros_like(w).at[i].set(g)
    return torch.zeros_like(w).index_put((i.long(),), g, accumulate=accumulate)


def embedding(s, accumulate=True):
    return s.rule(
        lambda w, i: w[i if s is JAX else i.long()],
        lambda g, w, i: (scatter(s, w, i, g, accumulate), None),
    )


def right_softmax(s, x):
    return s.xp.exp(x) / s.xp.exp(x).sum(-1)[..., None]


def softmax(s, factor=1):
    def backward(g, x):
        p = right_softmax(s, x)
        return (factor * p * (g - (g * p).sum(-1)[..., None]),)

    return s.rule(partial(right_softmax, s), backward)


LAYERS: dict[Callable[..., Any], Mapping[str, Any]] = {
    sigmoid: {"definition": partial(y, np), "inputs": {"x": real("n 4")}},
    relu: {
        "definition": lambda x: np.where(x > 0, x, 0),
        "inputs": {"x": real()},
        "kinks": {"x": {0.0: "slope 0"}},
    },
    linear: {
        "definition": lambda x, w, b: x @ w + b,
        "inputs": {"x": real("2 3"), "w": real("3 3"), "b": real("3")},
    },
    mse: {
        "definition": lambda x, y: np.mean((x - y) ** 2),
        "inputs": {"x": real("2 3"), "y": real("2 3")},
    },
    both_waves: {"definition": lambda x: (np.sin(x), np.cos(x)), "inputs": {"x": real("3")}},
    embedding: {
        "definition": lambda w, i: w[i],
        "inputs": {"w": real("2 3"), "i": integer("4", high=2)},
    },
    softmax: {
        "definition": lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True),
        "inputs": {"x": real("2 3")},
    },
}


@cache
def right(layer: Callable[..., Any], side: str) -> Callable[..., Any]:
    """The right layer in one framework, always the same object, so that JAX compiles it once."""
    return layer(SIDES[side])


def twin(layer: Callable[..., Any], wrong: Mapping[str, Any]) -> Twin:
    """The twin of a right layer, wrong on the sides given."""
    sides = {name: right(layer, name) for name in SIDES} | dict(wrong)
    return Twin(layer.__name__, **sides, **LAYERS[layer])
