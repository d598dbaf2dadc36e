"""Rows of logits and their labels: what cross entropy and its form without logits share.

Derivation: crosscheck/catalog/losses/cross_entropy.py.
"""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import from_zero, integer
from jaxlayers.indices import bounded, wide
from jaxlayers.reductions import reducing
from jaxlayers.simplex import fill, log_sum, log_total, probabilities, shifted, spread


class Rule(NamedTuple):
    smoothing: float
    z_loss: float
    ignore_index: int
    reduction: str


def rule_of(layer: str, smoothing: Any, z_loss: Any, ignore_index: Any, reduction: Any) -> Rule:
    """The settings, checked.

    Raises:
        TypeError: one is not of its type.
        ValueError: one is out of range.
    """
    return Rule(
        from_zero(below=1)(layer, "smoothing", smoothing),
        from_zero()(layer, "z_loss", z_loss),
        integer(layer, "ignore_index", ignore_index),
        reducing(layer, "reduction", reduction),
    )


def live(labels: Array, rule: Rule) -> Array:
    """Where the label is not to be ignored."""
    labels = wide(labels)
    return labels != bounded(rule.ignore_index, labels.dtype)


def _hits(x: Array, labels: Array) -> Array:
    """Where the class is the label."""
    return wide(labels)[..., None] == jnp.arange(x.shape[-1])


def _share(x: Array, rule: Rule) -> Array | float:
    """What smoothing gives each class."""
    if not rule.smoothing:
        return 0.0
    part = x != -jnp.inf
    classes = jnp.maximum(part.sum(-1, keepdims=True), 1)
    return jnp.where(part, rule.smoothing / classes.astype(x.dtype), 0)


def _weights(x: Array, labels: Array, rule: Rule) -> Array:
    """1 for each row; 0 where it is ignored, NaN where its label is no class."""
    labels = wide(labels)
    known = (labels >= 0) & (labels < x.shape[-1])
    return jnp.where(live(labels, rule), jnp.where(known, 1.0, jnp.nan), 0.0)


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def losses(x: Array, labels: Array, rule: Rule) -> Array:
    """The loss of each row."""
    z, m = shifted(x, -1)
    total = log_sum(z, -1)
    total = jnp.where(total == -jnp.inf, 0, total)  # where no class is left
    loss = total[..., 0] - (1 - rule.smoothing) * jnp.where(_hits(x, labels), z, 0).sum(-1)
    if rule.smoothing:
        loss -= jnp.where(z == -jnp.inf, 0, _share(x, rule) * z).sum(-1)
    if rule.z_loss:
        loss += rule.z_loss * jnp.square(m + total)[..., 0]
    return jnp.where(live(labels, rule), loss * _weights(x, labels, rule), 0)


@losses.defjvp
def _(rule: Rule, given: Any, tangents: Any) -> tuple[Array, Array]:
    (x, labels), (tx, _) = given, tangents
    return losses(x, labels, rule), (slopes(x, labels, rule) * tx).sum(-1)


@partial(jax.custom_jvp, nondiff_argnums=(2,))
def _gaps(x: Array, labels: Array, rule: Rule) -> Array:
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
def _(rule: Rule, given: Any, tangents: Any) -> tuple[Array, Array]:
    (x, labels), (tx, _) = given, tangents
    return _gaps(x, labels, rule), spread(probabilities(x, -1), tx, -1)  # q has no derivative


def slopes(x: Array, labels: Array, rule: Rule) -> Array:
    """The gradient of each row's loss."""
    x = fill(x, live(labels, rule)[..., None])
    gaps = _gaps(x, labels, rule)
    if rule.z_loss:
        z = log_total(x, -1)
        gaps += 2 * rule.z_loss * jnp.where(z == -jnp.inf, 0, z) * probabilities(x, -1)
    return _weights(x, labels, rule)[..., None] * gaps


def count(labels: Array, rule: Rule) -> Array:
    """How many rows a mean is over."""
    return jnp.maximum(live(labels, rule).sum(), 1)
