"""JAX as a defect sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from crosscheck.audit.sides import Side

Rule = Callable[..., Any]


def jax_rule(
    forward: Rule, backward: Rule, through: Rule | None = None, tangent: Rule | None = None
) -> Rule:
    """A custom_vjp of forward(*x) and backward(g, *x).

    Args:
        through: what its forward rule returns, if not the same.
        tangent: makes it a custom_jvp instead, of tangent(x, t).
    """
    if tangent is not None:
        return _forward_mode(forward, through or forward, tangent)
    layer = jax.custom_vjp(forward)
    layer.defvjp(lambda *x: ((through or forward)(*x), x), lambda x, g: backward(g, *x))
    return layer


def _forward_mode(forward: Rule, through: Rule, tangent: Rule) -> Rule:
    layer = jax.custom_jvp(forward)
    layer.defjvp(lambda x, t: (through(*x), tangent(x, t)))
    return layer


def _cast(x: Any, dtype: str) -> Any:
    return x.astype(dtype)


def _is_traced(x: Any) -> bool:
    return isinstance(x, jax.core.Tracer)


def _is_batched(x: Any) -> bool:
    while isinstance(x, jax.core.Tracer):
        if type(x).__name__ == "BatchTracer":  # it has no public name
            return True
        x = getattr(x, "primal", None)
    return False


SIDE = Side(
    "jax",
    jnp,
    jax_rule,
    jax.lax.stop_gradient,
    jax.vjp,
    _cast,
    jnp.asarray,
    _is_traced,
    _is_batched,
    lambda x: False,  # a forward rule knows instead
)
