"""Elementwise layers made of functions of NumPy or SciPy, which run on the host.

Every call leaves the compiled program: the entries go to the host, through the functions, and back.
That costs a transfer on an accelerator, and nothing is fused with it.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from jaxlayers.checks import _kind
from jaxlayers.elementwise import elementwise

HostFunction = Callable[[Any], Any]


def host_elementwise(
    value: HostFunction, first: HostFunction, second: HostFunction
) -> Callable[[Array], Array]:
    """Make an elementwise layer of three functions of NumPy arrays.

        y = value(x),  y' = first(x),  y'' = second(x)

    The functions run on the host, in float64, and each result is rounded once to the type of x. The
    layer works under `jit`, `vmap`, `grad` and so on, and is exact to second order; third
    derivatives raise. Its name and docstring are those of `value`.

    Args:
        value, first, second: float64 array (...) to array (...), entry by entry, in any number of
            calls; as NumPy's and SciPy's ufuncs do.

    Raises:
        TypeError: an argument is not callable.
        RuntimeError: in a call of the layer, a function raised, or returned another shape.
        NotImplementedError: a third derivative is taken.

    Reference: https://docs.jax.dev/en/latest/external-callbacks.html
    """
    named = {"value": value, "first": first, "second": second}
    f, df, ddf = (_on_host(name, function) for name, function in named.items())
    ddf.__name__ = f.__name__
    return wraps(value)(elementwise(df, _last(ddf))(f))


def _on_host(name: str, function: HostFunction) -> Callable[[Array], Array]:
    if not callable(function):
        raise TypeError(
            f"host_elementwise: expected {name} to be a function of arrays, got {_kind(function)}; "
            "pass for example scipy.special.j0"
        )

    def apply(x: Any) -> np.ndarray:
        x = np.asarray(x)
        with np.errstate(invalid="ignore"):  # NumPy warns of some NaNs of 16 bits
            wide = x.astype(np.float64)
        y = np.asarray(function(wide))
        if y.shape != x.shape:
            raise RuntimeError(
                f"host_elementwise: expected {name} to return shape {x.shape}, got {y.shape}; "
                "let it work entry by entry"
            )
        with np.errstate(all="ignore"):  # an overflow is an infinity
            return y.astype(x.dtype)

    def apply_to_bits(bits: Any) -> np.ndarray:
        x = np.ascontiguousarray(bits).view(np.float64)[..., 0]
        return apply(x)[..., None].view(np.uint32)

    def on_host(x: Array) -> Array:
        x = jnp.asarray(x)  # within nested transforms of a Python number it is one
        if x.dtype != np.float64:
            result = jax.ShapeDtypeStruct(x.shape, x.dtype)
            return jax.pure_callback(apply, result, x, vmap_method="expand_dims")
        # As bits: a callback may run on a thread where 64-bit numbers are off, and be given 32.
        bits = jax.lax.bitcast_convert_type(x, jnp.uint32)
        result = jax.ShapeDtypeStruct(bits.shape, bits.dtype)
        bits = jax.pure_callback(apply_to_bits, result, bits, vmap_method="expand_dims")
        return jax.lax.bitcast_convert_type(bits, x.dtype)

    on_host.__name__ = getattr(function, "__name__", name)
    return on_host


def _last(second: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The second derivative, which has no derivative of its own."""

    @jax.custom_jvp
    def last(x: Array) -> Array:
        return second(x)

    @last.defjvp
    def _(primals: Any, tangents: Any) -> Any:
        raise NotImplementedError(
            f"{second.__name__}: expected at most second derivatives, got a third; "
            "host_elementwise knows no more"
        )

    return last
