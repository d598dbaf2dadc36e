"""Attention. Derivation: crosscheck/catalog/attention/attention.py."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.axes import masking
from jaxlayers.checks import arrays, from_one, number, switch
from jaxlayers.dtypes import widen
from jaxlayers.rowwise import Arrays, in_blocks
from jaxlayers.simplex import fill, probabilities, spread


class _Rule(NamedTuple):
    causal: bool
    scale: float
    block: int


def attention(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None = None,
    causal: bool = False,
    scale: float | None = None,
    block: int = 128,
) -> Array:
    """Scaled dot-product attention: for each query the mean of the values, weighted by its keys.

        softmax(scale q kᵀ) v

    Computed for `block` queries at a time, in every derivative up to the second: scores never exist
    whole. What the mask leaves out, and with `causal` the keys after a query's own place, have no
    part, but must be finite too: 0 times NaN is NaN. A query to which nothing is left gives 0, with
    gradient 0. Heads of queries share those of keys and values in groups of neighbours.

    Args:
        q: (..., heads, t, d)
        k: (..., kv, s, d), heads a multiple of kv.
        v: (..., kv, s, e)
        mask: truth values of a shape that broadcasts to (..., heads, t, s), false where a key is
            left out; or None.
        causal: whether query i sees keys 0 to i only.
        scale: what scores are multiplied by; None is 1/√d.
        block: how many queries at a time, at least 1; it need not divide t.

    Raises:
        TypeError: not floating-point arrays of one dtype, the mask is none of truth values, or a
            setting is not of its type.
        ValueError: shapes that do not fit, heads that are no multiple of kv, or a block below 1.

    Reference: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; Rabe and Staats 2021,
    https://arxiv.org/abs/2112.05682 (blocks); Ainslie et al. 2023, https://arxiv.org/abs/2305.13245
    (groups of heads).
    """
    q, k, v = arrays("attention", q=(q, "... heads t d"), k=(k, "... kv s d"), v=(v, "... kv s e"))
    _check_groups(q.shape[-3], k.shape[-3])
    mask = masking("attention", mask, (*q.shape[:-1], k.shape[-2]), "scores")
    rule = _rule(q.shape[-1], causal, scale, block)
    return _attention(q, k, v, mask, rule)


def _check_groups(heads: int, kv: int) -> None:
    if heads % max(kv, 1) or (heads and not kv):
        raise ValueError(
            f"attention: expected heads of q to be a multiple of those of k and v, got {heads} and "
            f"{kv}; repeat heads of k and v"
        )


def _rule(d: int, causal: bool, scale: float | None, block: int) -> _Rule:
    return _Rule(
        switch("attention", "causal", causal),
        max(d, 1) ** -0.5 if scale is None else number("attention", "scale", scale),
        from_one("attention", "block", block),
    )


def _visible(mask: Array | None, start: Array | int, t: int, s: int, rule: _Rule) -> Array | None:
    """What the queries from `start` on see, given their own rows of the mask."""
    if not rule.causal:
        return mask
    past = jnp.arange(s) <= start + jnp.arange(t)[:, None]
    return past if mask is None else mask & past


def _shared(a: Array, kv: int) -> Array:
    """(..., heads, t, d) as (..., kv, group t, d): the rows of all heads that share one of k."""
    *lead, heads, t, d = a.shape
    return a if heads == kv else a.reshape(*lead, kv, heads // max(kv, 1) * t, d)


def _scores(q: Array, k: Array) -> Array:
    """q kᵀ, for every head of q."""
    return (_shared(q, k.shape[-3]) @ k.mT).reshape(*q.shape[:-1], k.shape[-2])


def _mixed(p: Array, v: Array) -> Array:
    """p v, for every head of p."""
    return (_shared(p, v.shape[-3]) @ v).reshape(*p.shape[:-1], v.shape[-1])


def _gathered(p: Array, q: Array, like: Array) -> Array:
    """pᵀ q, summed over the heads that share one of `like`."""
    kv = like.shape[-3]
    return _shared(p, kv).mT @ _shared(q, kv)


def _split(mask: Array | None) -> tuple[Arrays, Array | None]:
    """A mask that differs from query to query, to be cut into blocks; and one that does not."""
    if mask is not None and mask.ndim > 1 and mask.shape[-2] > 1:
        return (mask,), None
    return (), mask


def _weights(q: Array, k: Array, start: Array | int, mask: Array | None, rule: _Rule) -> Array:
    """p of a block of queries, which are multiplied by the scale already."""
    visible = _visible(mask, start, q.shape[-2], k.shape[-2], rule)
    return probabilities(fill(_scores(q, k), visible), -1)


def _value(q: Array, k: Array, v: Array, mask: Array | None, rule: _Rule) -> Array:
    k, v = widen(k), widen(v)
    own, common = _split(mask)

    def part(start: Array | int, q: Array, *own: Array) -> tuple[Array, Arrays]:
        mask = own[0] if own else common
        return _mixed(_weights(widen(q) * rule.scale, k, start, mask, rule), v), ()

    return in_blocks(part, rule.block, (q, *own))[0].astype(q.dtype)


@partial(jax.custom_vjp, nondiff_argnums=(4,))
def _attention(q: Array, k: Array, v: Array, mask: Array | None, rule: _Rule) -> Array:
    return _value(q, k, v, mask, rule)


def _forward(
    q: Array, k: Array, v: Array, mask: Array | None, rule: _Rule
) -> tuple[Array, tuple[Array, Array, Array, Array | None]]:
    return _value(q, k, v, mask, rule), (q, k, v, mask)


def _backward(rule: _Rule, kept: Any, g: Array) -> tuple[Array, Array, Array, None]:
    q, k, v, mask = kept
    q = again(q, jnp.sum(g[..., :1], -1, keepdims=True))
    keys, values = widen(k), widen(v)
    own, common = _split(mask)

    def part(start: Array | int, q: Array, g: Array, *own: Array) -> tuple[Array, Arrays]:
        q, g = widen(q) * rule.scale, widen(g)
        p = _weights(q, keys, start, own[0] if own else common, rule)
        ds = spread(p, _scores(g, values), -1)
        return _mixed(ds, keys) * rule.scale, (_gathered(ds, q, k), _gathered(p, g, v))

    dq, (dk, dv) = in_blocks(part, rule.block, (q, g, *own), k, v)
    return dq.astype(q.dtype), dk.astype(q.dtype), dv.astype(q.dtype), None


_attention.defvjp(_forward, _backward)
