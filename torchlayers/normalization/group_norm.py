"""Group normalisation. Derivation: crosscheck/catalog/normalization/group_norm.py."""

import math

from torch import Tensor

from torchlayers.checks import arrays, integer, positive
from torchlayers.moments import Rows, normalise


def group_norm(
    x: Tensor, w: Tensor | None, b: Tensor | None, groups: int, eps: float = 1e-5
) -> Tensor:
    """Groups of channels less their mean, over their standard deviation, in each sample.

        (x - mean x) / √(var x + eps) w + b

    Args:
        x: (n, c, ...)
        w: (c) or None, which is as good as ones.
        b: (c) or None, which is as good as zeros.
        groups: how many there are; of c / groups channels each, statistics are taken together.
        eps: a number above 0.

    Raises:
        TypeError: an argument is not a floating-point tensor, they differ in dtype, groups is not
            an int, or eps is no number.
        ValueError: the shapes do not fit, groups does not divide c, or eps is not above 0.

    Reference: Wu and He 2018, https://arxiv.org/abs/1803.08494
    """
    x, w, b = arrays("group_norm", optional="w b", x=(x, "n c ..."), w=(w, "c"), b=(b, "c"))
    n, c, *rest = x.shape
    each = _each(c, groups)
    eps = positive("group_norm", "eps", eps)
    view = n, groups, each, math.prod(rest)
    return normalise(x, w, b, Rows(eps, view, (-2, -1), (groups, each, 1)))


def _each(c: int, groups: int) -> int:
    """Channels of a group."""
    groups = integer("group_norm", "groups", groups, "say how many")
    if groups < 1 or c % groups:
        raise ValueError(
            f"group_norm: expected groups to divide the channels, got {groups} groups of "
            f"{c} channels; pass a divisor of c"
        )
    return c // groups
