"""The subjects in JAX: ours and what jax.nn has, or its users write."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
from jax import nn

import jaxlayers as ours
from crosscheck.bench.lean.subjects import DEPTH, STACKED
from crosscheck.twin import Layer


def forms() -> Mapping[str, Mapping[str, Layer]]:
    """Subject → form → layer."""
    single: dict[str, dict[str, Layer]] = {
        "softmax": {"ours": ours.softmax, "built-in": nn.softmax},
        "log_softmax": {"ours": ours.log_softmax, "built-in": nn.log_softmax},
        "logsumexp": {"ours": ours.logsumexp, "built-in": lambda x: nn.logsumexp(x, -1)},
        "swiglu": {"ours": ours.swiglu, "built-in": lambda a, b: nn.silu(a) * b},
        "rms_norm": {"ours": ours.rms_norm, "built-in": _rms_norm},
        "layer_norm": {
            "ours": ours.layer_norm,
            "built-in": lambda x, w, b: nn.standardize(x, epsilon=1e-5) * w + b,
        },
        "cross_entropy": {"ours": ours.cross_entropy, "built-in": _cross_entropy},
        "linear_cross_entropy": {
            "ours": ours.linear_cross_entropy,
            "built-in": lambda x, w, labels: _cross_entropy(x @ w, labels),
        },
        "attention": {"ours": ours.attention, "built-in": _attention},
    }
    return single | _stacks(single)


def _stacks(single: Mapping[str, Mapping[str, Layer]]) -> dict[str, dict[str, Layer]]:
    """Each layer eight times, a product with a matrix before each; weights have gradients too."""
    return {
        f"{name}, {DEPTH} {way}": {
            form: stacked(LINKED.get(name, _linked)(layer)) for form, layer in single[name].items()
        }
        for name in STACKED
        for way, stacked in {"unrolled": _unrolled, "scanned": _scanned}.items()
    }


def _rms_norm(x: Any, w: Any) -> Any:
    return x * jax.lax.rsqrt(jnp.mean(x * x, -1, keepdims=True) + 1e-6) * w


def _cross_entropy(x: Any, labels: Any) -> Any:
    chosen = jnp.take_along_axis(nn.log_softmax(x), labels[:, None], -1)
    return -jnp.mean(chosen)


def _attention(q: Any, k: Any, v: Any) -> Any:
    """What is built in wants heads behind places."""
    return nn.dot_product_attention(*(a.swapaxes(1, 2) for a in (q, k, v))).swapaxes(1, 2)


def _linked(layer: Layer) -> Layer:
    return lambda x, w, *own: layer(x @ w, *own)


def _gated(layer: Layer) -> Layer:
    return lambda x, w: layer(*jnp.split(x @ w, 2, -1))


LINKED = {"swiglu": _gated}


def _unrolled(step: Layer) -> Layer:
    def stack(x: Any, *weights: Any) -> Any:
        each = len(weights) // DEPTH
        layers = [weights[k : k + each] for k in range(0, len(weights), each)]
        return reduce(lambda x, own: step(x, *own), layers, x)

    return stack


def _scanned(step: Layer) -> Layer:
    return lambda x, *weights: jax.lax.scan(lambda x, own: (step(x, *own), None), x, weights)[0]
