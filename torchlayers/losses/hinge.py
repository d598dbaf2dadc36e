"""Hinge loss. Derivation: crosscheck/catalog/losses/hinge.py."""

import torch
from torch import Tensor

from torchlayers.indices import wide
from torchlayers.labels import labelled
from torchlayers.paired import paired
from torchlayers.reductions import reducing


def hinge(scores: Tensor, labels: Tensor, reduction: str = "mean") -> Tensor:
    """Hinge loss of each score, and then the mean of all.

        max(0, 1 - label score)

    Where label score = 1 the slope is 0. A label other than 1 and -1 makes its entry NaN, and of no
    entries at all the mean is NaN.

    Args:
        scores: (...)
        labels: (...), the same shape: whole numbers 1 and -1.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: scores are not a floating-point tensor, labels not one of whole numbers, or
            reduction is not a string.
        ValueError: the shapes differ, or there is no such reduction.

    Reference: Cortes and Vapnik 1995, Support-vector networks.
    """
    x, labels = labelled("hinge", labels, scores=(scores, "..."))
    return _hinge(x, labels, reducing("hinge", "reduction", reduction))


def _sign(x: Tensor, labels: Tensor) -> Tensor:
    k = wide(labels)
    return torch.where((k == 1) | (k == -1), k.to(x.dtype), torch.nan)


def _entries(x: Tensor, labels: Tensor) -> Tensor:
    short = 1 - _sign(x, labels) * x
    return torch.where(short <= 0, 0, short)


def _slope(x: Tensor, labels: Tensor) -> Tensor:
    sign = _sign(x, labels)
    # Unlike `torch.where` it has a second derivative: zeros.
    return torch.ops.aten.threshold_backward(-sign, 1 - sign * x, 0)


_hinge = paired("Hinge", _entries, _slope)
