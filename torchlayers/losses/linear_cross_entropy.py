"""Cross entropy without logits. Derivation: crosscheck/catalog/losses/linear_cross_entropy.py."""

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor

from torchlayers.blocks import unwatched
from torchlayers.checks import from_one
from torchlayers.classes import Rule, bent, count, live, losses, pulled, rule_of
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.labels import labelled
from torchlayers.reductions import reduced, shared


def linear_cross_entropy(
    x: Tensor,
    w: Tensor,
    labels: Tensor,
    smoothing: float = 0.0,
    z_loss: float = 0.0,
    ignore_index: int = -100,
    reduction: str = "mean",
    block: int = 192,
) -> Tensor:
    """Cross entropy of labels and x w, whose logits never exist whole.

        cross_entropy(x w, labels)

    Computed for `block` rows at a time, in every derivative up to the second. All else, that of
    labels that are ignored or no class too, is as in `cross_entropy`.

    Args:
        x: (..., d)
        w: (d, c)
        labels: (...), whole numbers from 0 to c - 1, or ignore_index.
        smoothing: a number from 0 on, below 1.
        z_loss: a number from 0 on: what a large log Σ exp(logits) costs.
        ignore_index: the label of rows that are left out.
        reduction: "mean", "sum" or "none".
        block: how many rows at a time, at least 1; it need not divide their number.

    Raises:
        TypeError: x and w are not floating-point tensors of one dtype, labels not one of whole
            numbers, or a setting is not of its type.
        ValueError: the shapes do not fit, or a setting is out of range.

    Reference: Wijmans et al. 2024, https://arxiv.org/abs/2411.09009
    """
    x, w, labels = labelled("linear_cross_entropy", labels, x=(x, "... d"), w=(w, "d c"))
    rule = rule_of("linear_cross_entropy", smoothing, z_loss, ignore_index, reduction)
    block = from_one("linear_cross_entropy", "block", block)
    return _LinearCrossEntropy.call(x, w, labels, block, *rule)


class _Rows(NamedTuple):
    """A block of rows of x in the wide type, their labels and logits; 0 where rows are ignored."""

    at: slice
    ignored: Tensor
    x: Tensor
    labels: Tensor
    logits: Tensor

    def own(self, a: Tensor, labels: Tensor) -> Tensor:
        """The same rows of another tensor, (n, d); of one that has the labels' shape, d is 1."""
        return _own(_flat(a, labels), self.at, self.ignored)


def _flat(a: Tensor, labels: Tensor) -> Tensor:
    """(..., d) as (n, d), for labels (...)."""
    return a.reshape(prod(labels.shape), *(a.shape[labels.ndim :] or (1,)))


def _own(a: Tensor, at: slice, ignored: Tensor) -> Tensor:
    return widen(a[at]).masked_fill(ignored, 0)


def _in_rows(x: Tensor, w: Tensor, labels: Tensor, rule: Rule, block: int) -> Iterator[_Rows]:
    x, wide, labels = _flat(x, labels), widen(w), labels.reshape(prod(labels.shape))
    for start in range(0, max(len(x), 1), block):
        at = slice(start, min(start + block, len(x)))
        ignored = ~live(labels[at], rule).unsqueeze(-1)
        part = _own(x, at, ignored)
        yield _Rows(at, ignored, part, labels[at], part @ wide)


def _plus(total: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """total + a b; total is written into where nobody sees it."""
    return total.addmm_(a, b) if unwatched(total, a, b) else total + a @ b


def _row_slopes(b: _Rows, rule: Rule) -> Tensor:
    """The gradient of each row's loss by its logits."""
    return pulled(b.logits, b.labels, torch.ones_like(b.x[:, :1].sum(-1)), rule)


class _LinearCrossEntropy(Function):
    @staticmethod
    def forward(x: Tensor, w: Tensor, labels: Tensor, block: int, *settings: Any) -> Tensor:
        rule = Rule(*settings)
        of = [losses(b.logits, b.labels, rule) for b in _in_rows(x, w, labels, rule, block)]
        rows = torch.cat(of).reshape(labels.shape)
        return reduced(rows, rule.reduction, count(labels, rule)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, w, labels, ctx.block, *settings = inputs
        ctx.rule = Rule(*settings)
        keep(ctx, x, w, labels)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, w, labels = ctx.saved_tensors
        g = shared(g, ctx.rule.reduction, count(labels, ctx.rule)).expand(labels.shape)
        dx, dw = _Slopes.call(x, w, labels, g, ctx.block, *ctx.rule)
        return dx, dw, *(None for _ in range(6))

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, tw: Tensor, *_: None) -> Tensor:
        x, w, labels = ctx.saved_tensors
        blocks = _in_rows(x, w, labels, ctx.rule, ctx.block)
        of = [
            (_row_slopes(b, ctx.rule) * _logit_tangents(b, w, tx, tw, labels)).sum(-1)
            for b in blocks
        ]
        rows = torch.cat(of).reshape(labels.shape)
        return reduced(rows, ctx.rule.reduction, count(labels, ctx.rule)).to(x.dtype)


def _logit_tangents(b: _Rows, w: Tensor, tx: Tensor, tw: Tensor, labels: Tensor) -> Tensor:
    return b.own(tx, labels) @ widen(w) + b.x @ widen(tw)


class _Slopes(Function):
    """The gradients of x and w, given each row's cotangent, with their derivatives."""

    @staticmethod
    def forward(
        x: Tensor, w: Tensor, labels: Tensor, g: Tensor, block: int, *settings: Any
    ) -> tuple[Tensor, Tensor]:
        rule, wide, dx, dw = Rule(*settings), widen(w), [], torch.zeros_like(widen(w))
        for b in _in_rows(x, w, labels, rule, block):
            d_logits = pulled(b.logits, b.labels, b.own(g, labels).squeeze(-1), rule)
            dx.append(d_logits @ wide.mT)
            dw = _plus(dw, b.x.mT, d_logits)
        return torch.cat(dx).reshape(x.shape).to(x.dtype), dw.to(w.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        x, w, labels, g, ctx.block, *settings = inputs
        ctx.rule = Rule(*settings)
        keep(ctx, x, w, labels, g)

    @staticmethod
    def backward(ctx: Any, cx: Tensor, cw: Tensor) -> tuple[Tensor | None, ...]:
        dg, dx, dw = _curved(ctx, cx, cw)
        return dx, dw, None, dg, *(None for _ in range(5))

    @staticmethod
    def jvp(
        ctx: Any, tx: Tensor, tw: Tensor, _: None, tg: Tensor, *__: None
    ) -> tuple[Tensor, Tensor]:
        return _curved(ctx, tx, tw, tg)[1:]


def _curved(
    ctx: Any, tx: Tensor, tw: Tensor, tg: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """The tangents of the rows' losses, of dx and of dw; without tg, g does not move."""
    x, w, labels, g = ctx.saved_tensors
    of, dx, dw, wide = [], [], torch.zeros_like(widen(w)), widen(w)
    for b in _in_rows(x, w, labels, ctx.rule, ctx.block):
        gb, slopes = b.own(g, labels), _row_slopes(b, ctx.rule)
        u = _logit_tangents(b, w, tx, tw, labels)
        d_logits, t_logits = gb * slopes, gb * bent(b.logits, b.labels, u, ctx.rule)
        if tg is not None:
            t_logits = t_logits + b.own(tg, labels) * slopes
        of.append((slopes * u).sum(-1))
        dx.append(t_logits @ wide.mT + d_logits @ widen(tw).mT)
        dw = dw + b.own(tx, labels).mT @ d_logits + b.x.mT @ t_logits
    rows = torch.cat(of).reshape(labels.shape).to(g.dtype)
    return rows, torch.cat(dx).reshape(x.shape).to(x.dtype), dw.to(w.dtype)
