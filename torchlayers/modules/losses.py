"""Losses as modules, with torch's class names.

As in torch, two types make one, the wider; and under autocast none is narrower than float32. The
value has that type, but in Huber's loss the input's and in BCEWithLogitsLoss the target's.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from torchlayers.losses.bce_with_logits import bce_with_logits
from torchlayers.losses.cross_entropy import cross_entropy
from torchlayers.losses.huber import huber
from torchlayers.losses.kl_div import kl_div
from torchlayers.losses.l1 import l1
from torchlayers.losses.linear_cross_entropy import linear_cross_entropy
from torchlayers.losses.mse import mse
from torchlayers.modules.types import alike, exactly, raised


def _unweighted(module: str, **weights: Tensor | None) -> None:
    for name, weight in weights.items():
        if weight is not None:
            raise ValueError(
                f'{module}: expected {name} to be None, got a tensor; say reduction="none" and '
                "multiply the losses by their weights"
            )


class MSELoss(torch.nn.MSELoss):
    """`torch.nn.MSELoss` on `mse`, which never broadcasts."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        x, y = alike(*raised(input, target))
        return mse(x, y, reduction=self.reduction)


class L1Loss(torch.nn.L1Loss):
    """`torch.nn.L1Loss` on `l1`, which never broadcasts."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        x, y = alike(*raised(input, target))
        return l1(x, y, reduction=self.reduction)


class HuberLoss(torch.nn.HuberLoss):
    """`torch.nn.HuberLoss` on `huber`, which never broadcasts."""

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        x, y = raised(input, target)
        wide_x, wide_y = alike(x, y)
        return huber(wide_x, wide_y, delta=self.delta, reduction=self.reduction).to(x.dtype)


class BCEWithLogitsLoss(torch.nn.BCEWithLogitsLoss):
    """`torch.nn.BCEWithLogitsLoss` on `bce_with_logits`, without weights.

    Raises:
        ValueError: there are weights.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        pos_weight: Tensor | None = None,
    ):
        _unweighted("BCEWithLogitsLoss", weight=weight, pos_weight=pos_weight)
        super().__init__(None, size_average, reduce, reduction, None)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        x, y = raised(input, target)
        wide_x, wide_y = alike(x, y)
        return bce_with_logits(wide_x, wide_y, reduction=self.reduction).to(y.dtype)


class CrossEntropyLoss(torch.nn.CrossEntropyLoss):
    """`torch.nn.CrossEntropyLoss` on `cross_entropy`, of labels and without weights.

    The mean of no rows is 0, where torch has NaN.

    Raises:
        ValueError: there are weights.
    """

    def __init__(
        self,
        weight: Tensor | None = None,
        size_average: Any = None,
        ignore_index: int = -100,
        reduce: Any = None,
        reduction: str = "mean",
        label_smoothing: float = 0.0,
    ):
        _unweighted("CrossEntropyLoss", weight=weight)
        super().__init__(None, size_average, ignore_index, reduce, reduction, label_smoothing)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        (x,) = raised(input)
        logits = x.movedim(1, -1) if x.ndim > 1 else x
        return cross_entropy(
            logits,
            target,
            smoothing=self.label_smoothing,
            ignore_index=self.ignore_index,
            reduction=self.reduction,
        )


class LinearCrossEntropyLoss(torch.nn.LinearCrossEntropyLoss):
    """`torch.nn.LinearCrossEntropyLoss` on `linear_cross_entropy`, of labels and (..., features).

    It is always computed in chunks, whatever the options. The mean of no rows is 0, where torch has
    NaN.

    Raises:
        ValueError: there are weights of classes, a bias, or further axes of outputs.
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: tuple[int, ...] = (),
        bias: bool = False,
        device: Any = None,
        dtype: Any = None,
        reduction: str = "mean",
        weight: Tensor | None = None,
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        options: Any = None,
    ):
        _unweighted("LinearCrossEntropyLoss", weight=weight)
        if bias or out_features:
            raise ValueError(
                "LinearCrossEntropyLoss: expected no bias and no out_features, got "
                f"bias={bias}, out_features={out_features}; append a feature that is 1"
            )
        super().__init__(
            in_features,
            num_classes,
            device=device,
            dtype=dtype,
            reduction=reduction,
            ignore_index=ignore_index,
            label_smoothing=label_smoothing,
            options=options,
        )

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return exactly(
            linear_cross_entropy,
            *raised(input, self.linear.weight.mT),
            target,
            smoothing=self.label_smoothing,
            ignore_index=-100 if self.ignore_index is None else self.ignore_index,
            reduction=self.reduction,
        )


class KLDivLoss(torch.nn.KLDivLoss):
    """`torch.nn.KLDivLoss` on `kl_div`, which never broadcasts; reduction other than "none".

    Raises:
        ValueError: another reduction.
    """

    def __init__(
        self,
        size_average: Any = None,
        reduce: Any = None,
        reduction: str = "mean",
        log_target: bool = False,
    ):
        super().__init__(size_average, reduce, reduction, log_target)
        if self.reduction not in ("mean", "batchmean", "sum"):
            raise ValueError(
                f'KLDivLoss: expected reduction to be "mean", "batchmean" or "sum", got '
                f"{reduction!r}; kl_div has the rows alone"
            )

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        total = self.reduction == "sum"
        how = {"log_p": self.log_target, "log_q": True}
        q, p = alike(*raised(input, target))
        loss = kl_div(p, q, **how, reduction="sum" if total else "mean")
        rows = input.numel() / max(input.shape[-1], 1)
        over = input.shape[0] if self.reduction == "batchmean" else input.numel()
        return loss if total else loss * (rows / max(over, 1))
