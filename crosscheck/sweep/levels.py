"""A layer's value and derivatives at a block of numbers, as each framework computes them.

Order 0 is the value, 1 the VJP with g = 1, and each further order the VJP of the one before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from crosscheck.twin import Layer

Levels = Callable[[np.ndarray], list[np.ndarray]]  # x → an array for each order, in the type of x


def levels(
    backend: str, layer: Layer, settings: Mapping[str, Any], orders: Sequence[int]
) -> Levels:
    """These orders of a layer in one framework."""
    return FRAMEWORKS[backend](layer, settings, orders)


def _jax(layer: Layer, settings: Mapping[str, Any], orders: Sequence[int]) -> Levels:
    """Each order compiled by itself, as a program that asks for it would have it.

    In float64, which stands for the truth, all together: they share their exponentials.
    """
    import jax
    import jax.numpy as jnp

    def at(x: Any) -> Any:
        return layer(x, **settings)

    def slope(f: Layer) -> Layer:
        def df(x: Any) -> Any:
            y, pullback = jax.vjp(f, x)
            return pullback(jnp.ones_like(y))[0]

        return df

    tower = [at]
    while len(tower) <= max(orders):
        tower.append(slope(tower[-1]))
    compiled = [jax.jit(tower[order]) for order in orders]
    together = jax.jit(lambda x: [tower[order](x) for order in orders])

    def ask(x: np.ndarray) -> list[np.ndarray]:
        double = x.dtype == np.float64
        with jax.enable_x64(double):
            return [np.asarray(y) for y in (together(x) if double else (f(x) for f in compiled))]

    return ask


def _torch(layer: Layer, settings: Mapping[str, Any], orders: Sequence[int]) -> Levels:
    """All orders in one go, eagerly."""
    import torch

    from crosscheck.backends.torch_arrays import array, tensor

    def slope(y: Any, x: Any) -> Any:
        if not y.requires_grad:  # does not depend on x
            return torch.zeros_like(x)
        ones = torch.ones_like(y)
        (dx,) = torch.autograd.grad(y, x, ones, create_graph=True, materialize_grads=True)
        return dx

    def ask(x: np.ndarray) -> list[np.ndarray]:
        t = tensor(x).requires_grad_(max(orders) > 0)
        tower = [layer(t, **settings)]
        while len(tower) <= max(orders):
            tower.append(slope(tower[-1], t))
        return [array(tower[order]) for order in orders]

    return ask


FRAMEWORKS: dict[str, Callable[[Layer, Mapping[str, Any], Sequence[int]], Levels]] = {
    "jax": _jax,
    "torch": _torch,
}
