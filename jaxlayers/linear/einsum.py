"""Einstein summation. Derivation: crosscheck/catalog/linear/einsum.py."""

from jax import Array

from jaxlayers.axes import same_dtype
from jaxlayers.contraction import contraction
from jaxlayers.subscripts import in_full


def einsum(spec: str, *operands: Array) -> Array:
    """Einstein summation: products of entries, summed over the axes that the output lacks.

        einsum("ik,kj->ij", x, y)[i, j] = Σ_k x[i, k] y[k, j]

    Each letter names an axis, and `...` any further ones, which broadcast. A letter twice in one
    operand is its diagonal. Axes of length 1 broadcast. Without `->`, the output has the axes of
    the dots, then the letters that occur once, by alphabet.

    Args:
        spec: the names of each operand's axes, and of the output's: "bi,ij,bj->b".
        operands: (...), as the spec says.

    Raises:
        TypeError: the spec is no string, an operand not a floating-point array, or they differ in
            dtype.
        ValueError: the spec is malformed, or the operands do not fit it.

    Reference: Einstein 1916, Die Grundlage der allgemeinen Relativitätstheorie, § 5.
    """
    named = {f"operands[{k}]": x for k, x in enumerate(operands)}
    arrays = same_dtype("einsum", **named) if operands else ()
    return contraction(in_full(spec, [tuple(x.shape) for x in arrays]), *arrays)
