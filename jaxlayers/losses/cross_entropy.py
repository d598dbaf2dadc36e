"""Cross entropy. Derivation: crosscheck/catalog/losses/cross_entropy.py."""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.classes import Rule, count, live, losses, rule_of, slopes
from jaxlayers.dtypes import widen
from jaxlayers.labels import labelled
from jaxlayers.reductions import reduced, shared


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

    Reference: Szegedy et al. 2016, https://arxiv.org/abs/1512.00567 (smoothing); Chowdhery et al.
    2022, https://arxiv.org/abs/2204.02311 (z_loss).
    """
    x, labels = labelled("cross_entropy", labels, logits=(logits, "... c"))
    rule = rule_of("cross_entropy", smoothing, z_loss, ignore_index, reduction)
    return _cross_entropy(x, labels, rule)


def _value(x: Array, labels: Array, rule: Rule) -> Array:
    rows = losses(widen(x), labels, rule)
    return reduced(rows, rule.reduction, count(labels, rule)).astype(x.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(2,))
def _cross_entropy(x: Array, labels: Array, rule: Rule) -> Array:
    return _value(x, labels, rule)


def _forward(x: Array, labels: Array, rule: Rule) -> tuple[Array, tuple[Array, Array]]:
    return _value(x, labels, rule), (x, labels)


def _backward(rule: Rule, kept: tuple[Array, Array], g: Array) -> tuple[Array, None]:
    x, labels = kept
    g = jnp.broadcast_to(g, labels.shape)
    x, labels = again(x, g[..., None]), again(labels, g)
    g = jnp.where(live(labels, rule), shared(g, rule.reduction, count(labels, rule)), 0)
    dx = g[..., None] * slopes(widen(x), labels, rule)
    return dx.astype(x.dtype), None


_cross_entropy.defvjp(_forward, _backward)
