"""What PyTorch keeps for the backward pass of a layer, counted as it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

import numpy as np
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks

from crosscheck.backends import torch_arrays
from crosscheck.keeping.kept import Kept
from crosscheck.tree import leaves
from crosscheck.twin import Layer


def measure(layer: Layer, arrays: list[np.ndarray]) -> tuple[dict[str, Kept], None]:
    """What is kept, by the way of asking; eagerly, layers in a row keep what each of them does."""
    return {"eager": kept(layer, arrays)}, None


def kept(layer: Layer, arrays: list[np.ndarray], recording: bool = True) -> Kept:
    """What is kept for the backward pass: saved, or hidden on a Function's `ctx`.

    Each storage is counted once, and only while a graph holds it that something hangs on.
    """
    inputs = [_tensor(array, recording) for array in arrays]
    held: WeakSet[_Saved] = WeakSet()

    def pack(x: Tensor) -> _Saved:
        held.add(saved := _Saved(x.detach()))  # with its history, it would hold itself
        return saved

    with saved_tensors_hooks(pack, lambda saved: saved.x), torch.set_grad_enabled(recording):
        outputs = [y for y in leaves(layer(*inputs)) if isinstance(y, Tensor)]
    tensors = [*(saved.x for saved in held), *_hidden(outputs)]
    sizes = {_place(x): x.untyped_storage().nbytes() for x in tensors}
    return Kept.of(sizes, [_place(x) for x in inputs], {_place(y) for y in outputs})


@dataclass(eq=False)
class _Saved:
    """What a graph holds in place of a tensor that it saved."""

    x: Tensor


def _hidden(outputs: Iterable[Tensor]) -> Iterator[Tensor]:
    """Tensors among the attributes of the graph's nodes; torch's own nodes have none."""
    todo: list[Any] = [y.grad_fn for y in outputs]
    seen: set[Any] = {None}
    while todo:
        if (node := todo.pop()) not in seen:
            seen.add(node)
            todo += [below for below, _ in node.next_functions]
            yield from (x for x in leaves(getattr(node, "__dict__", {})) if isinstance(x, Tensor))


def _tensor(array: np.ndarray, recording: bool) -> Tensor:
    x = torch_arrays.tensor(array)
    return x.requires_grad_(recording and x.is_floating_point())


def _place(x: Tensor) -> int:
    return x.untyped_storage().data_ptr()
