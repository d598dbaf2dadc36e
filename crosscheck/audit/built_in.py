"""The frameworks' own layers, on ranges where they are well behaved: right, so never to be blamed.

Their definitions are plain, and they are held to the sound standard, as a stranger's layers are.
Where one is known to lose digits the range ends before: tanh's gradient is 1 - y² beyond 1, and
its second derivative in JAX is the difference of 1 + y and 1 - y at small y.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from crosscheck.inputs import Real, real
from crosscheck.native import BUILT_IN
from crosscheck.twin import Layer, Twin
from crosscheck.verdict import Verdict

BOUND = 3.0
# What is wrong in truth, so that blaming it is no false alarm: layer, where, what.
FAULTS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("layer_norm", {"variant": "reverse-over-forward", "culprit": "torch"},
     "torch 2.13: Hessians wrong by half their size"),
    ("layer_norm",
     {"kind": "equal", "dtype": "float16", "variant": "forward", "culprit": "torch"},
     "torch 2.13: tangents NaN where a row is constant"),
    ("layer_norm", {"kind": "large", "culprit": "jax"},
     "jax: the variance as E x² - (E x)², which cancels where a row varies little"),
    ("mse", {"kind": "empty", "culprit": "torch"},
     "torch 2.13: ZeroDivisionError in derivatives of no entries"),
)  # fmt: skip


def is_known(v: Verdict) -> bool:
    """Whether a verdict blames a built-in layer for what is wrong with it."""
    places = [where for layer, where, _ in FAULTS if layer == v.layer and v.failed]
    return any(all(getattr(v, k) == value for k, value in w.items()) for w in places)


def _elementwise(name: str, definition: Layer, low: float = -BOUND, high: float = BOUND) -> Twin:
    inputs = {"x": real(low=low, high=high)}
    own = BUILT_IN[name]
    return Twin(name, jax=own["jax"], torch=own["torch"], definition=definition, inputs=inputs)


def _moderate(dims: str) -> Real:
    return real(dims, low=-BOUND, high=BOUND)


def _softmax_jax(x: Any) -> Any:
    import jax

    return jax.nn.softmax(x)


def _softmax_torch(x: Any) -> Any:
    import torch

    return torch.nn.functional.softmax(x, dim=-1)


def _logsumexp_jax(x: Any) -> Any:
    import jax

    return jax.nn.logsumexp(x, axis=-1)


def _logsumexp_torch(x: Any) -> Any:
    import torch

    return torch.logsumexp(x, dim=-1)


def _mse_jax(x: Any, y: Any) -> Any:
    import jax.numpy as jnp

    return jnp.mean((x - y) ** 2)


def _layer_norm_jax(x: Any) -> Any:
    import jax

    return jax.nn.standardize(x, epsilon=1e-2)


def _layer_norm_torch(x: Any) -> Any:
    import torch

    return torch.nn.functional.layer_norm(x, x.shape[-1:], eps=1e-2)


def _linear_jax(x: Any, w: Any, b: Any) -> Any:
    return x @ w.T + b


def _cosine_jax(x: Any, y: Any) -> Any:
    import jax.numpy as jnp

    return jnp.sum(x * y, -1) / jnp.sqrt(jnp.sum(x * x, -1)) / jnp.sqrt(jnp.sum(y * y, -1))


def _einsum_jax(x: Any, y: Any) -> Any:
    import jax.numpy as jnp

    return jnp.einsum("ik,kj->ij", x, y)


def _einsum_torch(x: Any, y: Any) -> Any:
    import torch

    return torch.einsum("ik,kj->ij", x, y)


def _standardized(x: np.ndarray) -> np.ndarray:
    centred = x - np.mean(x, axis=-1, keepdims=True)
    return centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + 1e-2)


def _cosine(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.sum(x * y, -1) / np.sqrt(np.sum(x * x, -1)) / np.sqrt(np.sum(y * y, -1))


def _softmax(x: np.ndarray) -> np.ndarray:
    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)


F = "torch.nn.functional:"
twins = [
    _elementwise("relu", lambda x: np.where(x > 0, x, 0)),
    _elementwise("elu", lambda x: np.where(x > 0, x, np.expm1(x))),
    _elementwise("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
    _elementwise("tanh", np.tanh, low=0.25, high=1.0),
    _elementwise("softplus", lambda x: np.log1p(np.exp(x))),
    _elementwise("silu", lambda x: x / (1 + np.exp(-x))),
    Twin("softmax", jax=_softmax_jax, torch=_softmax_torch, definition=_softmax,
         inputs={"x": _moderate("n 4")}),
    Twin("logsumexp", jax=_logsumexp_jax, torch=_logsumexp_torch,
         definition=lambda x: np.log(np.sum(np.exp(x), axis=-1)),
         inputs={"x": _moderate("n 4")}),
    Twin("layer_norm", jax=_layer_norm_jax, torch=_layer_norm_torch, definition=_standardized,
         inputs={"x": _moderate("n 4")}),
    Twin("mse", jax=_mse_jax, torch=f"{F}mse_loss", definition=lambda x, y: np.mean((x - y) ** 2),
         inputs={"x": real("n d"), "y": real("n d")}),
    Twin("linear", jax=_linear_jax, torch=f"{F}linear", definition=lambda x, w, b: x @ w.T + b,
         inputs={"x": real("n i"), "w": real("o i"), "b": real("o")}),
    Twin("matmul", jax="jax.numpy:matmul", torch="torch:matmul", definition=lambda x, y: x @ y,
         inputs={"x": real("i k"), "y": real("k j")}),
    Twin("einsum", jax=_einsum_jax, torch=_einsum_torch,
         definition=lambda x, y: np.einsum("ik,kj->ij", x, y),
         inputs={"x": real("i k"), "y": real("k j")}),
    Twin("cosine_similarity", jax=_cosine_jax, torch=f"{F}cosine_similarity", definition=_cosine,
         inputs={"x": real("n 3", low=0.5, high=3.0), "y": real("n 3", low=0.5, high=3.0)}),
]  # fmt: skip
