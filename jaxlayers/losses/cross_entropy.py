"""Cross entropy. Derivation: crosscheck/catalog/losses/cross_entropy.py."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.checks import from_zero, integer
from jaxlayers.dtypes import widen
from jaxlayers.indices import wide
from jaxlayers.labels import labelled
from jaxlayers.reductions import reduced, reducing, shared
from jaxlayers.simplex import fill, log_sum, log_total, probabilities, shifted, spread


class _Rule(NamedTuple):
    smoothing: float
    z_loss: float
    ignore_index: int
    reduction: str


def cross_entropy(
    logits: Array,
    labels: Array,
    smoothing: float = 0.0,
    z_loss: float = 0.0,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Array:
    """Cross entropy of labels and softmax(logits), right where the right class is far ahead too.

        z - Σ q logits + z_loss z²        z = log Σ exp(logits)

    q is 1 - smoothing at the label, and smoothing is spread evenly over all classes. Logits of -inf
    leave a class out, of this too; at the label they make the loss infinite. Rows with the label
    `ignore_index` add nothing, whatever they hold, and do not count in the mean: of no rows at all
    it is 0. Where a label is no class, the row is NaN.

    Args:
        logits: (..., c)
        labels: (...), whole numbers from 0 to c - 1, or ignore_index.
        smoothing: a number from 0 on, below 1.
        z_loss: a number from 0 on: what a large z costs.
        ignore_index: the label of rows that are left out.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: logits are not a floating-point array, labels not one of whole numbers, or a
            setting is not of its type.
        ValueError: the shapes do not fit, or a setting is out of range.
    """
    x, labels = labelled("cross_entropy", labels, "... c", logits=logits)
    rule = _Rule(
        from_zero(below=1)("cross_entropy", "smoothing", smoothing),
        from_zero()("cross_entropy", "z_loss", z_loss),
        integer("cross_entropy", "ignore_index", ignore_index),
        reducing("cross_entropy", "reduction", reduction),
    )
    return _cross_entropy(x, labels, rule)


def _live(labels: Array, rule: _Rule) -> Array:
    return wide(labels) != rule.ignore_index


def _hits(x: Array, labels: Array) -> Array:
    """Where the class is the label."""
    return wide(labels)[..., None] == jnp.arange(x.shape[-1])


def _share(x: Array, rule: _Rule) -> Array | float:
    """What smoothing gives each class."""
    if not rule.smoothing:
        return 0.0
    part = x != -jnp.inf
    return jnp.where(part, rule.smoothing / jnp.maximum(part.sum(-1, keepdims=True), 1), 0)


def _weights(x: Array, labels: Array, rule: _Rule) -> Array:
    """1 for each row; 0 where it is ignored, NaN where its label is no class."""
    labels = wide(labels)
    known = (labels >= 0) & (labels < x.shape[-1])
    return jnp.where(_live(labels, rule), jnp.where(known, 1.0, jnp.nan), 0.0)


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def _rows(x: Array, labels: Array, rule: _Rule) -> Array:
    """The loss of each row."""
    z, m = shifted(x, -1)
    total = log_sum(z, -1)
    total = jnp.where(total == -jnp.inf, 0, total)  # where no class is left
    losses = total[..., 0] - (1 - rule.smoothing) * jnp.where(_hits(x, labels), z, 0).sum(-1)
    if rule.smoothing:
        losses -= jnp.where(z == -jnp.inf, 0, _share(x, rule) * z).sum(-1)
    if rule.z_loss:
        losses += rule.z_loss * jnp.square(m + total)[..., 0]
    return jnp.where(_live(labels, rule), losses * _weights(x, labels, rule), 0)


@_rows.defjvp
def _(rule: _Rule, given: Any, tangents: Any) -> tuple[Array, Array]:
    (x, labels), (tx, _) = given, tangents
    return _rows(x, labels, rule), (_slopes(x, labels, rule) * tx).sum(-1)


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def _gaps(x: Array, labels: Array, rule: _Rule) -> Array:
    """p - q of each row, whose sum is 0: that of the label is less the sum of the others."""
    hits, share = _hits(x, labels), _share(x, rule)
    e = jnp.exp(shifted(x, -1)[0])
    total = e.sum(-1, keepdims=True)
    total = jnp.where(total == 0, 1, total)
    others = jnp.where(hits, 0, e).sum(-1, keepdims=True) / total
    if rule.smoothing:
        others -= jnp.where(hits, 0, share).sum(-1, keepdims=True)
    return jnp.where(hits, -others, e / total - share)


@_gaps.defjvp
def _(rule: _Rule, given: Any, tangents: Any) -> tuple[Array, Array]:
    (x, labels), (tx, _) = given, tangents
    return _gaps(x, labels, rule), spread(probabilities(x, -1), tx, -1)  # q has no derivative


def _slopes(x: Array, labels: Array, rule: _Rule) -> Array:
    """The gradient of each row's loss."""
    x = fill(x, _live(labels, rule)[..., None])
    slopes = _gaps(x, labels, rule)
    if rule.z_loss:
        z = log_total(x, -1)
        slopes += 2 * rule.z_loss * jnp.where(z == -jnp.inf, 0, z) * probabilities(x, -1)
    return _weights(x, labels, rule)[..., None] * slopes


def _count(labels: Array, rule: _Rule) -> Array:
    return jnp.maximum(_live(labels, rule).sum(), 1)


def _value(x: Array, labels: Array, rule: _Rule) -> Array:
    rows = _rows(widen(x), labels, rule)
    return reduced(rows, rule.reduction, _count(labels, rule)).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _cross_entropy(x: Array, labels: Array, rule: _Rule) -> Array:
    return _value(x, labels, rule)


def _forward(x: Array, labels: Array, rule: _Rule) -> tuple[Array, tuple[Array, Array]]:
    return _value(x, labels, rule), (x, labels)


def _backward(rule: _Rule, kept: tuple[Array, Array], g: Array) -> tuple[Array, None]:
    x, labels = kept
    g = jnp.broadcast_to(g, labels.shape)
    x, labels = again(x, g[..., None]), again(labels, g)
    g = jnp.where(_live(labels, rule), shared(g, rule.reduction, _count(labels, rule)), 0)
    dx = g[..., None] * _slopes(widen(x), labels, rule)
    return dx.astype(x.dtype), None


_cross_entropy.defvjp(_forward, _backward)
