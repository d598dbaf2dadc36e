"""Attention. Derivation: crosscheck/catalog/attention/attention.py."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.again import again
from jaxlayers.axes import masking
from jaxlayers.checks import arrays, integer, number, switch
from jaxlayers.dtypes import widen
from jaxlayers.simplex import fill, probabilities, spread

Arrays = tuple[Array, ...]


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
    part; a query to which nothing is left gives 0, with gradient 0. Heads of queries share those of
    keys and values in groups of neighbours.

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
    """
    q, k, v = arrays("attention", q=(q, "... heads t d"), k=(k, "... kv s d"), v=(v, "... kv s e"))
    _group(q.shape[-3], k.shape[-3])
    mask = masking("attention", mask, (*q.shape[:-1], k.shape[-2]), "scores")
    rule = _rule(q.shape[-1], causal, scale, block)
    return _attention(q, k, v, mask, rule)


def _group(heads: int, kv: int) -> int:
    """How many heads of queries share one of keys and values."""
    if heads % max(kv, 1) or (heads and not kv):
        raise ValueError(
            f"attention: expected heads of q to be a multiple of those of k and v, got {heads} and "
            f"{kv}; repeat heads of k and v"
        )
    return heads // kv if kv else 1


def _rule(d: int, causal: bool, scale: float | None, block: int) -> _Rule:
    causal, block = switch("attention", "causal", causal), integer("attention", "block", block)
    if block < 1:
        raise ValueError(
            f"attention: expected the setting block to be at least 1, got {block}; pass 128"
        )
    wanted = max(d, 1) ** -0.5 if scale is None else number("attention", "scale", scale)
    return _Rule(causal, wanted, block)


def _visible(mask: Array | None, start: Array | int, t: int, s: int, rule: _Rule) -> Array | None:
    """What the queries from `start` on see, given their own rows of the mask."""
    if not rule.causal:
        return mask
    past = jnp.arange(s) <= start + jnp.arange(t)[:, None]
    return past if mask is None else mask & past


Part = Callable[[Arrays, Array | None], tuple[Array, Arrays]]


def _in_rows(part: Part, of: Arrays, mask: Array | None, s: int, rule: _Rule, *sums: Array) -> Any:
    """What `part` says of the rows of some arrays, block by block, and its sums over all blocks.

    In a derivative of it each block is computed again, so that no scores outlive their block.
    """
    t, block = of[0].shape[-2], rule.block
    if t <= block:
        return part(of, _visible(mask, 0, t, s, rule))
    many = mask is not None and mask.ndim > 1 and mask.shape[-2] > 1

    @partial(jax.checkpoint, prevent_cse=False)
    def again_in_derivatives(start: Array, own: Arrays, seen: Any) -> tuple[Array, Arrays]:
        return part(own, _visible(seen if many else mask, start, block, s, rule))

    def step(total: Arrays, rows: Any) -> tuple[Arrays, Array]:
        y, added = again_in_derivatives(*rows)
        return tuple(a + b for a, b in zip(total, added, strict=True)), y

    starts = jnp.arange(0, t, block)
    rows = starts, tuple(_blocks(a, block) for a in of), _blocks(mask, block) if many else None
    total, y = jax.lax.scan(step, tuple(jnp.zeros_like(widen(a)) for a in sums), rows)
    y = jnp.moveaxis(y, 0, -3)
    return y.reshape(*y.shape[:-3], starts.size * block, y.shape[-1])[..., :t, :], total


def _blocks(a: Any, block: int) -> Array:
    """(..., t, d) as (blocks, ..., block, d); zeros, or False, fill the last one."""
    n = -(-a.shape[-2] // block)
    fill_up = [(0, 0)] * (a.ndim - 2) + [(0, n * block - a.shape[-2]), (0, 0)]
    whole = jnp.pad(a, fill_up)
    return jnp.moveaxis(whole.reshape(*a.shape[:-2], n, block, a.shape[-1]), -3, 0)


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


def _weights(q: Array, k: Array, visible: Array | None) -> Array:
    return probabilities(fill(_scores(q, k), visible), -1)


def _value(q: Array, k: Array, v: Array, mask: Array | None, rule: _Rule) -> Array:
    k, v = widen(k), widen(v)

    def part(rows: Arrays, visible: Array | None) -> tuple[Array, Arrays]:
        return _mixed(_weights(widen(rows[0]) * rule.scale, k, visible), v), ()

    return _in_rows(part, (q,), mask, k.shape[-2], rule)[0].astype(q.dtype)


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

    def part(rows: Arrays, visible: Array | None) -> tuple[Array, Arrays]:
        qb, gb = widen(rows[0]) * rule.scale, widen(rows[1])
        p = _weights(qb, keys, visible)
        ds = spread(p, _scores(gb, values), -1)
        return _mixed(ds, keys) * rule.scale, (_gathered(ds, qb, k), _gathered(p, gb, v))

    dq, (dk, dv) = _in_rows(part, (q, g), mask, k.shape[-2], rule, k, v)
    return dq.astype(q.dtype), dk.astype(q.dtype), dv.astype(q.dtype), None


_attention.defvjp(_forward, _backward)
