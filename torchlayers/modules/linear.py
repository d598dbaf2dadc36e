"""Linear layers as modules, with torch's class names."""

from __future__ import annotations

import torch
from torch import Tensor

from torchlayers.linear.linear import linear


class Linear(torch.nn.Linear):
    """`torch.nn.Linear` on `linear`; the weight stays (out, in), as torch has it."""

    def forward(self, input: Tensor) -> Tensor:
        return linear(input, self.weight.T, self.bias)
