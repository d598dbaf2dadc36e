"""Layers with a random key, asked for value and gradient in NumPy, from either framework."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import jaxlayers
import torchlayers
from sides import Array

KEY = np.array([123456789, 4000000000], np.uint32)


def pull(package: Any, name: str, x: Array, g: Array, key: Array = KEY, **settings: Any) -> Any:
    """A layer's value and gradient, from either framework, in x's own type."""
    if package is jaxlayers:
        with jax.enable_x64(x.dtype == np.float64):
            f = lambda x: getattr(jaxlayers, name)(x, jnp.asarray(key), **settings)  # noqa: E731
            y, vjp = jax.vjp(f, jnp.asarray(x))
            return np.asarray(y), np.asarray(vjp(jnp.asarray(g))[0])
    t = to_torch(x).requires_grad_()
    y = getattr(torchlayers, name)(t, torch.tensor(key), **settings)
    return from_torch(y.detach()), from_torch(torch.autograd.grad(y, t, to_torch(g))[0])


def to_torch(x: Array) -> torch.Tensor:
    if x.dtype == jnp.bfloat16:
        return torch.tensor(x.astype(np.float32)).to(torch.bfloat16)
    return torch.tensor(x)


def from_torch(t: torch.Tensor) -> Array:
    return t.float().numpy().astype(jnp.bfloat16) if t.dtype == torch.bfloat16 else t.numpy()
