"""Vectors of length 1. Derivation: crosscheck/catalog/normalization/l2_normalize.py."""

from jax import Array

from jaxlayers.axes import from_end
from jaxlayers.checks import array, positive
from jaxlayers.moments import Rows, normalise


def l2_normalize(x: Array, axis: int = -1, eps: float = 1e-12) -> Array:
    """Vectors over their length, along an axis.

        x / √(Σ x² + eps)

    Squares neither overflow nor vanish, and a vector of zeros is one still.

    Args:
        x: (...), with at least one axis.
        axis: the one that the vectors lie along.
        eps: a number above 0.

    Raises:
        TypeError: x is not a floating-point array, axis not an int, or eps no number.
        ValueError: x has no such axis, or eps is not above 0.

    Reference: crosscheck/catalog/normalization/l2_normalize.py
    """
    x = array("l2_normalize", "x", x)
    axis = from_end("l2_normalize", axis, x.ndim)
    eps = positive("l2_normalize", "eps", eps)
    return normalise(x, None, None, Rows(eps, x.shape, (axis,), centred=False, averaged=False))
