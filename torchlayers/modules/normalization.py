"""Normalisation as modules, with torch's class names.

Parameters may be of another type than the input, as in torch: the wider computes, and the value has
the input's.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from torchlayers.modules.types import alike, exactly
from torchlayers.normalization.batch_norm import batch_norm
from torchlayers.normalization.group_norm import group_norm
from torchlayers.normalization.layer_norm import layer_norm
from torchlayers.normalization.rms_norm import rms_norm


def _flat(module: str, x: Tensor, shape: tuple[int, ...]) -> Tensor:
    """x with its last axes, which must be of that shape, made one."""
    if tuple(x.shape[-len(shape) :]) != tuple(shape):
        raise ValueError(
            f"{module}: expected input (..., {', '.join(map(str, shape))}), got "
            f"{tuple(x.shape)}; reshape it, or set normalized_shape"
        )
    return x.flatten(-len(shape))


def _one_axis(parameter: Tensor | None) -> Tensor | None:
    return None if parameter is None else parameter.reshape(-1)


class RMSNorm(torch.nn.RMSNorm):
    """`torch.nn.RMSNorm` on `rms_norm`; an eps of None is float32's for 16 bits, as in torch."""

    def forward(self, x: Tensor) -> Tensor:
        flat = _flat("RMSNorm", x, self.normalized_shape)
        computed = torch.promote_types(x.dtype, torch.float32)
        eps = torch.finfo(computed).eps if self.eps is None else self.eps
        y = exactly(rms_norm, *alike(flat, _one_axis(self.weight)), eps=eps)
        return y.to(x.dtype).reshape(x.shape)


class LayerNorm(torch.nn.LayerNorm):
    """`torch.nn.LayerNorm` on `layer_norm`."""

    def forward(self, input: Tensor) -> Tensor:
        flat = _flat("LayerNorm", input, self.normalized_shape)
        w, b = _one_axis(self.weight), _one_axis(self.bias)
        y = exactly(layer_norm, *alike(flat, w, b), eps=self.eps)
        return y.to(input.dtype).reshape(input.shape)


class GroupNorm(torch.nn.GroupNorm):
    """`torch.nn.GroupNorm` on `group_norm`."""

    def forward(self, input: Tensor) -> Tensor:
        settings = {"groups": self.num_groups, "eps": self.eps}
        y = exactly(group_norm, *alike(input, self.weight, self.bias), **settings)
        return y.to(input.dtype)


def _of_batches(module: Any, x: Tensor) -> Tensor:
    """What a BatchNorm computes, which also moves its buffers in training."""
    module._check_input_dim(x)
    stored = module.running_mean is not None
    tracked = module.training and module.track_running_stats and stored
    momentum, batches = module.momentum, module.num_batches_tracked
    if tracked and batches is not None:
        batches.add_(1)
        momentum = 1 / int(batches) if momentum is None else momentum
    zeros = x.new_zeros(x.shape[1])
    mean, var = (module.running_mean, module.running_var) if stored else (zeros, zeros)
    training = module.training or not stored
    settings = {"training": training, "momentum": momentum or 0.0, "eps": module.eps}
    y, *moved = exactly(batch_norm, *alike(x, mean, var, module.weight, module.bias), **settings)
    if tracked:
        for buffer, new in zip((mean, var), moved, strict=True):
            buffer.copy_(new)
    return y.to(x.dtype)


class BatchNorm1d(torch.nn.BatchNorm1d):
    """`torch.nn.BatchNorm1d` on `batch_norm`."""

    def forward(self, input: Tensor) -> Tensor:
        return _of_batches(self, input)


class BatchNorm2d(torch.nn.BatchNorm2d):
    """`torch.nn.BatchNorm2d` on `batch_norm`."""

    def forward(self, input: Tensor) -> Tensor:
        return _of_batches(self, input)
