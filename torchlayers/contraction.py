"""Sums of products over axes that bear names: the rule that matmul and einsum share.

A spec such as `ik,kj->ij` names each axis by a letter, in full. An axis of length 1 broadcasts
against longer ones of its name. Derivation: crosscheck/catalog/linear/einsum.py.
"""

import math
from typing import Any

import torch
from torch import Tensor

from torchlayers.dtypes import widen
from torchlayers.function import Function, keep

Tensors = tuple[Tensor, ...]


def contraction(spec: str, *operands: Tensor) -> Tensor:
    """The product that the spec says, with its rule; the arguments are known to fit."""
    return _Contraction.call(spec, *operands)


class _Contraction(Function):
    @staticmethod
    def forward(spec: str, *operands: Tensor) -> Tensor:
        y = contract(spec, *map(widen, operands)).to(operands[0].dtype)
        # Never a view: of x it would share its memory, of others it asks tangents for its strides.
        return y.clone() if len(operands) == 1 or not y.is_contiguous() else y

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.spec, *operands = inputs
        keep(ctx, *operands)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        wide = tuple(map(widen, ctx.saved_tensors))
        needs = ctx.needs_input_grad[1:]
        return None, *(
            pull(ctx.spec, k, widen(g), *wide).to(g.dtype) if need else None
            for k, need in enumerate(needs)
        )

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: Tensor) -> Tensor:
        wide = tuple(map(widen, ctx.saved_tensors))
        parts = [
            contract(ctx.spec, *wide[:k], widen(t), *wide[k + 1 :]) for k, t in enumerate(tangents)
        ]
        return torch.stack(parts).sum(0).to(tangents[0].dtype)


def contract(spec: str, *operands: Tensor) -> Tensor:
    """The product that the spec says, differentiated by the framework.

    Not `torch.einsum`, which has no rule for `torch.autograd.grad(…, is_grads_batched=True)`.
    """
    terms, output = split(spec)
    full = _lengths(terms, operands)
    named = [_dense(term, x, full) for term, x in zip(terms, operands, strict=True)]
    while len(named) > 1:
        (t, x), (u, y), *rest = named
        later = output + "".join(term for term, _ in rest)
        named = [_product(*_summed(t, x, u + later), *_summed(u, y, t + later), later), *rest]
    term, x = _summed(*named[0], output)
    return x if term == output else x.permute([term.index(i) for i in output])


def _summed(term: str, x: Tensor, wanted: str) -> tuple[str, Tensor]:
    """An operand's diagonals along repeated axes, summed over the axes that nothing else wants."""
    for i in term:
        while term.count(i) > 1:
            a, b = term.index(i), term.rindex(i)
            term, x = term[:a] + term[a + 1 : b] + term[b + 1 :] + i, x.diagonal(0, a, b)
        if i not in wanted and i in term:
            term, x = term.replace(i, ""), x.sum(term.index(i))
    return term, x


def _product(t: str, x: Tensor, u: str, y: Tensor, later: str) -> tuple[str, Tensor]:
    """Two operands in one, without the axes of both that nothing wants later: a batched product."""
    batch = "".join([i for i in t if i in u and i in later])
    inner = "".join([i for i in t if i in u and i not in later])
    left = "".join([i for i in t if i not in u])
    right = "".join([i for i in u if i not in t])
    if left and right and later.index(left[0]) > later.index(right[0]):
        return _product(u, y, t, x, later)
    full, out = _lengths([t, u], (x, y)), batch + left + right
    if not inner:
        return out, _spaced(t, x, out) * _spaced(u, y, out)
    z = _matrices(t, x, batch, left, inner) @ _matrices(u, y, batch, inner, right)
    # What a matrix product itself does: z is seen by nobody else.
    return out, torch.ops.aten._unsafe_view(z, [full[i] for i in out])


def _spaced(term: str, x: Tensor, out: str) -> Tensor:
    """The axes in the order of `out`, with one of length 1 for each that is missing."""
    lengths = dict(_pairs(term, x))
    x = x.permute([term.index(i) for i in out if i in term])
    return x.reshape([lengths.get(i, 1) for i in out])


def _matrices(term: str, x: Tensor, *groups: str) -> Tensor:
    """The axes of a batch, then those of each of two groups made one."""
    lengths = dict(_pairs(term, x))
    x = x.permute([term.index(i) for i in "".join(groups)])
    return x.reshape(
        [math.prod([lengths[i] for i in group]) for group in (*groups[0], *groups[1:])]
    )


def pull(spec: str, k: int, g: Tensor, *operands: Tensor) -> Tensor:
    """The gradient of operand k, as a product of g and the other operands."""
    terms, output = split(spec)
    x, term, full = operands[k], terms[k], _lengths(terms, operands)
    others = operands[:k] + operands[k + 1 :]
    inputs = [output, *terms[:k], *terms[k + 1 :]]
    found = dict(_pairs(term, x))
    wanted = "".join(i for i, n in found.items() if n == full[i] and i in "".join(inputs))
    d = contract(f"{','.join(inputs)}->{wanted}", g, *others)
    return _spread(d, wanted, term, x.shape)


def split(spec: str) -> tuple[list[str], str]:
    """The names of each operand's axes, and of the output's."""
    inputs, _, output = spec.partition("->")
    return inputs.split(","), output


def _pairs(term: str, x: Tensor) -> list[tuple[str, int]]:
    return list(zip(term, x.shape, strict=True))


def _dense(term: str, x: Tensor, full: dict[str, int]) -> tuple[str, Tensor]:
    """An operand and its axes' names, without the axes of length 1 that broadcast."""
    stay = [(i, n) for i, n in _pairs(term, x) if n == full[i]]
    return "".join(i for i, _ in stay), x.reshape([n for _, n in stay])


def _lengths(terms: list[str], operands: Tensors) -> dict[str, int]:
    """The length of each axis, once broadcast."""
    full: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        full |= {i: n for i, n in _pairs(term, x) if n != 1 or i not in full}
    return full


def _spread(d: Tensor, wanted: str, term: str, shape: tuple[int, ...]) -> Tensor:
    """`d` along the axes of `term`: alike along those it lacks, on the diagonal of repeats."""
    lengths = dict(_pairs(wanted, d))
    first = [term.index(i) == at for at, i in enumerate(term)]
    d = d.reshape([lengths.get(i, 1) if f else 1 for i, f in zip(term, first, strict=True)])
    d = d.expand(shape)
    for at, i in enumerate(term):
        if not first[at]:
            d = torch.where(_diagonal(d, term.index(i), at), d, 0)
    return d


def _diagonal(d: Tensor, a: int, b: int) -> Tensor:
    """True where the indices of the axes a and b are equal."""
    equal = torch.eye(d.shape[a], dtype=torch.bool, device=d.device)
    return equal.reshape([n if at in (a, b) else 1 for at, n in enumerate(d.shape)])
