"""Mish. Derivation: crosscheck/catalog/activations/mish.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise
from torchlayers.tails import by_sign

LOW = -1e3  # below, all is 0; infinity times 0 would be NaN
HIGH = 25.0  # above, y = x, in float64 too


def _first(x: Tensor) -> Tensor:
    m = x.clamp(LOW, HIGH)
    e = torch.exp(m)
    d = 2 + e * (2 + e)
    q = (2 + 4 * m) + e * ((4 + 8 * m) + e * ((3 + 4 * m) + e * (1 + m)))
    below = e * ((1 + m) - (e / d) * (q / d))
    above = 1 - (2 / d) * (1 - 2 * m * (e * ((1 + e) / d)))
    return by_sign(x + 0.2, below, above)


def _second(x: Tensor) -> Tensor:
    a = torch.where(x < 0, -x, x).clamp(max=-LOW)  # not abs: autodiff must be right at 0 too
    e = torch.exp(-a)
    w = e / (1 + e)
    return torch.where(x < 0, _second_below(a, e, w), _second_above(a, e, w))


def _second_below(a: Tensor, e: Tensor, w: Tensor) -> Tensor:
    t = e * (2 + e) / (2 + e * (2 + e))
    return w * ((1 - t) * (1 + t)) * ((2 - a) + a * w * (1 + 2 * t))


def _second_above(a: Tensor, e: Tensor, w: Tensor) -> Tensor:
    s, half = 1 - w, 2 * e / (1 + 2 * e * (1 + e))
    p = e * half
    return s * (2 - p) * ((2 - 2 * a) + a * (3 * w + 2 * p * s)) * half * e


@elementwise(_first, _second)
def mish(x: Tensor) -> Tensor:
    """Mish, right to the last bits in both tails.

        x tanh(log(1 + exp(x)))

    At -infinity it is 0.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Misra 2019, https://arxiv.org/abs/1908.08681
    """
    return torch.nn.functional.mish(x.clamp(min=LOW))
