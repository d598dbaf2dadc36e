"""Kullback-Leibler divergence. Derivation: crosscheck/catalog/losses/kl_div.py."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.checks import arrays, switch
from jaxlayers.paired import paired
from jaxlayers.quotient import quotient
from jaxlayers.reductions import reducing


def kl_div(
    p: Array, q: Array, log_p: bool = False, log_q: bool = False, reduction: str = "mean"
) -> Array:
    """The divergence D(p || q) of each row from the truth p, and then the mean of all rows.

        Σ p log(p / q)

    Where p = 0 there is no part in it: value and gradients are 0, for q = 0 too. Where only q = 0
    the row is infinite. Entries of p = q add exactly 0, and nearly equal ones what they should.
    Nothing is normalised. Of no rows at all the mean is NaN.

    Args:
        p: (..., c), probabilities, or with log_p their logarithms.
        q: (..., c), the same shape: probabilities, or with log_q their logarithms.
        log_p: whether p are logarithms.
        log_q: whether q are logarithms.
        reduction: "mean", "sum" or "none": of the rows.

    Raises:
        TypeError: an argument is not a floating-point array, they differ in dtype, or a setting is
            not of its type.
        ValueError: the shapes differ, or there is no such reduction.

    Reference: Kullback and Leibler 1951, On information and sufficiency.
    """
    p, q = arrays("kl_div", p=(p, "... c"), q=(q, "... c"))
    logs = switch("kl_div", "log_p", log_p), switch("kl_div", "log_q", log_q)
    return _kl_div(p, q, reducing("kl_div", "reduction", reduction), *logs)


@jax.custom_jvp
def _log_ratio(p: Array, q: Array) -> Array:
    """log(p / q): near 0 from p - q, which is exact there."""
    d, r, of = p - q, p / q, jnp.finfo(p.dtype)
    far = jnp.where((r >= of.tiny) & (r <= of.max), jnp.log(r), jnp.log(p) - jnp.log(q))
    # XLA's log1p is off by 240 roundings in float64 near -0.4.
    return jnp.where(abs(d) <= q / 4, jnp.log1p(d / q), far)


@_log_ratio.defjvp
def _(pq: Any, tangents: Any) -> tuple[Array, Array]:
    (p, q), (tp, tq) = pq, tangents
    return _log_ratio(p, q), tp / p - tq / q


def _parts(p: Array, q: Array, log_p: bool, log_q: bool) -> tuple[Array, Array, Array, Array]:
    """Where p = 0; and p, log(p / q) and q as it came, which are 1, 0 and that of 1 there."""
    out = (jnp.exp(p) if log_p else p) == 0
    p, q = jnp.where(out, 1 - log_p, p), jnp.where(out, 1 - log_q, q)
    if log_p or log_q:
        ratio = (p if log_p else jnp.log(p)) - (q if log_q else jnp.log(q))
    else:
        ratio = _log_ratio(p, q)
    return out, jnp.exp(p) if log_p else p, ratio, q


def _entries(p: Array, q: Array, *logs: bool) -> Array:
    out, weight, ratio, _ = _parts(p, q, *logs)
    return jnp.where(out, 0, weight * ratio)


def _slope_p(p: Array, q: Array, log_p: bool, log_q: bool) -> Array:
    out, weight, ratio, _ = _parts(p, q, log_p, log_q)
    return jnp.where(out, 0, (weight if log_p else 1) * (ratio + 1))


def _slope_q(p: Array, q: Array, log_p: bool, log_q: bool) -> Array:
    out, weight, _, q = _parts(p, q, log_p, log_q)
    return jnp.where(out, 0, -weight if log_q else quotient(-weight, q))


_kl_div = paired(_entries, _slope_p, _slope_q, rows=True)
