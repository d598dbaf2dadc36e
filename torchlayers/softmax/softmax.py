"""Softmax along an axis. Derivation: crosscheck/catalog/softmax/softmax.py."""

from torch import Tensor

from torchlayers.axes import from_end, masking
from torchlayers.checks import array
from torchlayers.simplex import Probabilities


def softmax(x: Tensor, mask: Tensor | None = None, axis: int = -1) -> Tensor:
    """Probabilities in proportion to exp(x), along an axis.

        exp(x) / Σ exp(x)

    Entries of -inf, and those that the mask leaves out, have no part: value and gradient are 0,
    whatever they hold, and so are all of a row in which nothing is left.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one along which the probabilities add up to 1.

    Raises:
        TypeError: x is not a floating-point tensor, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.

    Reference: Bridle 1990, Training stochastic model recognition algorithms as networks can lead to
    maximum mutual information estimation of parameters.
    """
    x = array("softmax", "x", x)
    axis = from_end("softmax", axis, x.ndim)
    return Probabilities.call(x, masking("softmax", mask, tuple(x.shape)), axis)
