"""Document 004's four ways to multiply two matrices, this project's layers, and JAX's `@`.

Each is run twice: as Python runs it, an operation at a time, and compiled to one program. A Python
loop would be unrolled in that program, so there the loops are `jax.lax.fori_loop`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

import jaxlayers

Body = Callable[[Any, Array], Array]
Loop = Callable[[int, Body, Array], Array]  # (steps, body, start); body(step, c) is the next c
Product = Callable[[Array, Array], Array]


def python_loop(steps: int, body: Body, c: Array) -> Array:
    for step in range(steps):
        c = body(step, c)
    return c


def compiled_loop(steps: int, body: Body, c: Array) -> Array:
    return jax.lax.fori_loop(0, steps, body, c)


def three_loops(a: Array, b: Array, *, loop: Loop) -> Array:
    (rows, inner), columns = a.shape, b.shape[1]

    def row(i: Any, c: Array) -> Array:
        return loop(columns, lambda j, c: entry(i, j, c), c)

    def entry(i: Any, j: Any, c: Array) -> Array:
        return loop(inner, lambda k, c: c.at[i, j].add(a[i, k] * b[k, j]), c)

    return loop(rows, row, jnp.zeros((rows, columns), a.dtype))


def dot_products(a: Array, b: Array, *, loop: Loop) -> Array:
    rows, columns = len(a), b.shape[1]

    def row(i: Any, c: Array) -> Array:
        return loop(columns, lambda j, c: c.at[i, j].set((a[i] * b[:, j]).sum()), c)

    return loop(rows, row, jnp.zeros((rows, columns), a.dtype))


def broadcasting(a: Array, b: Array, *, loop: Loop) -> Array:
    rows, columns = len(a), b.shape[1]

    def row(i: Any, c: Array) -> Array:
        return c.at[i].set((a[i][:, None] * b).sum(0))

    return loop(rows, row, jnp.zeros((rows, columns), a.dtype))


def ways(loop: Loop) -> list[Product]:
    """In the order of `matmul_ladder.STEPS`."""
    return [
        *(partial(way, loop=loop) for way in (three_loops, dot_products, broadcasting)),
        lambda a, b: jnp.einsum("ik,kj->ij", a, b),
        lambda a, b: jaxlayers.einsum("ik,kj->ij", a, b),
        lambda a, b: jaxlayers.matmul(a, b),
        lambda a, b: a @ b,
    ]


def calls(a: np.ndarray, b: np.ndarray) -> dict[str, list[Callable[[], Any]]]:
    """How this framework can be run → each way to multiply, as a call without arguments."""
    x, y = jax.device_put((a, b), jax.devices("cpu")[0])  # beside torch, in full precision

    def call(way: Product) -> Callable[[], Any]:
        return lambda: jax.block_until_ready(way(x, y))

    return {
        "jax": [call(way) for way in ways(python_loop)],
        "jax, jit": [call(jax.jit(way)) for way in ways(compiled_loop)],
    }
