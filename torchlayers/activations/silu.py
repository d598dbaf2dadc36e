"""SiLU. Derivation: crosscheck/catalog/activations/silu.py."""

from functools import partial

import torch
from torch import Tensor

from torchlayers.blocks import above, in_blocks
from torchlayers.dtypes import widen
from torchlayers.elementwise import elementwise, kernel, pulled
from torchlayers.tails import reflect

END = 1e3  # beyond, all is 0 or x; infinity times 0 would be NaN
FAR = -60.0  # below, 1 is nothing beside exp(-x); torch's own silu is 0 from -88 on, in float32


@pulled
@in_blocks
def _first(g: Tensor, x: Tensor, out: Tensor | None = None) -> Tensor:
    n = -x.abs()
    near = partial(torch.ops.aten.silu_backward, g)
    return reflect(above(n, FAR, near, lambda n: g * _slope_far(n)), x, g, out)


def _second(x: Tensor) -> Tensor:
    a = x.abs().clamp(max=END)
    e = torch.exp(-a)
    w = e / (1 + e)
    return w * (1 - w) * ((2 - a) + 2 * a * w)


def _slope_far(x: Tensor) -> Tensor:
    m = x.clamp(min=-END)
    return (1 + m) * torch.exp(m)


def _far(x: Tensor) -> Tensor:
    m = widen(x.clamp(min=-END))
    return (m * torch.exp(m)).to(x.dtype)


@elementwise(_first, _second)
@kernel
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
    return above(x, FAR, torch.nn.functional.silu, _far)
