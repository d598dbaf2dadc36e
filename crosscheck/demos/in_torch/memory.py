"""What PyTorch offers beside each layer, and how its users take a mean."""

import torch
from torch.nn import functional

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


def mean(layer: Layer) -> Layer:
    """The layer's mean: one number, behind which the layer's own output is hidden."""
    return lambda *inputs: layer(*inputs).mean()
