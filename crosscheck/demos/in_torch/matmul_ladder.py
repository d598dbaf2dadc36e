"""Document 004's four ways to multiply two matrices, this project's layers, and PyTorch's `@`."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

import torchlayers

Product = Callable[[Tensor, Tensor], Tensor]


def three_loops(a: Tensor, b: Tensor) -> Tensor:
    (rows, inner), columns = a.shape, b.shape[1]
    c = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            for k in range(inner):
                c[i, j] += a[i, k] * b[k, j]
    return c


def dot_products(a: Tensor, b: Tensor) -> Tensor:
    rows, columns = len(a), b.shape[1]
    c = torch.zeros(rows, columns)
    for i in range(rows):
        for j in range(columns):
            c[i, j] = (a[i] * b[:, j]).sum()
    return c


def broadcasting(a: Tensor, b: Tensor) -> Tensor:
    rows, columns = len(a), b.shape[1]
    c = torch.zeros(rows, columns)
    for i in range(rows):
        c[i] = (a[i].unsqueeze(-1) * b).sum(dim=0)
    return c


# In the order of `matmul_ladder.STEPS`.
EAGER: list[Product] = [
    three_loops,
    dot_products,
    broadcasting,
    lambda a, b: torch.einsum("ik,kj->ij", a, b),
    lambda a, b: torchlayers.einsum("ik,kj->ij", a, b),
    lambda a, b: torchlayers.matmul(a, b),
    lambda a, b: a @ b,
]


def calls(a: np.ndarray, b: np.ndarray) -> dict[str, list[Callable[[], Any]]]:
    """How this framework can be run → each way to multiply, as a call without arguments."""
    x, y = torch.tensor(a), torch.tensor(b)
    return {"torch": [partial(way, x, y) for way in EAGER]}
