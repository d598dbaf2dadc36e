"""The layers as the tests ask them: plain formula, shapes, what is kept, and draws of inputs."""

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
import torchlayers

Function = Callable[..., Any]


class Layer(NamedTuple):
    plain: Function  # its formula, on jax arrays
    shapes: list[tuple[int, ...]]
    kept: list[int]  # what stays for the backward pass: places of inputs; the output is the last
    settings: Mapping[str, float] = MappingProxyType({})
    first: tuple[Any, ...] = ()  # what stands before the arrays
    surrogate: bool = False  # whether its backward pass promises another function's derivative


def plain_residual(x: Any, w: Any, y: Any) -> Any:
    z = jnp.where(x @ w > 0, x @ w, 0) - y
    return jnp.trace(z.T @ z)


def plain_elu(x: Any) -> Any:
    return jnp.where(x > 0, x, 0.7 * (jnp.exp(x) - 1))


def plain_selu(x: Any) -> Any:
    return 1.0507009873554805 * jnp.where(x > 0, x, 1.6732632423543772 * (jnp.exp(x) - 1))


def plain_prelu(x: Any, slope: Any) -> Any:
    return jnp.where(x > 0, x, slope[:, None] * x)


def plain_hard_sigmoid(x: Any) -> Any:
    return jnp.where(x <= -3, 0, jnp.where(x >= 3, 1, x / 6 + 1 / 2))


def plain_channels(x: Any, mean: Any, std: Any) -> Any:
    return (x - mean[:, None, None]) / std[:, None, None]


def plain_cosine(x: Any, y: Any) -> Any:
    return (x * y).sum(-1) / jnp.sqrt((x * x).sum(-1) * (y * y).sum(-1))


def plain_log_softmax(x: Any) -> Any:
    return x - jnp.log(jnp.exp(x).sum(-1, keepdims=True))


def plain_rms_norm(x: Any, w: Any) -> Any:
    return x / jnp.sqrt((x * x).mean(-1, keepdims=True) + 1e-6) * w


def plain_layer_norm(x: Any, w: Any, b: Any) -> Any:
    c = x - x.mean(-1, keepdims=True)
    return c / jnp.sqrt((c * c).mean(-1, keepdims=True) + 0.1) * w + b


def plain_groups(x: Any, w: Any, b: Any) -> Any:
    c = x.reshape(2, 2, -1) - x.reshape(2, 2, -1).mean(-1, keepdims=True)
    v = c / jnp.sqrt((c * c).mean(-1, keepdims=True) + 1e-5)
    return v.reshape(x.shape) * w[:, None] + b[:, None]


def plain_attention(q: Any, k: Any, v: Any) -> Any:
    e = jnp.where(jnp.tri(q.shape[1], k.shape[1], dtype=bool), jnp.exp(0.7 * q @ k.mT), 0)
    return e / e.sum(-1, keepdims=True) @ v


def plain_j0(x: Any) -> Any:
    """Bessel's integral; over a period of a smooth function the mean converges exponentially."""
    return jnp.cos(x[..., None] * jnp.sin(2 * jnp.pi * jnp.arange(64) / 64)).mean(-1)


def straight_through(step: Function) -> Function:
    return lambda x: x + jax.lax.stop_gradient(step(x) - x)


def plain_bce(x: Any, t: Any) -> Any:
    return (t * jnp.log(1 + jnp.exp(-x)) + (1 - t) * jnp.log(1 + jnp.exp(x))).mean()


def plain_huber(x: Any, y: Any) -> Any:
    d = jnp.abs(x - y)
    return jnp.where(d <= 0.7, d * d / 2, 0.7 * (d - 0.35)).mean()


SPEC = "iij,kj,kl->ji"
LAYERS = {
    "relu": Layer(lambda x: jnp.where(x > 0, x, 0), [(2, 3)], [0]),
    "elu": Layer(plain_elu, [(2, 3)], [0], {"alpha": 0.7}),
    "sigmoid": Layer(lambda x: 1 / (1 + jnp.exp(-x)), [(2, 3)], [0]),
    "silu": Layer(lambda x: x / (1 + jnp.exp(-x)), [(2, 3)], [0]),
    "leaky_relu": Layer(
        lambda x: jnp.where(x > 0, x, 0.2 * x), [(2, 3)], [0], {"negative_slope": 0.2}
    ),
    "celu": Layer(
        lambda x: jnp.where(x > 0, x, 0.7 * (jnp.exp(x / 0.7) - 1)), [(2, 3)], [0], {"alpha": 0.7}
    ),
    "selu": Layer(plain_selu, [(2, 3)], [0]),
    "relu6": Layer(lambda x: jnp.where(x > 0, jnp.where(x < 6, x, 6), 0), [(2, 3)], [0]),
    "relu_squared": Layer(lambda x: jnp.where(x > 0, x * x, 0), [(2, 3)], [0]),
    "hard_sigmoid": Layer(plain_hard_sigmoid, [(2, 3)], [0]),
    "hard_swish": Layer(lambda x: x * plain_hard_sigmoid(x), [(2, 3)], [0]),
    "hard_tanh": Layer(lambda x: jnp.where(jnp.abs(x) < 1, x, jnp.sign(x)), [(2, 3)], [0]),
    "softsign": Layer(lambda x: x / (1 + jnp.abs(x)), [(2, 3)], [0]),
    "softcap": Layer(lambda x: 1.5 * jnp.tanh(x / 1.5), [(2, 3)], [0], {"cap": 1.5}),
    "prelu": Layer(plain_prelu, [(2, 3, 2), (3,)], [0, 1]),
    "reglu": Layer(lambda a, b: jnp.where(a > 0, a * b, 0), [(2, 3), (2, 3)], [0, 1]),
    "swiglu": Layer(lambda a, b: a / (1 + jnp.exp(-a)) * b, [(2, 3), (2, 3)], [0, 1]),
    "geglu": Layer(lambda a, b: a * jax.scipy.special.ndtr(a) * b, [(2, 3), (2, 3)], [0, 1]),
    "gelu": Layer(lambda x: x * jax.scipy.special.ndtr(x), [(2, 3)], [0]),
    "tanh": Layer(jnp.tanh, [(2, 3)], [0]),
    "softplus": Layer(lambda x: jnp.log(1 + jnp.exp(2 * x)) / 2, [(2, 3)], [0], {"beta": 2.0}),
    "log_sigmoid": Layer(lambda x: -jnp.log(1 + jnp.exp(-x)), [(2, 3)], [0]),
    "mish": Layer(lambda x: x * jnp.tanh(jnp.log(1 + jnp.exp(x))), [(2, 3)], [0]),
    "linear": Layer(lambda x, w, b: x @ w + b, [(2, 2, 3), (3, 2), (2,)], [0, 1]),
    "mse": Layer(lambda x, y: ((x - y) ** 2).mean(), [(2, 3), (2, 3)], [0, 1]),
    "l1": Layer(lambda x, y: jnp.abs(x - y).mean(), [(2, 3), (2, 3)], [0, 1]),
    "huber": Layer(plain_huber, [(2, 3), (2, 3)], [0, 1], {"delta": 0.7}),
    "bce_with_logits": Layer(plain_bce, [(2, 3), (2, 3)], [0, 1]),
    "kl_div": Layer(
        lambda p, q: (jnp.exp(p) * (p - q)).sum(-1).mean(),
        [(2, 3), (2, 3)],
        [0, 1],
        {"log_p": True, "log_q": True},
    ),
    "relu_residual": Layer(plain_residual, [(3, 2), (2, 2), (3, 2)], [0, 1, 2]),
    "matmul": Layer(jnp.matmul, [(2, 1, 2, 2), (3, 2, 1)], [0, 1]),
    "einsum": Layer(
        lambda *x: jnp.einsum(SPEC, *x), [(2, 2, 3), (1, 3), (2, 1)], [0, 1, 2], first=(SPEC,)
    ),
    "affine": Layer(
        lambda x, y, w1, w2, w3: w1 * x + w2 * y + w3,
        [(2, 1), (3,), (1,), (2, 3), (1,)],
        [0, 1, 2, 3],
    ),
    "quadratic": Layer(
        lambda x, a, b, c: a * x**2 + b * x + c, [(2, 3), (1,), (2, 1), (3,)], [0, 1, 2]
    ),
    "channel_normalize": Layer(plain_channels, [(2, 2, 1, 3), (2,), (2,)], [0, 1, 2]),
    "rms_norm": Layer(plain_rms_norm, [(2, 3), (3,)], [0, 1]),
    "layer_norm": Layer(plain_layer_norm, [(2, 3), (3,), (3,)], [0, 1], {"eps": 0.1}),
    "group_norm": Layer(plain_groups, [(2, 4, 3), (4,), (4,)], [0, 1], {"groups": 2}),
    "l2_normalize": Layer(
        lambda x: x / jnp.sqrt((x * x).sum(-1, keepdims=True) + 1e-12), [(2, 3)], [0]
    ),
    "cosine_similarity": Layer(plain_cosine, [(2, 1, 3), (2, 3)], [0, 1]),
    "softmax": Layer(lambda x: jnp.exp(plain_log_softmax(x)), [(2, 3)], [1]),
    "log_softmax": Layer(plain_log_softmax, [(2, 3)], [1]),
    "logsumexp": Layer(lambda x: jnp.log(jnp.exp(x).sum(-1)), [(2, 3)], [0]),
    "attention": Layer(
        plain_attention,
        [(2, 3, 2), (1, 3, 2), (1, 3, 1)],
        [0, 1, 2],
        {"causal": True, "scale": 0.7, "block": 2},
    ),
    "bessel_j0": Layer(plain_j0, [(2, 3)], [0]),
    "straight_through_sign": Layer(straight_through(jnp.sign), [(2, 3)], [], surrogate=True),
    "straight_through_round": Layer(straight_through(jnp.round), [(2, 3)], [], surrogate=True),
}
LABELLED = ["cross_entropy", "hinge", "linear_cross_entropy"]  # tests/test_losses.py
MAKERS = ["host_elementwise"]  # functions that make a layer
PACKAGES = {"jax": jaxlayers, "torch": torchlayers}
each_layer = pytest.mark.parametrize("name", LAYERS)
each_framework = pytest.mark.parametrize("framework", PACKAGES)


def layer(framework: str, name: str) -> Function:
    of = LAYERS[name]
    return functools.partial(getattr(PACKAGES[framework], name), *of.first, **of.settings)


def draw(*shape: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=shape)


def inputs(framework: str, name: str, dtype: str) -> list[Any]:
    """The same draws for both frameworks; those for torch require gradients."""
    arrays = [draw(*shape, seed=i) for i, shape in enumerate(LAYERS[name].shapes)]
    if framework == "jax":
        return [jnp.asarray(a).astype(dtype) for a in arrays]
    return [torch.tensor(a, dtype=getattr(torch, dtype), requires_grad=True) for a in arrays]
