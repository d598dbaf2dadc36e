"""Linear layers as modules, with torch's class names."""

from __future__ import annotations

from functools import wraps
from typing import Any

import torch
from torch import Tensor

from torchlayers.linear.embedding import embedding
from torchlayers.linear.linear import linear
from torchlayers.modules.types import exactly, lowered


class Linear(torch.nn.Linear):
    """`torch.nn.Linear` on `linear`; the weight stays (out, in), as torch has it.

    Under autocast x, weight and bias are rounded to its type, as in torch.
    """

    def forward(self, input: Tensor) -> Tensor:
        return exactly(linear, *lowered(input, self.weight.T, self.bias))


class Embedding(torch.nn.Embedding):
    """`torch.nn.Embedding` on `embedding`, dense and unscaled; the row padding_idx has no gradient.

    Raises:
        ValueError: max_norm, scale_grad_by_freq or sparse is asked for.
    """

    @wraps(torch.nn.Embedding.__init__)  # type: ignore[misc]  # mypy follows no decorated one
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for option in ("max_norm", "scale_grad_by_freq", "sparse"):
            if getattr(self, option):
                raise ValueError(
                    f"Embedding: expected no {option}, got {getattr(self, option)}; leave it out, "
                    "or take torch.nn.Embedding"
                )

    def forward(self, input: Tensor) -> Tensor:
        y = embedding(input, self.weight)
        if self.padding_idx is None:
            return y
        return torch.where((input == self.padding_idx).unsqueeze(-1), y.detach(), y)
