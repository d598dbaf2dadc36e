"""Rows of a table. Derivation: crosscheck/catalog/linear/embedding.py."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import arrays
from jaxlayers.dtypes import widen
from jaxlayers.indices import whole, wide, within


def embedding(ids: Array, table: Array) -> Array:
    """Rows of a table, chosen by number.

        y[..., :] = table[ids[...], :]

    A number that names no row, a negative one too, gives a row of NaN and no gradient. The gradient
    is an array like the table: cotangents of equal numbers add up, in float32 at least.

    Args:
        ids: (...), whole numbers from 0 to rows - 1.
        table: (rows, d)

    Raises:
        TypeError: ids is not an array of whole numbers, or table not of floating point.
        ValueError: table has not two axes.

    Reference: Bengio et al. 2003, A neural probabilistic language model.
    """
    ids = whole("embedding", "ids", ids)
    (table,) = arrays("embedding", table=(table, "rows d"))
    return _embedding(ids, table, table.shape[0])


def _places(ids: Array, rows: int) -> Array:
    """ids; in place of what names no row, the number of rows."""
    ids = wide(ids)
    return jnp.where(within(ids, 0, rows), ids, rows)


def _chosen(ids: Array, table: Array, rows: int) -> Array:
    if not rows:
        return jnp.full((*ids.shape, table.shape[1]), jnp.nan, table.dtype)
    return table.at[_places(ids, rows)].get(mode="fill", fill_value=jnp.nan)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _embedding(ids: Array, table: Array, rows: int) -> Array:
    return _chosen(ids, table, rows)


def _forward(ids: Array, table: Array, rows: int) -> tuple[Array, Array]:
    return _chosen(ids, table, rows), ids


def _backward(rows: int, ids: Array, g: Array) -> tuple[None, Array]:
    g_wide = widen(g)
    zeros = jnp.zeros((rows, g.shape[-1]), g_wide.dtype)
    dtable = zeros.at[_places(ids, rows)].add(g_wide, mode="drop")
    return None, dtable.astype(g.dtype)


_embedding.defvjp(_forward, _backward)
