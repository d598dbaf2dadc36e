"""Some rows at a time: what would be large for all rows is there for a block of them only."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.dtypes import widen

Arrays = tuple[Array, ...]
Part = Callable[..., tuple[Array, Arrays]]


def in_blocks(part: Part, block: int, rows: Arrays, *sums: Array) -> tuple[Array, Arrays]:
    """The rows that `part` makes of each block of rows, together again, and its sums added up.

    In a derivative each block is computed once more, so that what it computed does not outlive it.

    Args:
        part: called with the number of the first row, and with the block's rows of each array.
        block: how many rows at a time.
        rows: (..., t, d) each; zeros, or False, fill up the last block.
        sums: arrays of the shapes that the sums have.
    """
    t = rows[0].shape[-2]
    if t <= block:
        return part(0, *rows)
    once_more = jax.checkpoint(part, prevent_cse=False)

    def step(total: Arrays, of: Any) -> tuple[Arrays, Array]:
        y, added = once_more(*of)
        return tuple(a + b for a, b in zip(total, added, strict=True)), y

    blocks = jnp.arange(0, t, block), *(_blocks(a, block) for a in rows)
    total, y = jax.lax.scan(step, tuple(jnp.zeros_like(widen(a)) for a in sums), blocks)
    y = jnp.moveaxis(y, 0, -3)
    return y.reshape(*y.shape[:-3], y.shape[-3] * block, y.shape[-1])[..., :t, :], total


def _blocks(a: Array, block: int) -> Array:
    """(..., t, d) as (blocks, ..., block, d)."""
    n = -(-a.shape[-2] // block)
    missing = [(0, 0)] * (a.ndim - 2) + [(0, n * block - a.shape[-2]), (0, 0)]
    whole = jnp.pad(a, missing)
    return jnp.moveaxis(whole.reshape(*a.shape[:-2], n, block, a.shape[-1]), -3, 0)
