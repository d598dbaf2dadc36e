"""SiLU. Derivation: crosscheck/catalog/activations/silu.py."""

import torch
from torch import Tensor

from torchlayers.elementwise import elementwise
from torchlayers.tails import reflect

END = 1e3  # beyond, all is 0 or x; infinity times 0 would be NaN


def _first(x: Tensor) -> Tensor:
    a = x.abs().clamp(max=END)
    e = torch.exp(-a)
    w = e / (1 + e)
    return reflect(w * ((1 - a) + a * w), x)


def _second(x: Tensor) -> Tensor:
    a = x.abs().clamp(max=END)
    e = torch.exp(-a)
    w = e / (1 + e)
    return w * (1 - w) * ((2 - a) + 2 * a * w)


@elementwise(_first, _second)
def silu(x: Tensor) -> Tensor:
    """Sigmoid linear unit, also called swish; right to the last bits in both tails.

        x / (1 + exp(-x))

    At -infinity it is 0.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Hendrycks and Gimpel 2016, https://arxiv.org/abs/1606.08415
    """
    m = x.clamp(min=-END)
    # torch's sigmoid is 0 below -88 in float32; there, and long before, it is exp(x).
    return m * torch.maximum(torch.sigmoid(m), torch.exp(m.clamp(max=-60)))
