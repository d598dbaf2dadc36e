"""Huber's loss. Derivation: crosscheck/catalog/losses/huber.py."""

import torch
from torch import Tensor

from torchlayers.checks import arrays, positive
from torchlayers.paired import paired
from torchlayers.reductions import reducing


def huber(x: Tensor, y: Tensor, delta: float = 1.0, reduction: str = "mean") -> Tensor:
    """Huber's loss of each entry, and then the mean of all: squares that go on as lines.

        d² / 2 where |d| <= delta, else delta (|d| - delta / 2)        d = x - y

    Nothing is broadcast. Of no entries at all the mean is NaN.

    Args:
        x: (...)
        y: (...), the same shape
        delta: a positive number, where the lines begin.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: an argument is not a floating-point tensor, they differ in dtype, or a setting is
            not of its type.
        ValueError: the shapes differ, delta is not positive and finite, or there is no such
            reduction.

    Reference: Huber 1964, Robust estimation of a location parameter.
    """
    x, y = arrays("huber", x=(x, "..."), y=(y, "..."))
    delta = positive("huber", "delta", delta)
    return _huber(x, y, reducing("huber", "reduction", reduction), delta)


def _entries(x: Tensor, y: Tensor, delta: float) -> Tensor:
    c = _slope_x(x, y, delta)
    return c * (x - y - c / 2)


def _slope_x(x: Tensor, y: Tensor, delta: float) -> Tensor:
    d = x - y
    return torch.where(abs(d) > delta, delta * torch.sign(d), d)


def _slope_y(x: Tensor, y: Tensor, delta: float) -> Tensor:
    return -_slope_x(x, y, delta)


_huber = paired("Huber", _entries, _slope_x, _slope_y)
