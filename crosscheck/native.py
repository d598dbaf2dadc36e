"""The frameworks' own layers, by the names and settings of ours.

What is not built in is what its users write; the docstring of a function here says what that is.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from crosscheck.errors import UsageError
from crosscheck.twin import Layer

F = "torch.nn.functional"


def _softplus(x: Any, beta: float = 1.0) -> Any:
    """jax.nn.softplus(beta * x) / beta"""
    import jax

    return jax.nn.softplus(beta * x) / beta


def _gelu_jax(x: Any, approximate: Any = False) -> Any:
    """jax.nn.gelu"""
    import jax

    return jax.nn.gelu(x, approximate=approximate in (True, "tanh"))


def _gelu_torch(x: Any, approximate: Any = False) -> Any:
    """torch.nn.functional.gelu"""
    import torch

    tanh = approximate in (True, "tanh")
    return torch.nn.functional.gelu(x, approximate="tanh" if tanh else "none")


def _relu_squared_jax(x: Any) -> Any:
    """jax.nn.relu(x) ** 2"""
    import jax

    return jax.nn.relu(x) ** 2


def _relu_squared_torch(x: Any) -> Any:
    """torch.nn.functional.relu(x) ** 2"""
    import torch

    return torch.nn.functional.relu(x) ** 2


def _softcap_jax(x: Any, cap: float) -> Any:
    """cap * jax.nn.tanh(x / cap)"""
    import jax

    return cap * jax.nn.tanh(x / cap)


def _softcap_torch(x: Any, cap: float) -> Any:
    """cap * torch.tanh(x / cap)"""
    import torch

    return cap * torch.tanh(x / cap)


BUILT_IN: Mapping[str, Mapping[str, Layer | str]] = {  # settings have the same names where they are
    "relu": {"jax": "jax.nn:relu", "torch": f"{F}:relu"},
    "leaky_relu": {"jax": "jax.nn:leaky_relu", "torch": f"{F}:leaky_relu"},
    "elu": {"jax": "jax.nn:elu", "torch": f"{F}:elu"},
    "celu": {"jax": "jax.nn:celu", "torch": f"{F}:celu"},
    "selu": {"jax": "jax.nn:selu", "torch": f"{F}:selu"},
    "sigmoid": {"jax": "jax.nn:sigmoid", "torch": "torch:sigmoid"},
    "log_sigmoid": {"jax": "jax.nn:log_sigmoid", "torch": f"{F}:logsigmoid"},
    "softplus": {"jax": _softplus, "torch": f"{F}:softplus"},
    "tanh": {"jax": "jax.nn:tanh", "torch": "torch:tanh"},
    "softsign": {"jax": "jax.nn:soft_sign", "torch": f"{F}:softsign"},
    "silu": {"jax": "jax.nn:silu", "torch": f"{F}:silu"},
    "gelu": {"jax": _gelu_jax, "torch": _gelu_torch},
    "mish": {"jax": "jax.nn:mish", "torch": f"{F}:mish"},
    "hard_sigmoid": {"jax": "jax.nn:hard_sigmoid", "torch": f"{F}:hardsigmoid"},
    "hard_swish": {"jax": "jax.nn:hard_swish", "torch": f"{F}:hardswish"},
    "hard_tanh": {"jax": "jax.nn:hard_tanh", "torch": f"{F}:hardtanh"},
    "relu6": {"jax": "jax.nn:relu6", "torch": f"{F}:relu6"},
    "relu_squared": {"jax": _relu_squared_jax, "torch": _relu_squared_torch},
    "softcap": {"jax": _softcap_jax, "torch": _softcap_torch},
}


def built_in(name: str, backend: str) -> Layer:
    """A framework's own layer, as a function of x and our settings.

    Raises:
        UsageError: there is none of that name.
    """
    if backend not in BUILT_IN.get(name, {}):
        raise UsageError(
            f"expected a layer that {backend} has built in, got {name}; "
            f"choose from: {', '.join(BUILT_IN)}"
        )
    found = BUILT_IN[name][backend]
    if not isinstance(found, str):
        return found
    module, _, attribute = found.partition(":")
    layer: Layer = getattr(importlib.import_module(module), attribute)
    return layer


def words(name: str, backend: str) -> str:
    """What users write for a framework's own layer."""
    found = BUILT_IN[name][backend]
    return found.replace(":", ".") if isinstance(found, str) else str(found.__doc__)
