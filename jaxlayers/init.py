"""Initial weights for `linear`, (in, out), whose scale keeps activations at a standard deviation
of about 1 from layer to layer. The same key draws the same numbers as in `torchlayers.init`."""

import math
from collections.abc import Sequence
from typing import Any

from jax import Array

from jaxlayers.random import as_key, floating, normal


def xavier(key: Array, shape: Sequence[int], dtype: Any = "float32") -> Array:
    """Normal weights for a layer with no activation, or with one of slope 1 at 0, such as tanh.

        w = normal / √in

    Args:
        key: (2,), a random key.
        shape: (in, out)
        dtype: a floating-point type; numbers of 16 bits are drawn in float32 and rounded.

    Raises:
        TypeError: key is not a key, or dtype not a floating-point type.
        ValueError: shape has not two axes.

    Reference: Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward
    neural networks.
    """
    return _scaled("xavier", key, shape, dtype, gain=1)


def kaiming(key: Array, shape: Sequence[int], dtype: Any = "float32") -> Array:
    """Normal weights for a layer followed by relu, which loses half of the mean square.

        w = normal √(2 / in)

    Args:
        key: (2,), a random key.
        shape: (in, out)
        dtype: a floating-point type; numbers of 16 bits are drawn in float32 and rounded.

    Raises:
        TypeError: key is not a key, or dtype not a floating-point type.
        ValueError: shape has not two axes.

    Reference: He et al. 2015, https://arxiv.org/abs/1502.01852
    """
    return _scaled("kaiming", key, shape, dtype, gain=2)


def _scaled(name: str, key: Array, shape: Sequence[int], dtype: Any, gain: float) -> Array:
    key, wide = as_key(name, key), floating(name, dtype).itemsize > 2
    if len(shape) != 2:
        raise ValueError(
            f"{name}: expected shape to be (in, out), got {tuple(shape)}; pass two lengths"
        )
    w = normal(key, shape, dtype if wide else "float32")
    return (w * math.sqrt(gain / max(shape[0], 1))).astype(dtype)
