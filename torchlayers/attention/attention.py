"""Attention. Derivation: crosscheck/catalog/attention/attention.py."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import pad

from torchlayers.axes import masking
from torchlayers.blocks import unwatched
from torchlayers.checks import arrays, from_one, number, switch
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.simplex import Probabilities, centre, spread_into

Tensors = tuple[Tensor, ...]


class _Rule(NamedTuple):
    causal: bool
    scale: float
    block: int


def attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
    block: int = 128,
) -> Tensor:
    """Scaled dot-product attention: for each query the mean of the values, weighted by its keys.

        softmax(scale q kᵀ) v

    Computed for `block` queries at a time, in every derivative up to the second: scores never exist
    whole. What the mask leaves out, and with `causal` the keys after a query's own place, have no
    part, but must be finite too: 0 times NaN is NaN. A query to which nothing is left gives 0, with
    gradient 0. Heads of queries share those of keys and values in groups of neighbours.

    Args:
        q: (..., heads, t, d)
        k: (..., kv, s, d), heads a multiple of kv.
        v: (..., kv, s, e)
        mask: truth values of a shape that broadcasts to (..., heads, t, s), false where a key is
            left out; or None.
        causal: whether query i sees keys 0 to i only.
        scale: what scores are multiplied by; None is 1/√d.
        block: how many queries at a time, at least 1; it need not divide t.

    Raises:
        TypeError: not floating-point tensors of one dtype, the mask is none of truth values, or a
            setting is not of its type.
        ValueError: shapes that do not fit, heads that are no multiple of kv, or a block below 1.

    Reference: Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; Rabe and Staats 2021,
    https://arxiv.org/abs/2112.05682 (blocks); Ainslie et al. 2023, https://arxiv.org/abs/2305.13245
    (groups of heads).
    """
    q, k, v = arrays("attention", q=(q, "... heads t d"), k=(k, "... kv s d"), v=(v, "... kv s e"))
    _check_groups(q.shape[-3], k.shape[-3])
    mask = masking("attention", mask, (*q.shape[:-1], k.shape[-2]), "scores")
    rule = _rule(q.shape[-1], causal, scale, block)
    return _Attention.call(q, k, v, mask, *rule)


def _check_groups(heads: int, kv: int) -> None:
    if heads % max(kv, 1) or (heads and not kv):
        raise ValueError(
            f"attention: expected heads of q to be a multiple of those of k and v, got {heads} and "
            f"{kv}; repeat heads of k and v"
        )


def _rule(d: int, causal: bool, scale: float | None, block: int) -> _Rule:
    return _Rule(
        switch("attention", "causal", causal),
        max(d, 1) ** -0.5 if scale is None else number("attention", "scale", scale),
        from_one("attention", "block", block),
    )


class _Rows(NamedTuple):
    """A block of queries, the keys and values that they see, and p = softmax(scale q kᵀ)."""

    rows: slice
    seen: slice
    q: Tensor
    k: Tensor
    v: Tensor
    p: Tensor


def _in_rows(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, rule: _Rule) -> Iterator[_Rows]:
    """The queries, multiplied by the scale, in blocks."""
    t, s = q.shape[-2], k.shape[-2]
    for start in range(0, max(t, 1), rule.block):
        rows = slice(start, min(start + rule.block, t))
        seen = slice(0, min(rows.stop, s) if rule.causal else s)
        part = _part(q, rows) * rule.scale, _part(k, seen), _part(v, seen)
        p = Probabilities.call(_scores(*part[:2]), _visible(mask, rows, seen, rule, q), -1)
        yield _Rows(rows, seen, *part, p)


def _part(a: Tensor, rows: slice) -> Tensor:
    """Some rows, in the wide type; a[..., rows, :] has no rule for batched gradients."""
    return widen(a.narrow(-2, rows.start, rows.stop - rows.start))


def _visible(
    mask: Tensor | None, rows: slice, seen: slice, rule: _Rule, q: Tensor
) -> Tensor | None:
    if mask is not None:
        mask = mask[..., rows, :] if mask.ndim > 1 and mask.shape[-2] > 1 else mask
        mask = mask[..., seen] if mask.ndim and mask.shape[-1] > 1 else mask
    if not rule.causal:
        return mask
    past = torch.ones(rows.stop - rows.start, seen.stop, dtype=torch.bool, device=q.device)
    past = past.tril(rows.start)
    return past if mask is None else mask & past


def _shared(a: Tensor, kv: int) -> Tensor:
    """(..., heads, t, d) as (..., kv, group t, d): the rows of all heads that share one of k."""
    *lead, heads, t, d = a.shape
    return a if heads == kv else a.reshape(*lead, kv, heads // max(kv, 1) * t, d)


def _scores(q: Tensor, k: Tensor) -> Tensor:
    """q kᵀ, for every head of q."""
    return (_shared(q, k.shape[-3]) @ k.mT).reshape(*q.shape[:-1], k.shape[-2])


def _mixed(p: Tensor, v: Tensor) -> Tensor:
    """p v, for every head of p."""
    return (_shared(p, v.shape[-3]) @ v).reshape(*p.shape[:-1], v.shape[-1])


def _gathered(p: Tensor, q: Tensor, like: Tensor) -> Tensor:
    """pᵀ q, summed over the heads that share one of `like`."""
    kv = like.shape[-3]
    return _shared(p, kv).mT @ _shared(q, kv)


class _Attention(Function):
    @staticmethod
    def forward(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, *rule: Any) -> Tensor:
        blocks = [_mixed(b.p, b.v) for b in _in_rows(q, k, v, mask, _Rule(*rule))]
        return torch.cat(blocks, -2).to(q.dtype)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        _keep(ctx, inputs)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        q, k, v, mask = ctx.saved_tensors
        return *_Slopes.call(q, k, v, g, mask, *ctx.rule), *[None] * 4

    @staticmethod
    def jvp(ctx: Any, tq: Tensor, tk: Tensor, tv: Tensor, *_: None) -> Tensor:
        q, k, v, mask = ctx.saved_tensors
        blocks = []
        for b in _in_rows(q, k, v, mask, ctx.rule):
            tp = spread_into(b.p, _score_tangents(b, tq, tk, ctx.rule), -1)
            blocks.append(_mixed(tp, b.v) + _mixed(b.p, _part(tv, b.seen)))
        return torch.cat(blocks, -2).to(q.dtype)


def _keep(ctx: Any, inputs: tuple[Any, ...]) -> None:
    *tensors, causal, scale, block = inputs
    ctx.rule = _Rule(causal, scale, block)
    keep(ctx, *tensors)


def _score_tangents(b: _Rows, tq: Tensor, tk: Tensor, rule: _Rule) -> Tensor:
    tq = _part(tq, b.rows) * rule.scale
    return _scores(tq, b.k) + _scores(b.q, _part(tk, b.seen))


class _Sums:
    """dq, dk and dv, from the blocks' parts of them."""

    def __init__(self, q: Tensor, k: Tensor, v: Tensor) -> None:
        # Zeros of the inputs: under vmap each is batched wherever one of the inputs is.
        self.dq: list[Tensor] = []
        self.dk, self.dv = torch.zeros_like(widen(k)), torch.zeros_like(widen(v))
        self.dtype = q.dtype

    def add(self, dq: Tensor, dk: Tensor, dv: Tensor) -> None:
        self.dq.append(dq)
        self.dk, self.dv = self._plus(self.dk, dk), self._plus(self.dv, dv)

    @staticmethod
    def _plus(total: Tensor, part: Tensor) -> Tensor:
        if unwatched(total, part):
            total[..., : part.shape[-2], :] += part
            return total
        return total + pad(part, (0, 0, 0, total.shape[-2] - part.shape[-2]))

    def __call__(self) -> Tensors:
        return tuple(a.to(self.dtype) for a in (torch.cat(self.dq, -2), self.dk, self.dv))


class _Slopes(Function):
    """The gradients of q, k and v, with their derivatives."""

    @staticmethod
    def forward(
        q: Tensor, k: Tensor, v: Tensor, g: Tensor, mask: Tensor | None, *rule: Any
    ) -> Tensors:
        sums, settings = _Sums(q, k, v), _Rule(*rule)
        for b in _in_rows(q, k, v, mask, settings):
            gb = _part(g, b.rows)
            ds = spread_into(b.p, _scores(gb, b.v), -1)
            sums.add(_mixed(ds, b.k) * settings.scale, _gathered(ds, b.q, k), _gathered(b.p, gb, v))
        return sums()

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensors) -> None:
        _keep(ctx, inputs)

    @staticmethod
    def backward(ctx: Any, cq: Tensor, ck: Tensor, cv: Tensor) -> tuple[Tensor | None, ...]:
        dg, *along = _curved(ctx, cq, ck, cv)
        return *along, dg, *[None] * 4

    @staticmethod
    def jvp(ctx: Any, tq: Tensor, tk: Tensor, tv: Tensor, tg: Tensor, *_: None) -> Tensors:
        return _curved(ctx, tq, tk, tv, tg)[1:]


def _curved(ctx: Any, tq: Tensor, tk: Tensor, tv: Tensor, tg: Tensor | None = None) -> Tensors:
    """The tangent of the output, and those of dq, dk and dv; without tg, g does not move."""
    q, k, v, g, mask = ctx.saved_tensors
    sums, outputs, scale = _Sums(q, k, v), [], ctx.rule.scale
    for b in _in_rows(q, k, v, mask, ctx.rule):
        tqb, tkb, tvb = (_part(a, part) for a, part in ((tq, b.rows), (tk, b.seen), (tv, b.seen)))
        gb = _part(g, b.rows)
        u, e = _score_tangents(b, tq, tk, ctx.rule), _scores(gb, b.v)
        moved = centre(b.p, e, -1) * centre(b.p, u, -1) + _scores(gb, tvb)
        ds, tp = spread_into(b.p, e, -1), spread_into(b.p, u, -1)
        dv = _gathered(tp, gb, v)
        if tg is not None:
            tgb = _part(tg, b.rows)
            moved, dv = moved + _scores(tgb, b.v), dv + _gathered(b.p, tgb, v)
        tds = spread_into(b.p, moved, -1)
        outputs.append(_mixed(tp, b.v) + _mixed(b.p, tvb))
        sums.add(
            (_mixed(tds, b.k) + _mixed(ds, tkb)) * scale,
            _gathered(tds, b.q, k) + _gathered(ds, tqb * scale, k),
            dv,
        )
    return torch.cat(outputs, -2).to(q.dtype), *sums()
