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
    """
    x, w, labels = labelled("linear_cross_entropy", labels, x=(x, "... d"), w=(w, "d c"))
    rule = rule_of("linear_cross_entropy", smoothing, z_loss, ignore_index, reduction)
    block = from_one("linear_cross_entropy", "block", block)
    return _LinearCrossEntropy.call(x, w, labels, *rule, block)


class _Rows(NamedTuple):
    """A block of rows in the wide type, 0 where they are ignored, their labels and logits."""

    at: slice
    x: Tensor
    labels: Tensor
    logits: Tensor


def _flat(a: Tensor, labels: Tensor) -> Tensor:
    """(..., d) as (n, d), for labels (...)."""
    return a.reshape(prod(labels.shape), *a.shape[labels.ndim :])


def _in_rows(x: Tensor, w: Tensor, labels: Tensor, rule: Rule, block: int) -> Iterator[_Rows]:
    x, wide, labels = _flat(x, labels), widen(w), _flat(labels, labels)
    for start in range(0, max(len(x), 1), block):
        at = slice(start, min(start + block, len(x)))
        own = labels[at]
        part = widen(x[at]).masked_fill(~live(own, rule).unsqueeze(-1), 0)
        yield _Rows(at, part, own, part @ wide)


def _plus(total: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """total + a b; total is written into where nobody sees it."""
    return total.addmm_(a, b) if unwatched(total, a, b) else total + a @ b


class _LinearCrossEntropy(Function):
    @staticmethod
    def forward(x: Tensor, w: Tensor, labels: Tensor, *settings: Any) -> Tensor:
        rule, block = Rule(*settings[:-1]), settings[-1]
        of = [losses(b.logits, b.labels, rule) for b in _in_rows(x, w, labels, rule, block)]
        rows = torch.cat(of).reshape(labels.shape)
        return reduced(rows, rule.reduction, count(labels, rule)).to(x.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        x, w, labels, *ctx.settings = inputs
        keep(ctx, x, w, labels)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        x, w, labels = ctx.saved_tensors
        rule = Rule(*ctx.settings[:-1])
        g = shared(g, rule.reduction, count(labels, rule)).expand(labels.shape)
        dx, dw = _Slopes.call(x, w, labels, g, *ctx.settings)
        return dx, dw, *(None for _ in range(6))

    @staticmethod
    def jvp(ctx: Any, tx: Tensor, tw: Tensor, *_: None) -> Tensor:
        x, w, labels = ctx.saved_tensors
        rule, block = Rule(*ctx.settings[:-1]), ctx.settings[-1]
        of = []
        for b in _in_rows(x, w, labels, rule, block):
            one = torch.ones_like(b.labels, dtype=b.x.dtype)
            u = _logit_tangents(b, w, tx, tw, labels)
            of.append((pulled(b.logits, b.labels, one, rule) * u).sum(-1))
        rows = torch.cat(of).reshape(labels.shape)
        return reduced(rows, rule.reduction, count(labels, rule)).to(x.dtype)


def _logit_tangents(b: _Rows, w: Tensor, tx: Tensor, tw: Tensor, labels: Tensor) -> Tensor:
    return widen(_flat(tx, labels)[b.at]) @ widen(w) + b.x @ widen(tw)


class _Slopes(Function):
    """The gradients of x and w, given each row's cotangent, with their derivatives."""

    @staticmethod
    def forward(
        x: Tensor, w: Tensor, labels: Tensor, g: Tensor, *settings: Any
    ) -> tuple[Tensor, Tensor]:
        rule, wide, dx, dw = Rule(*settings[:-1]), widen(w), [], torch.zeros_like(widen(w))
        for b in _in_rows(x, w, labels, rule, settings[-1]):
            d_logits = pulled(b.logits, b.labels, _flat(g, labels)[b.at], rule)
            dx.append(d_logits @ wide.mT)
            dw = _plus(dw, b.x.mT, d_logits)
        return torch.cat(dx).reshape(x.shape).to(x.dtype), dw.to(w.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        x, w, labels, g, *ctx.settings = inputs
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
    rule, wide = Rule(*ctx.settings[:-1]), widen(w)
    of, dx, dw = [], [], torch.zeros_like(wide)
    for b in _in_rows(x, w, labels, rule, ctx.settings[-1]):
        ignored = ~live(b.labels, rule).unsqueeze(-1)

        def own(a: Tensor, b: _Rows = b, ignored: Tensor = ignored) -> Tensor:
            rows = widen(_flat(a, labels)[b.at])
            return rows.reshape(len(rows), -1).masked_fill(ignored, 0)

        u = own(tx) @ wide + b.x @ widen(tw)
        slopes = pulled(b.logits, b.labels, torch.ones_like(u[:, 0]), rule)
        d_logits, t_logits = own(g) * slopes, own(g) * bent(b.logits, b.labels, u, rule)
        if tg is not None:
            t_logits = t_logits + own(tg) * slopes
        of.append((slopes * u).sum(-1))
        dx.append(t_logits @ wide.mT + d_logits @ widen(tw).mT)
        dw = dw + own(tx).mT @ d_logits + b.x.mT @ t_logits
    rows = torch.cat(of).reshape(labels.shape).to(g.dtype)
    return rows, torch.cat(dx).reshape(x.shape).to(x.dtype), dw.to(w.dtype)
