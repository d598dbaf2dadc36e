"""Elementwise layers made of functions of NumPy or SciPy, which run on the host.

Every call leaves the graph: the entries go to the processor, through the functions, and back. That
costs a transfer and a synchronisation on an accelerator, and nothing is fused with it.
"""

import re
from collections.abc import Callable
from functools import wraps
from itertools import count
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torchlayers.checks import _kind
from torchlayers.elementwise import elementwise
from torchlayers.function import Function

HostFunction = Callable[[Any], Any]
_numbers = count()


def host_elementwise(
    value: HostFunction, first: HostFunction, second: HostFunction
) -> Callable[[Tensor], Tensor]:
    """Make an elementwise layer of three functions of NumPy arrays.

        y = value(x),  y' = first(x),  y'' = second(x)

    The functions run on the host, in float64, and each result is rounded once to the type of x. The
    layer works under `torch.func` and `torch.compile`, and is exact to second order; third
    derivatives raise. Its name and docstring are those of `value`.

    Args:
        value, first, second: float64 array (...) to array (...), entry by entry, in any number of
            calls; as NumPy's and SciPy's ufuncs do.

    Raises:
        TypeError: an argument is not callable.
        RuntimeError: in a call of the layer, a function raised, or returned another shape.
        NotImplementedError: a third derivative is taken.

    Reference: https://docs.pytorch.org/tutorials/advanced/python_custom_ops.html
    """
    named = {"value": value, "first": first, "second": second}
    f, df, ddf = (_on_host(name, function) for name, function in named.items())
    ddf.__name__ = f.__name__
    return wraps(value)(elementwise(df, _last(ddf))(f))


def _on_host(name: str, function: HostFunction) -> Callable[[Tensor], Tensor]:
    if not callable(function):
        raise TypeError(
            f"host_elementwise: expected {name} to be a function of arrays, got {_kind(function)}; "
            "pass for example scipy.special.j0"
        )

    def apply(x: Tensor) -> Tensor:
        entries = x.detach().cpu().to(torch.float64, copy=True).numpy()  # may be written into
        try:
            y = np.asarray(function(entries))
        except Exception as error:
            raise RuntimeError(
                f"host_elementwise: {name} raised {type(error).__name__}: {error}"
            ) from error
        if y.shape != x.shape:
            raise RuntimeError(
                f"host_elementwise: expected {name} to return shape {tuple(x.shape)}, "
                f"got {y.shape}; let it work entry by entry"
            )
        return torch.tensor(y, dtype=x.dtype, device=x.device)

    called = getattr(function, "__name__", name)
    # As an operator of PyTorch's own, it can be batched and compiled around. Names are unique.
    unique = f"{re.sub(r'[^A-Za-z0-9_]', '_', called)}_{next(_numbers)}"
    registered = torch.library.custom_op(f"torchlayers::{unique}", apply, mutates_args=())
    registered.register_fake(torch.empty_like)
    registered.register_vmap(lambda _, in_dims, x: (registered(x), in_dims[0]))
    operator = getattr(torch.ops.torchlayers, unique)

    def on_host(x: Tensor) -> Tensor:
        return operator(x)

    on_host.__name__ = called
    return on_host


def _last(second: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The second derivative, which has no derivative of its own."""

    def none(*_: Any) -> Any:
        raise NotImplementedError(
            f"{second.__name__}: expected at most second derivatives, got a third; "
            "host_elementwise knows no more"
        )

    class Last(Function, name=second.__name__):
        forward = staticmethod(second)
        setup_context = staticmethod(lambda ctx, inputs, output: None)
        backward = staticmethod(none)
        jvp = staticmethod(none)

    return Last.call
