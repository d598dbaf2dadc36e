"""Types that torch's modules mix: 16-bit inputs with float32 parameters, and those of autocast.

The rules are those of autocast on a processor. On a GPU torch has norms, softmax, softplus and
cosine similarity in float32 too, where these keep the input's type.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import FLOATS

SIXTEEN = {torch.float16, torch.bfloat16}


def alike(*tensors: Any) -> tuple[Any, ...]:
    """The tensors in the widest of their types; what is not of floating point stays."""
    types = {a.dtype for a in tensors if _floats(a)}
    return _converted(tensors, reduce(torch.promote_types, types), types) if types else tensors


def lowered(*tensors: Any) -> tuple[Any, ...]:
    """Under autocast its type in place of all but float64, as in torch's matrix products."""
    if not _autocasts(tensors[0]):
        return tensors
    to = torch.get_autocast_dtype(tensors[0].device.type)
    return _converted(tensors, to, {*SIXTEEN, torch.float32})


def raised(*tensors: Any) -> tuple[Any, ...]:
    """Under autocast float32 in place of 16 bits, as in torch's losses."""
    return _converted(tensors, torch.float32, SIXTEEN) if _autocasts(tensors[0]) else tensors


def exactly(f: Callable[..., Any], x: Any, *others: Any, **settings: Any) -> Any:
    """f without autocast, which would round the products that f computes in float32."""
    if not _autocasts(x):
        return f(x, *others, **settings)
    with torch.autocast(x.device.type, enabled=False):
        return f(x, *others, **settings)


def _autocasts(x: Any) -> bool:
    return isinstance(x, Tensor) and torch.is_autocast_enabled(x.device.type)


def _floats(a: Any) -> bool:
    return isinstance(a, Tensor) and a.dtype in FLOATS


def _converted(
    tensors: tuple[Any, ...], to: torch.dtype, types: set[torch.dtype]
) -> tuple[Any, ...]:
    return tuple(a.to(to) if _floats(a) and a.dtype in types else a for a in tensors)
