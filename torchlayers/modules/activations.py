"""Activations as modules, with torch's class names."""

from __future__ import annotations

import torch
from torch import Tensor

from torchlayers.activations.celu import celu
from torchlayers.activations.elu import elu
from torchlayers.activations.gelu import gelu
from torchlayers.activations.hard_sigmoid import hard_sigmoid
from torchlayers.activations.hard_swish import hard_swish
from torchlayers.activations.hard_tanh import hard_tanh
from torchlayers.activations.leaky_relu import leaky_relu
from torchlayers.activations.log_sigmoid import log_sigmoid
from torchlayers.activations.mish import mish
from torchlayers.activations.prelu import prelu
from torchlayers.activations.relu import relu
from torchlayers.activations.relu6 import relu6
from torchlayers.activations.selu import selu
from torchlayers.activations.sigmoid import sigmoid
from torchlayers.activations.silu import silu
from torchlayers.activations.softplus import softplus
from torchlayers.activations.softsign import softsign
from torchlayers.activations.tanh import tanh
from torchlayers.modules.types import lowered


class ReLU(torch.nn.ReLU):
    """`torch.nn.ReLU` on `relu`."""

    def forward(self, input: Tensor) -> Tensor:
        return relu(input)


class ELU(torch.nn.ELU):
    """`torch.nn.ELU` on `elu`."""

    def forward(self, input: Tensor) -> Tensor:
        return elu(input, alpha=self.alpha)


class CELU(torch.nn.CELU):
    """`torch.nn.CELU` on `celu`."""

    def forward(self, input: Tensor) -> Tensor:
        return celu(input, alpha=self.alpha)


class SELU(torch.nn.SELU):
    """`torch.nn.SELU` on `selu`."""

    def forward(self, input: Tensor) -> Tensor:
        return selu(input)


class LeakyReLU(torch.nn.LeakyReLU):
    """`torch.nn.LeakyReLU` on `leaky_relu`."""

    def forward(self, input: Tensor) -> Tensor:
        return leaky_relu(input, negative_slope=self.negative_slope)


class PReLU(torch.nn.PReLU):
    """`torch.nn.PReLU` on `prelu`; under autocast in its type, as in torch."""

    def forward(self, input: Tensor) -> Tensor:
        return prelu(*lowered(input, self.weight))


class ReLU6(torch.nn.ReLU6):
    """`torch.nn.ReLU6` on `relu6`."""

    def forward(self, input: Tensor) -> Tensor:
        return relu6(input)


class Hardtanh(torch.nn.Hardtanh):
    """`torch.nn.Hardtanh` on `hard_tanh`; with other bounds than -1 and 1 it is torch's own."""

    def forward(self, input: Tensor) -> Tensor:
        ours = (self.min_val, self.max_val) == (-1, 1)
        if ours:
            return hard_tanh(input)
        return torch.nn.functional.hardtanh(input, self.min_val, self.max_val)


class Hardsigmoid(torch.nn.Hardsigmoid):
    """`torch.nn.Hardsigmoid` on `hard_sigmoid`."""

    def forward(self, input: Tensor) -> Tensor:
        return hard_sigmoid(input)


class Hardswish(torch.nn.Hardswish):
    """`torch.nn.Hardswish` on `hard_swish`."""

    def forward(self, input: Tensor) -> Tensor:
        return hard_swish(input)


class Softsign(torch.nn.Softsign):
    """`torch.nn.Softsign` on `softsign`."""

    def forward(self, input: Tensor) -> Tensor:
        return softsign(input)


class Sigmoid(torch.nn.Sigmoid):
    """`torch.nn.Sigmoid` on `sigmoid`."""

    def forward(self, input: Tensor) -> Tensor:
        return sigmoid(input)


class SiLU(torch.nn.SiLU):
    """`torch.nn.SiLU` on `silu`."""

    def forward(self, input: Tensor) -> Tensor:
        return silu(input)


class GELU(torch.nn.GELU):
    """`torch.nn.GELU` on `gelu`."""

    def forward(self, input: Tensor) -> Tensor:
        return gelu(input, approximate=self.approximate)


class Tanh(torch.nn.Tanh):
    """`torch.nn.Tanh` on `tanh`."""

    def forward(self, input: Tensor) -> Tensor:
        return tanh(input)


class LogSigmoid(torch.nn.LogSigmoid):
    """`torch.nn.LogSigmoid` on `log_sigmoid`."""

    def forward(self, input: Tensor) -> Tensor:
        return log_sigmoid(input)


class Mish(torch.nn.Mish):
    """`torch.nn.Mish` on `mish`."""

    def forward(self, input: Tensor) -> Tensor:
        return mish(input)


class Softplus(torch.nn.Softplus):
    """`torch.nn.Softplus` on `softplus`, which needs no `threshold`."""

    def forward(self, input: Tensor) -> Tensor:
        return softplus(input, beta=self.beta)
