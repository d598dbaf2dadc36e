"""Attention holds no whole matrix of scores: its memory grows as its arrays do."""

from typing import Any

import jax
import jax.numpy as jnp
import torch

import jaxlayers
import torchlayers
from test_contractions import Largest

EVERY = (0, 1, 2)
BLOCK = 32


def planned(t: int) -> list[int]:
    """Bytes beside arguments and results, of value, gradient, and products with the Hessian."""
    q = jnp.ones((1, t, 4))
    at = q, q, q

    def f(*x: Any) -> Any:
        return jnp.sin(jaxlayers.attention(*x, causal=True, block=BLOCK)).sum()

    slopes = jax.grad(f, EVERY)
    asked = (
        (f, at),
        (slopes, at),
        (lambda *t: jax.jvp(slopes, at, t)[1], at),
        (lambda *t: jax.vjp(slopes, *at)[1](t), at),
    )
    programs = [jax.jit(f).lower(*given).compile() for f, given in asked]
    return [program.memory_analysis().temp_size_in_bytes for program in programs]


def test_jax_plans_memory_in_proportion() -> None:
    for once, doubled in zip(planned(1024), planned(2048), strict=True):
        assert doubled < 2.2 * once


def held(t: int) -> tuple[int, int]:
    """Entries kept for all backward passes of a double one, and those of its largest tensor."""
    kept: list[int] = []
    x = [torch.ones(1, t, 4, requires_grad=True) for _ in EVERY]
    hooks = torch.autograd.graph.saved_tensors_hooks(
        lambda a: kept.append(a.numel()) or a, lambda a: a
    )
    with hooks, Largest() as mode:
        y = torchlayers.attention(*x, causal=True, block=BLOCK)
        first = torch.autograd.grad(y.sum(), x, create_graph=True)
        torch.autograd.grad(sum(d.sum() for d in first), x)
    return sum(kept), mode.entries


def test_torch_holds_a_block_of_scores() -> None:
    kept, largest = zip(*map(held, (256, 512)), strict=True)
    assert kept[0] == 7 * 256 * 4  # q, k, v; and again, with the cotangent
    assert kept[1] == 2 * kept[0]
    assert largest == (BLOCK * 256, BLOCK * 512)
