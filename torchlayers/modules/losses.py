"""Losses as modules, with torch's class names."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from torchlayers.losses.mse import mse


class MSELoss(torch.nn.MSELoss):
    """`torch.nn.MSELoss` on `mse`, which never broadcasts; reduction "mean" or "sum".

    Raises:
        ValueError: another reduction.
    """

    def __init__(self, size_average: Any = None, reduce: Any = None, reduction: str = "mean"):
        super().__init__(size_average, reduce, reduction)
        if self.reduction not in ("mean", "sum"):
            raise ValueError(
                f'MSELoss: expected reduction to be "mean" or "sum", got {reduction!r}; '
                "write (input - target) ** 2 for the squares alone"
            )

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        loss = mse(input, target)
        return loss * input.numel() if self.reduction == "sum" else loss
