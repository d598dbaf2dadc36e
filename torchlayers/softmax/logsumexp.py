"""The logarithm of a sum of exponentials. Derivation: crosscheck/catalog/softmax/logsumexp.py."""

from torch import Tensor

from torchlayers.axes import from_end, masking
from torchlayers.checks import array
from torchlayers.simplex import LogTotal


def logsumexp(x: Tensor, mask: Tensor | None = None, axis: int = -1) -> Tensor:
    """The logarithm of a sum of exponentials along an axis, which is summed away.

        log Σ exp(x)

    Entries of -inf, and those that the mask leaves out, have no part: their gradient is 0, whatever
    they hold. Of a row in which nothing is left the value is -inf.

    Args:
        x: (...), with at least one axis.
        mask: truth values of a shape that broadcasts to x's, false where x is left out; or None.
        axis: the one to sum along.

    Raises:
        TypeError: x is not a floating-point tensor, mask not one of truth values, or axis not an
            int.
        ValueError: mask does not broadcast to x, or x has no such axis.

    Reference: Blanchard, Higham and Higham 2021, https://arxiv.org/abs/1909.03469
    """
    x = array("logsumexp", "x", x)
    axis = from_end("logsumexp", axis, x.ndim)
    return LogTotal.call(x, masking("logsumexp", mask, tuple(x.shape)), axis)
