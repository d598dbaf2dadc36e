"""Plain ways to ask JAX. Each runs inside one compiled function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from crosscheck.question import same_shapes

At = Callable[
    ..., list[Any]
]  # the layer as a function of its differentiable inputs alone; a list of outputs
Arrays = list[Any]
Way = Callable[[At, Arrays, Arrays, Arrays], Any]  # layer, x, cotangents g, tangents t


def value(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return at(*x)


def value_through_vjp(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.vjp(at, *x)[0]  # a custom_vjp's forward rule may differ from its primal


def vjp(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.vjp(at, *x)[1](g)


def jvp_forward(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jvp(at, tuple(x), tuple(t))[1]


def jvp_transposed(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    pullback = jax.vjp(at, *x)[1]  # linear in g, so its own transpose is the JVP
    return jax.vjp(pullback, g)[1](tuple(t))[0]


def jacobian_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jacrev(at, argnums=every(x))(*x)


def jacobian_forward(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jacfwd(at, argnums=every(x))(*x)


def hessian_reverse_over_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jacrev(jax.jacrev(pairing(at, g), argnums=every(x)), argnums=every(x))(*x)


def hessian_forward_over_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jacfwd(jax.jacrev(pairing(at, g), argnums=every(x)), argnums=every(x))(*x)


def product_reverse_over_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.vjp(jax.grad(pairing(at, g), argnums=every(x)), *x)[1](tuple(t))


def product_forward_over_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jvp(jax.grad(pairing(at, g), argnums=every(x)), tuple(x), tuple(t))[1]


def pairing(at: At, g: Arrays) -> Callable[..., Any]:
    """⟨g, y⟩ as a function of the differentiable inputs."""

    def paired(*x: Any) -> Any:
        y = at(*x)
        same_shapes([gi.shape for gi in g], [yi.shape for yi in y])
        return sum(jnp.sum(gi * yi) for gi, yi in zip(g, y, strict=True))

    return paired


def every(x: Arrays) -> tuple[int, ...]:
    return tuple(range(len(x)))


WAYS: dict[str, dict[str, Way]] = {
    "value": {"jit": value, "eager": value, "through-vjp": value_through_vjp},
    "vjp": {"functional": vjp},
    "jvp": {"forward": jvp_forward, "transposed": jvp_transposed},
    "jacobian": {"reverse": jacobian_reverse, "forward": jacobian_forward},
    "hessian": {
        "reverse-over-reverse": hessian_reverse_over_reverse,
        "forward-over-reverse": hessian_forward_over_reverse,
    },
    "product": {
        "reverse-over-reverse": product_reverse_over_reverse,
        "forward-over-reverse": product_forward_over_reverse,
    },
}
