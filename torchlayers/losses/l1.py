"""Mean absolute error. Derivation: crosscheck/catalog/losses/l1.py."""

import torch
from torch import Tensor

from torchlayers.checks import arrays
from torchlayers.paired import paired
from torchlayers.reductions import reducing


def l1(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Absolute error of each entry, and then the mean of all.

        |x - y|

    Where x = y the slope is 0. Nothing is broadcast. Of no entries at all the mean is NaN.

    Args:
        x: (...)
        y: (...), the same shape
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: an argument is not a floating-point tensor, they differ in dtype, or reduction is
            not a string.
        ValueError: the shapes differ, or there is no such reduction.

    Reference: Boscovich 1757, De litteraria expeditione per pontificiam ditionem.
    """
    x, y = arrays("l1", x=(x, "..."), y=(y, "..."))
    return _l1(x, y, reducing("l1", "reduction", reduction))


def _entries(x: Tensor, y: Tensor) -> Tensor:
    return abs(x - y)


def _slope_x(x: Tensor, y: Tensor) -> Tensor:
    d = x - y
    return torch.where(d.isnan(), d, d.sign())  # torch's sign of NaN is 0


def _slope_y(x: Tensor, y: Tensor) -> Tensor:
    return -_slope_x(x, y)


_l1 = paired("L1", _entries, _slope_x, _slope_y)
