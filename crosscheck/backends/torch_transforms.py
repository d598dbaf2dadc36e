"""Deeper ways to ask PyTorch: compiled, batched, checkpointed, twice, and one input at a time.

Each answers the same question as a plain way does, so it meets the same truth. A batch holds two
companions besides the case itself, made of the same numbers in another order: a rule that mixes the
rows of a batch gives itself away.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from crosscheck.answer import Fault
from crosscheck.backends.torch_arrays import array
from crosscheck.backends.torch_ways import At, Tensors, Way, every, gradients, pairing, tracked
from crosscheck.tree import leaves

OWN = 1  # where the case itself is in a batch


def batch(x: Tensors, axis: int = 0) -> Tensors:
    """Each array with its companions before and after it."""
    return [torch.stack([xi.flip(tuple(range(xi.ndim))), xi, xi.roll(1)], axis) for xi in x]


def own(said: Any) -> Tensors:
    """The case's own part of a batch of answers."""
    return [leaf[OWN] for leaf in leaves(said)]


def vmapped(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return own(torch.func.vmap(at)(*batch(x)))


def vmapped_on_last_axis(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return own(torch.func.vmap(at, in_dims=-1)(*batch(x, -1)))


def vmapped_over_one(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    dims = (0, *(None for _ in x[1:]))
    return own(torch.func.vmap(at, in_dims=dims)(*batch(x[:1]), *x[1:]))


def vmap_of_vjp(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    def pulled(x: Tensors, g: Tensors) -> Any:
        return torch.func.vjp(at, *x)[1](g)

    return own(torch.func.vmap(pulled)(batch(x), batch(g)))


def vjp_of_vmap(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return own(torch.func.vjp(torch.func.vmap(at), *batch(x))[1](batch(g)))


def vjp_checkpointed(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = tracked(x)
    return gradients(checkpoint(at, *x, use_reentrant=False), x, g)


def vjp_of_each(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    def alone(k: int) -> Tensor:
        given = [xi.detach() for xi in x]
        (given[k],) = tracked([x[k]])
        return gradients(at(*given), [given[k]], g)[0]

    return [alone(k) for k in range(len(x))]


def vjp_retained(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = tracked(x)
    y = at(*x)
    return same(gradients(y, x, g), gradients(y, x, g), "a second backward pass")


def vjp_twice(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    def once() -> Tensors:
        leaf = tracked(x)
        return gradients(at(*leaf), leaf, g)

    return same(once(), once(), "a second call")


def value_twice(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return same(at(*x), at(*x), "a second call")


def same(first: Tensors, second: Tensors, what: str) -> Tensors:
    """The first answer; a Fault if the second is not the same to the bit."""
    for a, b in zip(first, second, strict=True):
        if array(a).tobytes() != array(b).tobytes():
            raise Fault(f"{what} gives another answer")
    return first


def value_compiled(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return compiled(at)(*x)


def vjp_compiled(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = tracked(x)
    return gradients(compiled(at)(*x), x, g)


def compiled(at: At) -> Any:
    """The layer as torch.compile traces it: one graph, for these shapes, in ATen's own kernels."""
    torch._dynamo.reset()  # else a limit on recompilations is reached
    return torch.compile(at, fullgraph=True, dynamic=False, backend="aot_eager")


def hessian_reverse_over_forward(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    k = every(x)
    inner = torch.func.jacfwd(pairing(at, g), argnums=k)
    return torch.func.jacrev(inner, argnums=k)(*x)


def hessian_vmapped(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    k = every(x)

    def curvature(*x: Tensor) -> Any:
        return torch.func.jacrev(torch.func.jacrev(pairing(at, g), argnums=k), argnums=k)(*x)

    return own(torch.func.vmap(curvature)(*batch(x)))


DEEP: dict[str, dict[str, Way]] = {
    "value": {
        "vmap": vmapped,
        "vmap-last-axis": vmapped_on_last_axis,
        "vmap-one-input": vmapped_over_one,
        "twice": value_twice,
        "compile": value_compiled,
    },
    "vjp": {
        "vmap-of-vjp": vmap_of_vjp,
        "vjp-of-vmap": vjp_of_vmap,
        "remat": vjp_checkpointed,
        "each-input": vjp_of_each,
        "retained": vjp_retained,
        "twice": vjp_twice,
        "compile": vjp_compiled,
    },
    "hessian": {"reverse-over-forward": hessian_reverse_over_forward, "vmap": hessian_vmapped},
}
