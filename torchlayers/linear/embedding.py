"""Rows of a table. Derivation: crosscheck/catalog/linear/embedding.py."""

import math
from typing import Any

import torch
from torch import Tensor

from torchlayers.checks import arrays
from torchlayers.dtypes import widen
from torchlayers.function import Function, keep
from torchlayers.indices import whole


def embedding(ids: Tensor, table: Tensor) -> Tensor:
    """Rows of a table, chosen by number.

        y[..., :] = table[ids[...], :]

    A number that names no row, a negative one too, gives a row of NaN and no gradient. The gradient
    is a tensor like the table: cotangents of equal numbers add up, in float32 at least.

    Args:
        ids: (...), whole numbers from 0 to rows - 1.
        table: (rows, d)

    Raises:
        TypeError: ids is not a tensor of whole numbers, or table not of floating point.
        ValueError: table has not two axes.

    Reference: Bengio et al. 2003, A neural probabilistic language model.
    """
    ids = whole("embedding", "ids", ids)
    (table,) = arrays("embedding", table=(table, "rows d"))
    return _Embedding.call(ids, table)


def _places(ids: Tensor, rows: int) -> tuple[Tensor, Tensor]:
    """ids in one row, 0 in place of what names no row; and where that is."""
    ids = ids.to(torch.int64)
    missing = (ids < 0) | (ids >= rows)
    return ids.masked_fill(missing, 0).reshape(-1), missing.unsqueeze(-1)


def _chosen(ids: Tensor, table: Tensor, instead: float) -> Tensor:
    if not table.shape[0]:
        return table.new_full((*ids.shape, table.shape[1]), instead)
    places, missing = _places(ids, table.shape[0])
    y = table.index_select(0, places).reshape(*ids.shape, table.shape[1])
    return y.masked_fill(missing, instead)


class _Embedding(Function):
    @staticmethod
    def forward(ids: Tensor, table: Tensor) -> Tensor:
        return _chosen(ids, table, math.nan)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ids, table = inputs
        ctx.shape = table.shape
        keep(ctx, ids)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        (ids,) = ctx.saved_tensors
        places, missing = _places(ids, ctx.shape[0])
        rows = widen(g).masked_fill(missing, 0).reshape(len(places), ctx.shape[1])
        zeros = rows.new_zeros(ctx.shape)
        dtable = zeros.index_add(0, places, rows) if ctx.shape[0] else zeros
        return None, dtable.to(g.dtype)

    @staticmethod
    def jvp(ctx: Any, _: None, ttable: Tensor) -> Tensor:
        (ids,) = ctx.saved_tensors
        return _chosen(ids, ttable, 0)
