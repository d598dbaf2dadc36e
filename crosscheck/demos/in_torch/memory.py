"""What PyTorch keeps for the backward pass of a layer, counted as it is kept."""

import numpy as np
import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.nn import functional

from crosscheck.demos.kept import Kept
from crosscheck.twin import Layer

# What PyTorch offers, or what its users write, under the names and settings of the catalog.
BUILT_IN: dict[str, Layer] = {
    "affine": lambda x, y, w1, w2, w3: w1 * x + w2 * y + w3,
    "channel_normalize": lambda x, mean, std: (x - mean[:, None, None]) / std[:, None, None],
    "cosine_similarity": lambda x, y, axis=-1: functional.cosine_similarity(x, y, dim=axis),
    "dropout": lambda x, key, rate: functional.dropout(x, rate),
    "einsum": lambda x, y: torch.einsum("ik,kj->ij", x, y),
    "matmul": torch.matmul,
    "quadratic": lambda x, a, b, c: a * x**2 + b * x + c,
    "straight_through_round": lambda x: x + (x.round() - x).detach(),
    "straight_through_sign": lambda x: x + (x.sign() - x).detach(),
}


def kept(layer: Layer, arrays: list[np.ndarray], recording: bool) -> Kept:
    """What is kept for the backward pass.

    Each storage is counted once. What a layer hides on its `ctx` by itself is not seen.
    """
    inputs = [_tensor(array, recording) for array in arrays]
    saved: dict[int, int] = {}

    def pack(x: Tensor) -> Tensor:
        saved[_place(x)] = x.untyped_storage().nbytes()
        return x

    with saved_tensors_hooks(pack, lambda x: x), torch.set_grad_enabled(recording):
        y = layer(*inputs)
    return Kept.of(saved, {_place(x) for x in inputs}, {_place(y)})


def mean(layer: Layer) -> Layer:
    """The layer's mean: one number, behind which the layer's own output is hidden."""
    return lambda *inputs: layer(*inputs).mean()


def _tensor(array: np.ndarray, recording: bool) -> Tensor:
    x = torch.tensor(array)
    return x.requires_grad_(recording and x.is_floating_point())


def _place(x: Tensor) -> int:
    return x.untyped_storage().data_ptr()
