"""Mean squared error. Derivation: crosscheck/catalog/losses/mse.py."""

from torch import Tensor

from torchlayers.checks import arrays
from torchlayers.paired import paired
from torchlayers.reductions import reducing


def mse(x: Tensor, y: Tensor, reduction: str = "mean") -> Tensor:
    """Squared error of each entry, and then the mean of all.

        (x - y)²

    Nothing is broadcast: (n, 1) against (n,) would quietly average over n² pairs. Of no entries at
    all the mean is NaN.

    Args:
        x: (...)
        y: (...), the same shape
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: an argument is not a floating-point tensor, they differ in dtype, or reduction is
            not a string.
        ValueError: the shapes differ, or there is no such reduction.

    Reference: crosscheck/catalog/losses/mse.py
    """
    x, y = arrays("mse", x=(x, "..."), y=(y, "..."))
    return _mse(x, y, reducing("mse", "reduction", reduction))


def _entries(x: Tensor, y: Tensor) -> Tensor:
    z = x - y
    return z * z


def _slope_x(x: Tensor, y: Tensor) -> Tensor:
    return 2 * (x - y)


def _slope_y(x: Tensor, y: Tensor) -> Tensor:
    return -_slope_x(x, y)


_mse = paired("Mse", _entries, _slope_x, _slope_y)
