"""Matrix product. Derivation: crosscheck/catalog/linear/matmul.py."""

from string import ascii_letters

from jax import Array

from jaxlayers.axes import same_dtype
from jaxlayers.contraction import contraction


def matmul(x: Array, y: Array) -> Array:
    """Matrix product over the last two axes.

        Σ_k x[..., i, k] y[..., k, j]

    The leading axes broadcast. A vector on the left is a row, on the right a column, and its other
    axis is missing from the result, as in NumPy.

    Args:
        x: (..., i, k) or (k)
        y: (..., k, j) or (k)

    Raises:
        TypeError: an argument is not a floating-point array, or they differ in dtype.
        ValueError: the shapes do not fit.

    Reference: crosscheck/catalog/linear/matmul.py
    """
    x, y = same_dtype("matmul", x=x, y=y)
    return contraction(_spec(tuple(x.shape), tuple(y.shape)), x, y)


def _spec(x: tuple[int, ...], y: tuple[int, ...]) -> str:
    """The product in the words of einsum; the last letters are i, j and k of the formula."""
    *lead, i, j, k = list(ascii_letters)
    if not (x and y and x[-1] == y[-2:][0] and _broadcast(x[:-2], y[:-2])):
        raise ValueError(
            f"matmul: expected x (..., i, k), y (..., k, j), got x {x}, y {y}; reshape them so "
            "that k is one length, and leading axes are equal or 1"
        )
    rows, columns = i * (len(x) > 1), j * (len(y) > 1)
    a, b = ("".join(lead[len(lead) - max(len(shape) - 2, 0) :]) for shape in (x, y))
    return f"{a}{rows}{k},{b}{k}{columns}->{max(a, b, key=len)}{rows}{columns}"


def _broadcast(x: tuple[int, ...], y: tuple[int, ...]) -> bool:
    return all(n == m or n == 1 or m == 1 for n, m in zip(reversed(x), reversed(y), strict=False))
