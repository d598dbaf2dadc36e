"""Rows of logits and their labels: what cross entropy and its form without logits share.

Derivation: crosscheck/catalog/losses/cross_entropy.py.
"""

import math
from typing import Any, NamedTuple

import torch
from torch import Tensor

from torchlayers.blocks import unwatched
from torchlayers.checks import from_zero, integer
from torchlayers.function import Function, keep
from torchlayers.indices import bounded, wide
from torchlayers.reductions import reducing
from torchlayers.simplex import LogTotal, Probabilities, spread


class Rule(NamedTuple):
    smoothing: float
    z_loss: float
    ignore_index: int
    reduction: str


def rule_of(layer: str, smoothing: Any, z_loss: Any, ignore_index: Any, reduction: Any) -> Rule:
    """The settings, checked.

    Raises:
        TypeError: one is not of its type.
        ValueError: one is out of range.
    """
    return Rule(
        from_zero(below=1)(layer, "smoothing", smoothing),
        from_zero()(layer, "z_loss", z_loss),
        integer(layer, "ignore_index", ignore_index),
        reducing(layer, "reduction", reduction),
    )


def live(labels: Tensor, rule: Rule) -> Tensor:
    """Where the label is not to be ignored."""
    labels = wide(labels)
    return labels != bounded(rule.ignore_index, labels.dtype)


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


def _share(x: Tensor, rule: Rule) -> tuple[Tensor, Tensor]:
    """Which classes take part in smoothing, and what it gives each of them."""
    part = x != -math.inf
    return part, rule.smoothing / part.sum(-1, keepdim=True).clamp(min=1).to(x.dtype)


def _weights(x: Tensor, labels: Tensor, rule: Rule) -> Tensor:
    """1 for each row; 0 where it is ignored, NaN where its label is no class."""
    labels = wide(labels)
    known = (labels >= 0) & (labels < x.shape[-1])
    return torch.where(live(labels, rule), torch.where(known, 1.0, math.nan), 0.0)


def losses(x: Tensor, labels: Tensor, rule: Rule) -> Tensor:
    """The loss of each row."""
    if not x.shape[-1]:
        return x.sum(-1) * _weights(x, labels, rule)
    m, largest = _largest(x)
    others = _put((x - m).exp_(), largest, 0).sum(-1, keepdim=True)
    total = others.log1p()
    loss = total - (1 - rule.smoothing) * (x.gather(-1, _place(x, labels)) - m)
    if rule.smoothing:
        part, share = _share(x, rule)
        loss = loss - share * (x - m).masked_fill_(~part, 0).sum(-1, keepdim=True)
    if rule.z_loss:
        loss = loss + rule.z_loss * (m + total).square()
    loss = loss.squeeze(-1).masked_fill(~live(labels, rule), 0)
    return loss * _weights(x, labels, rule)


class _Gaps(Function):
    """p - q of each row, whose sum is 0: that of the label is less the sum of the others."""

    @staticmethod
    def forward(x: Tensor, labels: Tensor, *settings: Any) -> Tensor:
        rule = Rule(*settings)
        if not x.shape[-1]:
            return torch.zeros_like(x)
        ignored, place = ~live(labels, rule).unsqueeze(-1), _place(x, labels)
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
        ctx.rule = Rule(*settings)
        keep(ctx, x, labels)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        return _Gaps.jvp(ctx, g), *(None for _ in range(5))

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, *_: None) -> Tensor:
        x, labels = ctx.saved_tensors  # q has no derivative
        p = Probabilities.call(x, live(labels, ctx.rule).unsqueeze(-1), -1)
        return spread(p, tx, -1)


def pulled(x: Tensor, labels: Tensor, g: Tensor, rule: Rule) -> Tensor:
    """The gradient of the rows' losses, each times its cotangent."""
    lives = live(labels, rule)
    g = (g.masked_fill(~lives, 0) * _weights(x, labels, rule)).unsqueeze(-1)
    gaps = _Gaps.call(x, labels, *rule)
    dx = gaps.mul_(g) if unwatched(gaps, g) else g * gaps
    if rule.z_loss:
        z = LogTotal.call(x, lives.unsqueeze(-1), -1).unsqueeze(-1)
        p = Probabilities.call(x, lives.unsqueeze(-1), -1)
        dx = dx + g * (2 * rule.z_loss * z.masked_fill(z == -math.inf, 0)) * p
    return dx


def bent(x: Tensor, labels: Tensor, u: Tensor, rule: Rule) -> Tensor:
    """How the gradient of each row's loss moves along u."""
    lives = live(labels, rule).unsqueeze(-1)
    p = Probabilities.call(x, lives, -1)
    moved = spread(p, u, -1)
    if rule.z_loss:
        z = LogTotal.call(x, lives, -1).unsqueeze(-1)
        along = (p * u).sum(-1, keepdim=True)
        moved = moved + 2 * rule.z_loss * (z.masked_fill(z == -math.inf, 0) * moved + along * p)
    return _weights(x, labels, rule).unsqueeze(-1) * moved


def count(labels: Tensor, rule: Rule) -> Tensor:
    """How many rows a mean is over."""
    return live(labels, rule).sum().clamp(min=1)
