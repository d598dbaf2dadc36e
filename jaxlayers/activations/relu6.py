"""ReLU6. Derivation: crosscheck/catalog/activations/relu6.py."""

import jax.numpy as jnp
from jax import Array

from jaxlayers.elementwise import elementwise


def _first(x: Array) -> Array:
    return jnp.where((x > 0) & (x < 6), jnp.ones_like(x), 0)


def _second(x: Array) -> Array:
    return jnp.zeros_like(x)


@elementwise(_first, _second)
def relu6(x: Array) -> Array:
    """Rectified linear unit that saturates at 6.

        min(max(x, 0), 6)

    The slope at 0 and at 6 is 0. NaN passes through.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point array.

    Reference: Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10.
    """
    return jnp.clip(x, 0, 6)
