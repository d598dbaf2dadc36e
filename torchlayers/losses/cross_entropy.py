"""Cross entropy. Derivation: crosscheck/catalog/losses/cross_entropy.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.classes import Rule, count, losses, pulled, rule_of
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.labels import labelled
from torchlayers.reductions import reduced, shared


def cross_entropy(
    logits: Tensor,
    labels: Tensor,
    smoothing: float = 0.0,
    z_loss: float = 0.0,
    ignore_index: int = -100,
    reduction: str = "mean",
) -> Tensor:
    """Cross entropy of labels and softmax(logits), right where the right class is far ahead too.

        z - Σ q logits + z_loss z²        z = log Σ exp(logits)

    q is 1 - smoothing at the label, and smoothing is spread evenly over all classes. Logits of -inf
    leave a class out, of this too; at the label they make the loss infinite. Rows with the label
    `ignore_index` add nothing, whatever they hold, and do not count in the mean: of no rows at all
    it is 0. Where a label is no class, the row is NaN.

    Args:
        logits: (..., c)
        labels: (...), whole numbers from 0 to c - 1, or ignore_index.
        smoothing: a number from 0 on, below 1.
        z_loss: a number from 0 on: what a large z costs.
        ignore_index: the label of rows that are left out.
        reduction: "mean", "sum" or "none".

    Raises:
        TypeError: logits are not a floating-point tensor, labels not one of whole numbers, or a
            setting is not of its type.
        ValueError: the shapes do not fit, or a setting is out of range.

    Reference: Szegedy et al. 2016, https://arxiv.org/abs/1512.00567 (smoothing); Chowdhery et al.
    2022, https://arxiv.org/abs/2204.02311 (z_loss).
    """
    x, labels = labelled("cross_entropy", labels, logits=(logits, "... c"))
    rule = rule_of("cross_entropy", smoothing, z_loss, ignore_index, reduction)
    return _CrossEntropy.call(x, labels, *rule)


class _CrossEntropy(Function):
    @staticmethod
    def forward(x: Tensor, labels: Tensor, *settings: Any) -> Tensor:
        rule = Rule(*settings)
        rows = losses(widen(x), labels, rule)
        return reduced(rows, rule.reduction, count(labels, rule)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, labels, *settings = inputs
        ctx.rule = Rule(*settings)
        keep(ctx, x, labels)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, labels = ctx.saved_tensors
        rule = ctx.rule
        g = shared(g, rule.reduction, count(labels, rule)).expand(labels.shape)
        dx = pulled(widen(x), labels, g, rule)
        return dx.to(x.dtype), *(None for _ in range(5))

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        x, labels = ctx.saved_tensors
        slopes = pulled(widen(x), labels, torch.ones_like(labels, dtype=torch.float32), ctx.rule)
        t = (slopes * widen(tx)).sum(-1)
        return reduced(t, ctx.rule.reduction, count(labels, ctx.rule)).to(tx.dtype)
