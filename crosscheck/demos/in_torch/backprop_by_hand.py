"""Document 004's fifty layers in PyTorch: what becomes of the scale of activations."""

import numpy as np
import torch

from crosscheck.backends import one_thread
from torchlayers import linear, random, relu
from torchlayers.init import kaiming, xavier

INITIAL = {
    "plain": random.normal,
    "0.01": lambda key, shape: 0.01 * random.normal(key, shape),
    "Xavier": xavier,
    "Kaiming": kaiming,
}


@one_thread()  # a layer is too small for more
def activations(
    seed: int, shape: tuple[int, int], depth: int, initial: str, rectified: bool
) -> np.ndarray:
    """x, then what each layer makes of it: (depth + 1, batch, width), float32."""
    key = random.key(seed)
    x = random.normal(random.fold_in(key, 0), shape)
    stack = [x]
    for layer in range(1, depth + 1):
        w = INITIAL[initial](random.fold_in(key, layer), (shape[1], shape[1]))
        x = linear(x, w)
        x = relu(x) if rectified else x
        stack.append(x)
    return torch.stack(stack).numpy()
