"""Writing into a buffer in place, as whoever lends a module its buffers expects.

`torch.func.functional_call` and replicas keep what was written, and forget what a module was given
instead. But inside a derivative `torch.func` refuses to write into what came from outside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch._C import _functorch as functorch


def written(buffer: Tensor, value: Tensor) -> Tensor:
    """The buffer, with the value in it; the value, where nothing can be written."""
    if torch.compiler.is_compiling():
        return buffer.copy_(value)
    if buffer.is_inference() and not torch.is_inference_mode_enabled():
        return value.clone()
    if not torch._C._are_functorch_transforms_active():
        return buffer.copy_(value)
    level = max(functorch.maybe_get_level(buffer), 0)
    while functorch.is_functorch_wrapped_tensor(value) and _level(value) > level:
        value = functorch.get_unwrapped(value)
    with _only_up_to(level):
        return buffer.copy_(value)


def _level(x: Tensor) -> int:
    return int(functorch.maybe_get_level(x))


@contextmanager
def _only_up_to(level: int) -> Iterator[None]:
    """Without the transforms above a level, which is that of a tensor they know nothing of."""
    above = []
    try:
        while (top := functorch.peek_interpreter_stack()) is not None and top.level() > level:
            above.append(functorch.pop_dynamic_layer_stack())
        yield
    finally:
        while above:
            functorch.push_dynamic_layer_stack(above.pop())
