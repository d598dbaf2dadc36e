"""PyTorch as a defect sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from crosscheck.audit.sides import Side

Rule = Callable[..., Any]


def torch_rule(
    forward: Rule, backward: Rule, through: Rule | None = None, tangent: Rule | None = None
) -> Rule:
    """An autograd.Function of forward(*x) and backward(g, *x).

    Args:
        through: what it returns where gradients are recorded, if not the same.
        tangent: its jvp, of tangent(x, t); without one it has none.
    """

    class Rule(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(*x: Any) -> Any:
            return _new((through or forward)(*x), x)

        @staticmethod
        def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx: Any, *g: Tensor) -> Any:
            kept = map(torch._C._functorch.unwrap_if_dead, ctx.saved_tensors)
            return backward(g if len(g) > 1 else g[0], *kept)

    if tangent is not None:
        jvp = tangent
        Rule.jvp = staticmethod(lambda ctx, *t: jvp(ctx.saved_tensors, t))  # type: ignore[method-assign]
    if through is None:
        return Rule.apply
    return lambda *x: Rule.apply(*x) if any(_records(xi) for xi in x) else forward(*x)


def _new(y: Any, x: tuple[Any, ...]) -> Any:
    """A view of what is returned as it was given: torch keeps no input that is an output too."""
    if isinstance(y, tuple):
        return tuple(_new(each, x) for each in y)
    return y.view_as(y) if any(y is xi for xi in x) else y


def _records(x: Tensor) -> bool:
    return torch.is_grad_enabled() and x.requires_grad


def _cast(x: Tensor, dtype: str) -> Tensor:
    return x.to(getattr(torch, dtype))


def _is_traced(x: Any) -> bool:
    return torch.compiler.is_compiling()


def _is_batched(x: Any) -> bool:
    if torch.compiler.is_compiling():
        return False
    while torch._C._functorch.is_functorch_wrapped_tensor(x):
        if torch._C._functorch.is_batchedtensor(x):
            return True
        x = torch._C._functorch.get_unwrapped(x)
    return False


SIDE = Side(
    "torch",
    torch,
    torch_rule,
    Tensor.detach,
    torch.func.vjp,
    _cast,
    torch.tensor,
    _is_traced,
    _is_batched,
    _records,
)
