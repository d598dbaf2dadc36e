"""Cross entropy without logits. Derivation: crosscheck/catalog/losses/linear_cross_entropy.py."""

from functools import partial
from math import prod

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.checks import from_one
from jaxlayers.classes import Rule, count, live, losses, rule_of, slopes
from jaxlayers.dtypes import widen
from jaxlayers.labels import labelled
from jaxlayers.reductions import reduced, shared
from jaxlayers.rowwise import Arrays, in_blocks


def linear_cross_entropy(
    x: Array,
    w: Array,
    labels: Array,
    smoothing: float = 0.0,
    z_loss: float = 0.0,
    ignore_index: int = -100,
    reduction: str = "mean",
    block: int = 192,
) -> Array:
    """Cross entropy of labels and x w, whose logits never exist whole.

        cross_entropy(x w, labels)

    Computed for `block` rows at a time, in every derivative up to the second. All else, that of
    labels that are ignored or no class too, is as in `cross_entropy`.

    Args:
        x: (..., d)
        w: (d, c)
        labels: (...), whole numbers from 0 to c - 1, or ignore_index.
        smoothing: a number from 0 on, below 1.
        z_loss: a number from 0 on: what a large log Σ exp(logits) costs.
        ignore_index: the label of rows that are left out.
        reduction: "mean", "sum" or "none".
        block: how many rows at a time, at least 1; it need not divide their number.

    Raises:
        TypeError: x and w are not floating-point arrays of one dtype, labels not one of whole
            numbers, or a setting is not of its type.
        ValueError: the shapes do not fit, or a setting is out of range.

    Reference: Wijmans et al. 2024, https://arxiv.org/abs/2411.09009
    """
    x, w, labels = labelled("linear_cross_entropy", labels, x=(x, "... d"), w=(w, "d c"))
    rule = rule_of("linear_cross_entropy", smoothing, z_loss, ignore_index, reduction)
    block = from_one("linear_cross_entropy", "block", block)
    return _linear_cross_entropy(x, w, labels, rule, block)


def _rows(labels: Array, *values: Array) -> Arrays:
    """(..., d) as (n, d); of one that has the labels' shape, d is 1."""
    n = prod(labels.shape)
    shapes = (a.shape[labels.ndim :] or (1,) for a in (*values, labels))
    return tuple(a.reshape(n, *s) for a, s in zip((*values, labels), shapes, strict=True))


def _counted(x: Array, labels: Array, rule: Rule) -> tuple[Array, Array]:
    """A block in the wide type, with 0 for rows that are ignored, and its labels."""
    labels = labels[:, 0]
    return jnp.where(live(labels, rule)[:, None], widen(x), 0), labels


def _value(x: Array, w: Array, labels: Array, rule: Rule, block: int) -> Array:
    wide = widen(w)

    def part(_: Array | int, x: Array, labels: Array) -> tuple[Array, Arrays]:
        x, labels = _counted(x, labels, rule)
        return losses(x @ wide, labels, rule)[:, None], ()

    rows, _ = in_blocks(part, block, _rows(labels, x))
    of_rows = rows.reshape(labels.shape)
    return reduced(of_rows, rule.reduction, count(labels, rule)).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(3, 4))
def _linear_cross_entropy(x: Array, w: Array, labels: Array, rule: Rule, block: int) -> Array:
    return _value(x, w, labels, rule, block)


def _forward(x: Array, w: Array, labels: Array, rule: Rule, block: int) -> tuple[Array, Arrays]:
    return _value(x, w, labels, rule, block), (x, w, labels)


def _backward(rule: Rule, block: int, kept: Arrays, g: Array) -> tuple[Array, Array, None]:
    x, w, labels = kept
    g = jnp.broadcast_to(g, labels.shape)
    x, labels = again(x, g[..., None]), again(labels, g)
    g = jnp.where(live(labels, rule), shared(g, rule.reduction, count(labels, rule)), 0)
    wide = widen(w)

    def part(_: Array | int, x: Array, g: Array, labels: Array) -> tuple[Array, Arrays]:
        x, labels = _counted(x, labels, rule)
        d_logits = g * slopes(x @ wide, labels, rule)
        return d_logits @ wide.T, (x.T @ d_logits,)

    dx, (dw,) = in_blocks(part, block, _rows(labels, x, g), w)
    return dx.reshape(x.shape).astype(x.dtype), dw.astype(w.dtype), None


_linear_cross_entropy.defvjp(_forward, _backward)
