"""Initial weights for `linear`, (in, out), whose scale keeps activations at a standard deviation
of about 1 from layer to layer. The same key draws the same numbers as in `torchlayers.init`,
but for the few units in the last place that `torchlayers.random.normal` states."""

import math
import operator
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
        TypeError: key is not a key, dtype not a floating-point type, or shape not of whole numbers.
        ValueError: shape has not two axes, or one is negative.

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
        TypeError: key is not a key, dtype not a floating-point type, or shape not of whole numbers.
        ValueError: shape has not two axes, or one is negative.

    Reference: He et al. 2015, https://arxiv.org/abs/1502.01852
    """
    return _scaled("kaiming", key, shape, dtype, gain=2)


def _scaled(name: str, key: Array, shape: Sequence[int], dtype: Any, gain: float) -> Array:
    key, wide = as_key(name, key), floating(name, dtype).itemsize > 2
    shape = _two_lengths(name, shape)
    w = normal(key, shape, dtype if wide else "float32")
    return (w * math.sqrt(gain / max(shape[0], 1))).astype(dtype)


def _two_lengths(name: str, shape: Sequence[int]) -> tuple[int, ...]:
    wanted = f"{name}: expected shape to be"
    try:
        lengths = tuple(map(operator.index, shape))
    except TypeError:
        raise TypeError(f"{wanted} whole numbers, got {shape!r}; pass (in, out)") from None
    if len(lengths) != 2:
        raise ValueError(f"{wanted} (in, out), got {lengths}; pass two lengths")
    if min(lengths) < 0:
        raise ValueError(f"{wanted} lengths from 0 on, got {lengths}; pass (in, out)")
    return lengths
