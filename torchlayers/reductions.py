"""How a loss becomes one number, its mean or its sum, or stays as it is; and the way back."""

from torch import Tensor

from torchlayers.checks import one_of
from torchlayers.dtypes import widen

reducing = one_of("mean", "sum", "none")


def reduced(losses: Tensor, reduction: str, count: Tensor | int) -> Tensor:
    """Their mean over `count` of them, their sum, or themselves."""
    if reduction == "none":
        return losses
    total = losses.sum()
    return total / count if reduction == "mean" else total


def shared(g: Tensor, reduction: str, count: Tensor | int) -> Tensor:
    """The cotangent of each loss; it broadcasts to their shape."""
    return widen(g) / count if reduction == "mean" else widen(g)
