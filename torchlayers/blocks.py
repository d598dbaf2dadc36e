"""Elementwise formulas in blocks that stay in the processor's cache, where they run eagerly.

A formula of ten operations goes through the memory ten times when each runs over a whole tensor,
and that, not the arithmetic, is what it costs. An entry's bits are the same in both ways.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import torch
from torch import Tensor
from torch.autograd import forward_ad
from torch.nn import Parameter

from torchlayers.dtypes import widen

Formula = Callable[[Tensor], Tensor]
BATCHES = torch._C._dispatch_key_parse("VmapMode")  # torch.autograd.grad(is_grads_batched=True)
SIZE = 2**15  # entries a thread: the few blocks of a formula fit into a core's second cache


def pointwise(f: Callable[..., Tensor], *tensors: Tensor) -> Tensor:
    """f of tensors of one shape, entry by entry, computed in the wide type and rounded once."""
    x = tensors[0]
    if not unwatched(*tensors) or not _large(x):
        return f(*map(widen, tensors)).to(x.dtype)
    y = torch.empty_like(x)
    for out, *parts in _blocks(y, *tensors):
        out.copy_(f(*map(widen, parts)))
    return y


def product(f: Formula, x: Tensor, g: Tensor) -> Tensor:
    """g f(x), likewise."""
    if not unwatched(x, g) or not _large(x):
        return (widen(g) * f(widen(x))).to(x.dtype)
    y = torch.empty_like(x)
    for out, part, factor in _blocks(y, x, g):
        torch.mul(widen(factor), f(widen(part)), out=out)
    return y


def in_blocks(pull: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """g f(x) in one formula pull(g, x, settings, out=…), whose last operation writes to `out`."""

    @wraps(pull)
    def blocked(g: Tensor, x: Tensor, *settings: Any) -> Tensor:
        if not unwatched(g, x) or not _large(x):
            return pull(widen(g), widen(x), *settings).to(x.dtype)
        y = torch.empty_like(x)
        for out, factor, part in _blocks(y, g, x):
            pull(widen(factor), widen(part), *settings, out=out)
        return y

    return blocked


def into(out: Tensor | None, kernel: Any, *tensors: Tensor) -> Tensor:
    """What ATen's kernel of a derivative makes of tensors, written to `out` if there is one."""
    return kernel(*tensors) if out is None else kernel.grad_input(*tensors, grad_input=out)


def above(x: Tensor, low: float, near: Formula, far: Formula) -> Tensor:
    """near(x) where x >= low, else far(x), which is computed only where some x needs it."""
    if x.numel() and x.device.type == "cpu" and unwatched(x) and x.amin().item() >= low:
        return near(x)
    return torch.where(x >= low, near(x), far(x))


def unwatched(*tensors: Tensor) -> bool:
    """Whether nobody records, batches, doubles or traces operations, who would see the blocks."""
    return not (
        torch.compiler.is_compiling()
        or torch.is_grad_enabled()
        or torch._C._are_functorch_transforms_active()
        or forward_ad._current_level >= 0
        or torch._C._is_tracing()
        or torch._C._dispatch_tls_is_dispatch_key_included(BATCHES)
        or torch._C._len_torch_dispatch_stack() > 0
        or any(type(t) not in (Tensor, Parameter) for t in tensors)
    )


def _large(x: Tensor) -> bool:
    return x.numel() > SIZE and x.device.type == "cpu" and x.is_contiguous()


def _blocks(*tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    size = SIZE * torch.get_num_threads()
    return zip(*(t.reshape(-1).split(size) for t in tensors), strict=True)
