"""Kullback-Leibler divergence. Derivation: crosscheck/catalog/losses/kl_div.py."""

from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import arrays, switch
from torchlayers.function import Function, keep
from torchlayers.paired import paired
from torchlayers.reductions import reducing


def kl_div(
    p: Tensor, q: Tensor, log_p: bool = False, log_q: bool = False, reduction: str = "mean"
) -> Tensor:
    """The divergence D(p || q) of each row from the truth p, and then the mean of all rows.

        Σ p log(p / q)

    Where p = 0 there is no part in it: value and gradients are 0, for q = 0 too. Where only q = 0
    the row is infinite. Entries of p = q add exactly 0, and nearly equal ones what they should.
    Nothing is normalised. Of no rows at all the mean is NaN.

    Args:
        p: (..., c), probabilities, or with log_p their logarithms.
        q: (..., c), the same shape: probabilities, or with log_q their logarithms.
        log_p: whether p are logarithms.
        log_q: whether q are logarithms.
        reduction: "mean", "sum" or "none": of the rows.

    Raises:
        TypeError: an argument is not a floating-point tensor, they differ in dtype, or a setting is
            not of its type.
        ValueError: the shapes differ, or there is no such reduction.

    Reference: Kullback and Leibler 1951, On information and sufficiency.
    """
    p, q = arrays("kl_div", p=(p, "... c"), q=(q, "... c"))
    logs = switch("kl_div", "log_p", log_p), switch("kl_div", "log_q", log_q)
    return _kl_div(p, q, reducing("kl_div", "reduction", reduction), *logs)


class _LogRatio(Function):
    """log(p / q): near 0 from p - q, which is exact there."""

    @staticmethod
    def forward(p: Tensor, q: Tensor) -> Tensor:
        d, r, of = p - q, p / q, torch.finfo(p.dtype)
        logs = torch.log(p) - torch.log(q)
        far = torch.where((r >= of.tiny) & (r <= of.max), torch.log(r), logs)
        return torch.where(abs(d) <= q / 4, torch.log1p(d / q), far)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Tensor, Tensor], output: Tensor) -> None:
        keep(ctx, *inputs)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        p, q = ctx.saved_tensors
        return g / p, -g / q

    @staticmethod
    def jvp(ctx: Any, tp: Tensor, tq: Tensor) -> Tensor:
        p, q = ctx.saved_tensors
        return tp / p - tq / q


def _parts(p: Tensor, q: Tensor, log_p: bool, log_q: bool) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Where p = 0; and p, log(p / q) and q as it came, which are 1, 0 and that of 1 there."""
    out = (torch.exp(p) if log_p else p) == 0
    p, q = torch.where(out, 1 - log_p, p), torch.where(out, 1 - log_q, q)
    if log_p or log_q:
        ratio = (p if log_p else torch.log(p)) - (q if log_q else torch.log(q))
    else:
        ratio = _LogRatio.call(p, q)
    return out, torch.exp(p) if log_p else p, ratio, q


def _entries(p: Tensor, q: Tensor, *logs: bool) -> Tensor:
    out, weight, ratio, _ = _parts(p, q, *logs)
    return torch.where(out, 0, weight * ratio)


def _slope_p(p: Tensor, q: Tensor, log_p: bool, log_q: bool) -> Tensor:
    out, weight, ratio, _ = _parts(p, q, log_p, log_q)
    return torch.where(out, 0, (weight if log_p else 1) * (ratio + 1))


def _slope_q(p: Tensor, q: Tensor, log_p: bool, log_q: bool) -> Tensor:
    out, weight, _, q = _parts(p, q, log_p, log_q)
    return torch.where(out, 0, -weight / (1 if log_q else q))


_kl_div = paired("KlDiv", _entries, _slope_p, _slope_q, rows=True)
