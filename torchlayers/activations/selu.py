"""Scaled exponential linear unit. Derivation: crosscheck/catalog/activations/selu.py."""

import torch
from torch import Tensor

from torchlayers.activations.elu import _negative_part
from torchlayers.elementwise import elementwise, kernel, pulled
from torchlayers.tails import expm1

_SCALE = 1.0507009873554804934193349852946
_ALPHA = 1.6732632423543772848170429916717
_FALL = 1.7580993408473768599402175208123  # λ α, rounded once


@pulled
def _first(g: Tensor, x: Tensor) -> Tensor:
    return torch.ops.aten.elu_backward(g, _ALPHA, _SCALE, 1, False, x)


def _second(x: Tensor) -> Tensor:
    return (x > 0).logical_not() * (_FALL * torch.exp(_negative_part(x)))


@elementwise(_first, _second)
@kernel
def selu(x: Tensor) -> Tensor:
    """Scaled exponential linear unit, which keeps mean 0 and variance 1 from layer to layer.

        λ x if x > 0, λ α (exp(x) - 1) if x <= 0,  λ = 1.0507…, α = 1.6732…

    At 0 all derivatives are those of the side x <= 0: λ α.

    Args:
        x: (...)

    Raises:
        TypeError: x is not a floating-point tensor.

    Reference: Klambauer et al. 2017, https://arxiv.org/abs/1706.02515
    """
    if torch.compiler.is_compiling():
        return _SCALE * x.clamp(min=0) + _FALL * expm1(_negative_part(x))
    return torch.nn.functional.selu(x)
