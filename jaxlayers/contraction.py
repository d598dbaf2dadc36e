"""Sums of products over axes that bear names: the rule that matmul and einsum share.

A spec such as `ik,kj->ij` names each axis by a letter, in full. An axis of length 1 broadcasts
against longer ones of its name. Derivation: crosscheck/catalog/linear/einsum.py.
"""

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from jaxlayers.dtypes import widen

Arrays = tuple[Array, ...]


def contraction(spec: str, *operands: Array) -> Array:
    """The product that the spec says, with its rule; the arguments are known to fit."""
    return _contraction(spec, operands)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def _contraction(spec: str, operands: Arrays) -> Array:
    return contract(spec, *map(widen, operands)).astype(operands[0].dtype)


def _forward(spec: str, operands: Arrays) -> tuple[Array, Arrays]:
    return contract(spec, *map(widen, operands)).astype(operands[0].dtype), operands


def _backward(spec: str, operands: Arrays, g: Array) -> tuple[Arrays]:
    wide = tuple(map(widen, operands))
    return (tuple(pull(spec, k, widen(g), *wide).astype(g.dtype) for k in range(len(wide))),)


_contraction.defvjp(_forward, _backward)


def contract(spec: str, *operands: Array) -> Array:
    """The product that the spec says, differentiated by the framework."""
    terms, output = split(spec)
    full = _lengths(terms, operands)
    dense = [_dense(term, x, full) for term, x in zip(terms, operands, strict=True)]
    return jnp.einsum(f"{','.join([t for t, _ in dense])}->{output}", *[x for _, x in dense])


def pull(spec: str, k: int, g: Array, *operands: Array) -> Array:
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


def _pairs(term: str, x: Array) -> list[tuple[str, int]]:
    return list(zip(term, x.shape, strict=True))


def _dense(term: str, x: Array, full: dict[str, int]) -> tuple[str, Array]:
    """An operand and its axes' names, without the axes of length 1 that broadcast."""
    stay = [(i, n) for i, n in _pairs(term, x) if n == full[i]]
    return "".join(i for i, _ in stay), x.reshape([n for _, n in stay])


def _lengths(terms: list[str], operands: Arrays) -> dict[str, int]:
    """The length of each axis, once broadcast."""
    full: dict[str, int] = {}
    for term, x in zip(terms, operands, strict=True):
        full |= {i: n for i, n in _pairs(term, x) if n != 1 or i not in full}
    return full


def _spread(d: Array, wanted: str, term: str, shape: tuple[int, ...]) -> Array:
    """`d` along the axes of `term`: alike along those it lacks, on the diagonal of repeats."""
    lengths = dict(_pairs(wanted, d))
    first = [term.index(i) == at for at, i in enumerate(term)]
    d = d.reshape([lengths.get(i, 1) if f else 1 for i, f in zip(term, first, strict=True)])
    d = jnp.broadcast_to(d, shape)
    for at, i in enumerate(term):
        if not first[at]:
            d = jnp.where(_diagonal(d, term.index(i), at), d, 0)
    return d


def _diagonal(d: Array, a: int, b: int) -> Array:
    """True where the indices of the axes a and b are equal."""
    equal = jnp.eye(d.shape[a], dtype=bool)
    return equal.reshape([n if at in (a, b) else 1 for at, n in enumerate(d.shape)])
