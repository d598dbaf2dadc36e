"""Plain ways to ask PyTorch: the layer as `torch.func` and as plain autograd both see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from crosscheck.backends.torch_rules import watched_rules
from crosscheck.question import same_shapes

At = Callable[
    ..., list[Tensor]
]  # the layer as a function of its differentiable inputs alone; a list of outputs
Tensors = list[Tensor]
Way = Callable[[At, Tensors, Tensors, Tensors], Any]  # layer, x, cotangents g, tangents t


def value(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return at(*x)


def value_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return at(*tracked(x))  # a layer may compute otherwise where gradients are recorded


def value_through_vjp(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    def outputs(*x: Tensor) -> tuple[Tensors, Tensors]:
        y = at(*x)
        return [yi for yi in y if yi.is_floating_point()], y

    if not any(yi.is_floating_point() for yi in at(*x)):
        return at(*x)  # nothing to differentiate
    return torch.func.vjp(outputs, *x, has_aux=True)[2]  # type: ignore[misc]  # three with has_aux


def vjp(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.vjp(at, *x)[1](g)


def vjp_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = tracked(x)
    return gradients(at(*x), x, g)


def jvp_forward(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jvp(at, tuple(x), tuple(t))[1]


def jvp_transposed(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    pullback = torch.func.vjp(at, *x)[1]  # linear in g, so its own transpose is the JVP
    return torch.func.vjp(pullback, g)[1](tuple(t))[0]


def jacobian_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jacrev(at, argnums=every(x))(*x)


def jacobian_forward(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jacfwd(at, argnums=every(x))(*x)


def jacobian_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = tracked(x)
    return [_rows(output, x) for output in at(*x)]


def hessian_reverse_over_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jacrev(torch.func.jacrev(pairing(at, g), argnums=every(x)), argnums=every(x))(
        *x
    )


def hessian_forward_over_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jacfwd(torch.func.jacrev(pairing(at, g), argnums=every(x)), argnums=every(x))(
        *x
    )


def hessian_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = tracked(x)
    return [_rows(dx, x) for dx in _recorded_gradients(at(*x), x, g)]


def product_reverse_over_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.vjp(torch.func.grad(pairing(at, g), argnums=every(x)), *x)[1](tuple(t))


def product_forward_over_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jvp(torch.func.grad(pairing(at, g), argnums=every(x)), tuple(x), tuple(t))[1]


def product_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = tracked(x)
    return gradients(_recorded_gradients(at(*x), x, g), x, t)


def pairing(at: At, g: Tensors) -> Callable[..., Tensor]:
    """⟨g, y⟩ as a function of the differentiable inputs."""

    def paired(*x: Tensor) -> Tensor:
        y = at(*x)
        same_shapes([gi.shape for gi in g], [yi.shape for yi in y])
        return torch.stack([torch.sum(gi * yi) for gi, yi in zip(g, y, strict=True)]).sum()

    return paired


def every(x: Tensors) -> tuple[int, ...]:
    return tuple(range(len(x)))


def tracked(x: Tensors) -> Tensors:
    """The same tensors, laid out as they are, as leaves of a new graph."""
    return [xi.detach().requires_grad_() for xi in x]


def gradients(outputs: Tensors, x: Tensors, g: Tensors, create_graph: bool = False) -> Tensors:
    """Gradients of ⟨g, outputs⟩; zero where autograd knows of no dependence.

    An output whose cotangent is zero takes no part where others do, as in a loss that ignores it.
    """
    pairs = [(y, gi) for y, gi in zip(outputs, g, strict=True) if y.requires_grad]
    used = [(y, gi) for y, gi in pairs if len(pairs) == 1 or bool(gi.any())] or pairs
    if not used:
        return [torch.zeros_like(xi) for xi in x]
    ys, gs = zip(*used, strict=True)
    keep = {"create_graph": create_graph, "retain_graph": True, "materialize_grads": True}
    with watched_rules(ys):
        return list(torch.autograd.grad(ys, x, gs, **keep))


def _recorded_gradients(outputs: Tensors, x: Tensors, g: Tensors) -> Tensors:
    """Gradients to be differentiated again.

    Through a once_differentiable backward `autograd.grad` would give 0; `backward` raises.
    """
    first = gradients(outputs, x, tracked(g), create_graph=True)
    recorded = [dx for dx in first if dx.requires_grad]
    if recorded:
        torch.autograd.backward(recorded, [torch.ones_like(dx) for dx in recorded], True)
    return first


def _rows(output: Tensor, x: Tensors) -> Tensors:
    """The Jacobian of one output, a row an entry."""
    if not output.numel():
        return [output.new_zeros(output.shape + xi.shape) for xi in x]
    one_hot = torch.eye(output.numel(), dtype=output.dtype, device=output.device)
    rows = [gradients([output], x, [row.reshape(output.shape)]) for row in one_hot]
    stacked = [torch.stack(column) for column in zip(*rows, strict=True)]
    return [s.reshape(output.shape + xi.shape) for s, xi in zip(stacked, x, strict=True)]


WAYS: dict[str, dict[str, Way]] = {
    "value": {"eager": value, "autograd": value_autograd, "through-vjp": value_through_vjp},
    "vjp": {"functional": vjp, "autograd": vjp_autograd},
    "jvp": {"forward": jvp_forward, "transposed": jvp_transposed},
    "jacobian": {
        "reverse": jacobian_reverse,
        "forward": jacobian_forward,
        "autograd": jacobian_autograd,
    },
    "hessian": {
        "reverse-over-reverse": hessian_reverse_over_reverse,
        "forward-over-reverse": hessian_forward_over_reverse,
        "autograd": hessian_autograd,
    },
    "product": {
        "reverse-over-reverse": product_reverse_over_reverse,
        "forward-over-reverse": product_forward_over_reverse,
        "autograd": product_autograd,
    },
}
