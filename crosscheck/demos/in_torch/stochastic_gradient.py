"""Document 000's layer, which draws its mask in backward, and this project's, which has a key."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

import torchlayers


class DrawnInBackward(torch.autograd.Function):
    """ReLU whose backward pass drops rows by a mask from the process's generator, as in 000."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, rate: float) -> Tensor:
        ctx.save_for_backward(x)
        ctx.rate = rate
        return x.clamp_min(0)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        dx = torch.where(x <= 0, 0, g)
        mask = torch.bernoulli(torch.full((len(g),), 1.0 - ctx.rate))
        return torch.diag(mask) @ dx, None


def without_key(
    x: np.ndarray, g: np.ndarray, rate: float, seed: int, calls: int
) -> dict[str, list[np.ndarray]]:
    """One forward pass and several backward passes: way of running → the gradients."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        moving = torch.tensor(x, requires_grad=True)
        y = DrawnInBackward.apply(moving, rate)
        return {"torch": [_gradient(y, moving, g) for _ in range(calls)]}


def with_key(
    x: np.ndarray, g: np.ndarray, key: np.ndarray, rate: float, axis: int, calls: int
) -> dict[str, list[np.ndarray]]:
    """The same with this project's layer."""
    moving = torch.tensor(x, requires_grad=True)
    y = torchlayers.row_drop_relu(moving, torch.tensor(key), rate, axis)
    return {"torch": [_gradient(y, moving, g) for _ in range(calls)]}


def _gradient(y: Tensor, x: Tensor, g: np.ndarray) -> np.ndarray:
    (dx,) = torch.autograd.grad(y, x, torch.tensor(g), retain_graph=True)
    return dx.numpy()
