"""Deeper ways to ask JAX: batched, scanned, rematerialised, eagerly, twice, one input at a time.

Each answers the same question as a plain way does, so it meets the same truth. A batch holds two
companions besides the case itself, made of the same numbers in another order: a rule that mixes the
rows of a batch gives itself away.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from crosscheck.backends.jax_ways import Arrays, At, Way, every, pairing, value, vjp
from crosscheck.tree import leaves

OWN = 1  # where the case itself is in a batch


def batch(x: Arrays, axis: int = 0) -> Arrays:
    """Each array with its companions before and after it."""
    return [jnp.stack([jnp.flip(xi), xi, jnp.roll(xi, 1)], axis) for xi in x]


def own(said: Any) -> Arrays:
    """The case's own part of a batch of answers."""
    return [leaf[OWN] for leaf in leaves(said)]


def vmapped(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return own(jax.vmap(at)(*batch(x)))


def vmapped_on_last_axis(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return own(jax.vmap(at, in_axes=-1)(*batch(x, -1)))


def vmapped_over_one(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    axes = (0, *(None for _ in x[1:]))
    return own(jax.vmap(at, in_axes=axes)(*batch(x[:1]), *x[1:]))


def value_scanned(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return own(_scanned(at, batch(x)))


def _scanned(at: At, x: Arrays) -> Any:
    return jax.lax.scan(lambda _, xi: (None, at(*xi)), None, x)[1]


def vmap_of_vjp(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return own(jax.vmap(lambda x, g: jax.vjp(at, *x)[1](g))(batch(x), batch(g)))


def vjp_of_vmap(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return own(jax.vjp(jax.vmap(at), *batch(x))[1](batch(g)))


def vjp_of_scan(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return own(jax.vjp(lambda *x: _scanned(at, list(x)), *batch(x))[1](batch(g)))


def vjp_rematerialised(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.vjp(jax.checkpoint(at), *x)[1](g)


def vjp_of_each(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    def alone(k: int) -> Any:
        return jax.vjp(lambda xk: at(*x[:k], xk, *x[k + 1 :]), x[k])[1](g)

    return [alone(k) for k in range(len(x))]


def hessian_reverse_over_forward(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    k = every(x)
    return jax.jacrev(jax.jacfwd(pairing(at, g), argnums=k), argnums=k)(*x)


def hessian_vmapped(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    k = every(x)
    curvature = jax.jacrev(jax.jacrev(pairing(at, g), argnums=k), argnums=k)
    return own(jax.vmap(curvature)(*batch(x)))


def hessian_rematerialised(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    k = every(x)
    return jax.jacfwd(jax.jacrev(pairing(jax.checkpoint(at), g), argnums=k), argnums=k)(*x)


DEEP: dict[str, dict[str, Way]] = {
    "value": {
        "vmap": vmapped,
        "vmap-last-axis": vmapped_on_last_axis,
        "vmap-one-input": vmapped_over_one,
        "scan": value_scanned,
        "twice": value,
    },
    "vjp": {
        "eager": vjp,
        "vmap-of-vjp": vmap_of_vjp,
        "vjp-of-vmap": vjp_of_vmap,
        "scan": vjp_of_scan,
        "remat": vjp_rematerialised,
        "each-input": vjp_of_each,
        "twice": vjp,
    },
    "hessian": {
        "reverse-over-forward": hessian_reverse_over_forward,
        "vmap": hessian_vmapped,
        "remat": hessian_rematerialised,
    },
}
