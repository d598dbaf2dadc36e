"""Cross entropy. Derivation: crosscheck/catalog/losses/cross_entropy.py."""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from torchlayers.blocks import unwatched
from torchlayers.checks import from_zero, integer
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.indices import wide
from torchlayers.labels import labelled
from torchlayers.reductions import reduced, reducing, shared
from torchlayers.simplex import LogTotal, Probabilities, spread


class _Rule(NamedTuple):
    smoothing: float
    z_loss: float
    ignore_index: int
    reduction: str


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
    """
    x, labels = labelled("cross_entropy", labels, "... c", logits=logits)
    return _CrossEntropy.call(
        x,
        labels,
        from_zero(below=1)("cross_entropy", "smoothing", smoothing),
        from_zero()("cross_entropy", "z_loss", z_loss),
        integer("cross_entropy", "ignore_index", ignore_index),
        reducing("cross_entropy", "reduction", reduction),
    )


def _live(labels: Tensor, rule: _Rule) -> Tensor:
    return wide(labels) != rule.ignore_index


def _place(x: Tensor, labels: Tensor) -> Tensor:
    """The label as an index along the classes; any where it is no class."""
    return labels.long().clamp(0, x.shape[-1] - 1).unsqueeze(-1)


def _largest(x: Tensor) -> tuple[Tensor, Tensor]:
    """The largest logit, 0 in place of -inf, and its index."""
    m, index = x.max(-1, keepdim=True)
    return m.masked_fill(m == -math.inf, 0), index


def _put(e: Tensor, place: Tensor, value: Tensor | float) -> Tensor:
    """`e` with one entry of each row replaced; e is written into where nobody sees it."""
    put = e.scatter_ if unwatched(e) else e.scatter
    return put(-1, place, value)  # torch.vmap has no rule for scatter_


def _share(x: Tensor, rule: _Rule) -> tuple[Tensor, Tensor]:
    """Which classes take part in smoothing, and what it gives each of them."""
    part = x != -math.inf
    return part, rule.smoothing / part.sum(-1, keepdim=True).clamp(min=1).to(x.dtype)


def _weights(x: Tensor, labels: Tensor, rule: _Rule) -> Tensor:
    """1 for each row; 0 where it is ignored, NaN where its label is no class."""
    labels = wide(labels)
    known = (labels >= 0) & (labels < x.shape[-1])
    return torch.where(_live(labels, rule), torch.where(known, 1.0, math.nan), 0.0)


def _rows(x: Tensor, labels: Tensor, rule: _Rule) -> Tensor:
    """The loss of each row."""
    if not x.shape[-1]:
        return x.sum(-1) * _weights(x, labels, rule)
    m, largest = _largest(x)
    others = _put((x - m).exp_(), largest, 0).sum(-1, keepdim=True)
    total = others.log1p()
    losses = total - (1 - rule.smoothing) * (x.gather(-1, _place(x, labels)) - m)
    if rule.smoothing:
        part, share = _share(x, rule)
        losses = losses - share * (x - m).masked_fill_(~part, 0).sum(-1, keepdim=True)
    if rule.z_loss:
        losses = losses + rule.z_loss * (m + total).square()
    losses = losses.squeeze(-1).masked_fill(~_live(labels, rule), 0)
    return losses * _weights(x, labels, rule)


class _Gaps(Function):
    """p - q of each row, whose sum is 0: that of the label is less the sum of the others."""

    @staticmethod
    def forward(x: Tensor, labels: Tensor, *settings: Any) -> Tensor:
        rule = _Rule(*settings)
        if not x.shape[-1]:
            return torch.zeros_like(x)
        ignored, place = ~_live(labels, rule).unsqueeze(-1), _place(x, labels)
        m = _largest(x)[0].masked_fill(ignored, math.inf)
        e = (x - m).exp_().masked_fill_(ignored, 0)
        right = e.gather(-1, place)
        e = _put(e, place, 0)
        others = e.sum(-1, keepdim=True)
        total = right + others
        total = total.masked_fill(total == 0, 1)
        gaps, at_label = e.div_(total), -others / total
        if rule.smoothing:
            part, share = _share(x, rule)
            others = part.sum(-1, keepdim=True) - part.gather(-1, place).long()
            gaps, at_label = gaps.sub_(share * part), at_label + share * others
        return _put(gaps, place, at_label)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, labels, *settings = inputs
        ctx.rule = _Rule(*settings)
        keep(ctx, x, labels)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        return _Gaps.jvp(ctx, g), *(None for _ in range(5))

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        x, labels = ctx.saved_tensors  # q has no derivative
        p = Probabilities.call(x, _live(labels, ctx.rule).unsqueeze(-1), -1)
        return spread(p, tx, -1)


def _pulled(x: Tensor, labels: Tensor, g: Tensor, rule: _Rule) -> Tensor:
    """The gradient of the rows' losses, each times its cotangent."""
    live = _live(labels, rule)
    g = (g.masked_fill(~live, 0) * _weights(x, labels, rule)).unsqueeze(-1)
    dx = g * _Gaps.call(x, labels, *rule)
    if rule.z_loss:
        z = LogTotal.call(x, live.unsqueeze(-1), -1).unsqueeze(-1)
        p = Probabilities.call(x, live.unsqueeze(-1), -1)
        dx = dx + g * (2 * rule.z_loss * z.masked_fill(z == -math.inf, 0)) * p
    return dx


def _count(labels: Tensor, rule: _Rule) -> Tensor:
    return _live(labels, rule).sum().clamp(min=1)


class _CrossEntropy(Function):
    @staticmethod
    def forward(x: Tensor, labels: Tensor, *settings: Any) -> Tensor:
        rule = _Rule(*settings)
        rows = _rows(widen(x), labels, rule)
        return reduced(rows, rule.reduction, _count(labels, rule)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, labels, *settings = inputs
        ctx.rule = _Rule(*settings)
        keep(ctx, x, labels)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, labels = ctx.saved_tensors
        rule = ctx.rule
        g = shared(g, rule.reduction, _count(labels, rule)).expand(labels.shape)
        dx = _pulled(widen(x), labels, g, rule)
        return dx.to(x.dtype), *(None for _ in range(5))

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        x, labels = ctx.saved_tensors
        slopes = _pulled(widen(x), labels, torch.ones_like(labels, dtype=torch.float32), ctx.rule)
        t = (slopes * widen(tx)).sum(-1)
        return reduced(t, ctx.rule.reduction, _count(labels, ctx.rule)).to(tx.dtype)
