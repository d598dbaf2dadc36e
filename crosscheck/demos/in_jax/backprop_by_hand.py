"""Document 004's fifty layers in JAX: what becomes of the scale of activations."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxlayers import linear, relu
from jaxlayers.init import kaiming, xavier
from jaxlayers.random import normal

INITIAL = {
    "plain": normal,
    "0.01": lambda key, shape: 0.01 * normal(key, shape),
    "Xavier": xavier,
    "Kaiming": kaiming,
}


def activations(
    seed: int, shape: tuple[int, int], depth: int, initial: str, rectified: bool
) -> np.ndarray:
    """x, then what each layer makes of it: (depth + 1, batch, width), float32."""
    with jax.default_matmul_precision("highest"):  # on a GPU too
        key = jax.random.key(seed)
        x = normal(jax.random.fold_in(key, 0), shape)
        stack = [x]
        for layer in range(1, depth + 1):
            w = INITIAL[initial](jax.random.fold_in(key, layer), (shape[1], shape[1]))
            x = linear(x, w)
            x = relu(x) if rectified else x
            stack.append(x)
        return np.asarray(jnp.stack(stack))
