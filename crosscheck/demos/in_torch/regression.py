"""Document 001's training loop in PyTorch: one example at a time, gradients from our layers."""

from collections.abc import Callable

import numpy as np
import torch

from crosscheck.backends import one_thread
from torchlayers import mse, quadratic, random


def start(seed: int) -> np.ndarray:
    """The first a, b, c, normal numbers from the key of the seed."""
    parameters, _ = random.split(random.key(seed))
    return random.normal(parameters, (3,), torch.float64).numpy()


def orders(seed: int, epochs: int, examples: int) -> np.ndarray:
    """For each epoch, the examples in the order of random bits."""
    _, visits = random.split(random.key(seed))
    bits = [random.bits(random.fold_in(visits, epoch), (examples,)) for epoch in range(epochs)]
    return torch.stack(bits).to(torch.int64).argsort(dim=1, stable=True).numpy()


@one_thread()  # a step is too small for more
def train(
    first: np.ndarray,
    orders: np.ndarray,
    xs: np.ndarray,
    ys: np.ndarray,
    rate: float,
    advance: Callable[[], None],
) -> np.ndarray:
    """Mean loss, a, b and c of each epoch."""
    parameters = [torch.tensor([value], requires_grad=True) for value in first]
    examples = list(zip(*(torch.tensor(part).split(1) for part in (xs, ys)), strict=True))
    course = []
    for order in orders.tolist():
        losses = []
        for x, y in (examples[i] for i in order):
            loss = mse(quadratic(x, *parameters), y)
            gradients = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for p, dp in zip(parameters, gradients, strict=True):
                    p -= rate * dp
            losses.append(loss.item())
        course.append([np.mean(losses), *(p.item() for p in parameters)])
        advance()
    return np.array(course)
