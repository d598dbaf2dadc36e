"""Random keys and masks, beside `jax.random`: the same bits in whatever way JAX is configured.

`jax.random.bernoulli` compares floats, whose type `jax.enable_x64` changes, and its bits depend on
`jax_threefry_partitionable` and `jax_default_prng_impl`. Here 32 random bits of Threefry-2x32 are
compared as whole numbers, so that masks are those of `torchlayers.random`, everywhere.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxlayers.checks import FLOATS, number

THREEFRY = "threefry2x32"


def bernoulli(key: Array, p: float = 0.5, shape: Sequence[int] = ()) -> Array:
    """True with probability p in [0, 1], else False.

        (b >> 9) < ⌈float32(p) 2²³⌉,  b: 32 random bits

    Whole numbers are compared, so that no rounding can make two masks differ. The probability is
    thereby p rounded up to a multiple of 2⁻²³.
    """
    p = probability("bernoulli", "p", p)
    below = math.ceil(np.float32(p) * np.float32(2**23))
    return (_draw("bernoulli", key, jax.random.bits, tuple(shape), "uint32") >> 9) < jnp.uint32(
        below
    )


def uniform(key: Array, shape: Sequence[int] = (), dtype: Any = "float32") -> Array:
    """Numbers evenly from [0, 1): those of `jax.random.uniform`."""
    return _draw("uniform", key, jax.random.uniform, tuple(shape), floating("uniform", dtype))


def normal(key: Array, shape: Sequence[int] = (), dtype: Any = "float32") -> Array:
    """Numbers from the standard normal distribution: those of `jax.random.normal`."""
    return _draw("normal", key, jax.random.normal, tuple(shape), floating("normal", dtype))


def as_key(name: str, key: Any) -> Array:
    """An argument: a random key of Threefry, as its two numbers.

    Raises:
        TypeError: not a key, nor an array of type uint32.
        ValueError: several keys, or not of shape (2,).
    """
    wanted = f"{name}: expected key to be a random key, uint32 of shape (2,), got"
    remedy = 'make one with jax.random.key(0, impl="threefry2x32")'
    if not isinstance(key, (Array, np.ndarray)):
        kind = f"{type(key).__module__}.{type(key).__name__}".removeprefix("builtins.")
        raise TypeError(f"{wanted} {kind}; {remedy}")
    got = f"{key.dtype} of shape {key.shape}"
    if jnp.issubdtype(key.dtype, jax.dtypes.prng_key) and str(jax.random.key_impl(key)) == THREEFRY:
        key = jax.random.key_data(key)
    if key.dtype != jnp.uint32:
        raise TypeError(f"{wanted} {got}; {remedy}")
    if key.shape != (2,):
        raise ValueError(f"{wanted} {got}; {remedy}")
    return key if isinstance(key, Array) else jnp.asarray(key)


def probability(layer: str, name: str, value: Any) -> float:
    """A setting: a Python number in [0, 1].

    Raises:
        TypeError: not a number, or traced by `jax.jit`.
        ValueError: not in [0, 1].
    """
    p = number(layer, name, value)
    if not 0 <= p <= 1:
        raise ValueError(
            f"{layer}: expected the setting {name} to be a number from 0 to 1, got {p}; "
            "pass a probability"
        )
    return p


def floating(name: str, dtype: Any) -> np.dtype[Any]:
    """An argument: a floating-point type.

    Raises:
        TypeError: another type.
    """
    try:
        given = None if dtype is None else jnp.dtype(dtype)  # NumPy reads None as float64
    except TypeError:
        given = None
    if given is None or given.name not in FLOATS:
        raise TypeError(
            f"{name}: expected dtype to be one of {', '.join(FLOATS)}, "
            f"got {given.name if given else dtype}; pass one of them"
        )
    return given


def _draw(name: str, key: Any, draw: Callable[..., Array], *arguments: Any) -> Array:
    with jax.threefry_partitionable(True):
        return draw(jax.random.wrap_key_data(as_key(name, key), impl=THREEFRY), *arguments)
