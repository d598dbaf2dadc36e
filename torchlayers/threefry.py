"""Threefry-2x32 of 20 rounds, counter-based, as JAX runs it since 0.5: random words of a key.

Reference: Salmon et al. 2011, Parallel random numbers: as easy as 1, 2, 3.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA
BLOCK = 1 << 15  # entries at a time on a processor: cached, and few enough for torch to take one
# thread, as its own bernoulli_ does; the barriers of some hundred small operations cost more.
LARGE_BLOCK = 1 << 26  # elsewhere, as memory holds

Finish = Callable[[Tensor, Tensor], Tensor]  # what becomes of the two words of each entry


def draw(key: Tensor, shape: Sequence[int], finish: Finish) -> Tensor:
    """An array of the shape, of what `finish` makes of each entry's two words."""
    words, count = schedule(key), math.prod(shape)
    blocks = [finish(*threefry(words, *c)) for c in counters(count, key.device)]
    drawn = blocks[0] if len(blocks) == 1 else torch.cat(blocks)
    return drawn.reshape((*shape, *drawn.shape[1:]))


def counters(count: int, device: torch.device) -> Iterator[tuple[int | Tensor, Tensor]]:
    """The high and the low word of 0, 1, …, count - 1, block by block."""
    if torch.compiler.is_compiling():  # makes one loop of everything by itself
        counter = torch.arange(count, device=device)
        yield (counter >> 32).to(torch.int32), counter.to(torch.int32)
        return
    step = BLOCK if device.type == "cpu" else LARGE_BLOCK
    low = torch.arange(min(step, count), dtype=torch.int32, device=device)
    for start in range(0, max(count, 1), step):
        yield start >> 32, low[: count - start] + ((start + 2**31) % 2**32 - 2**31)


def schedule(key: Tensor) -> list[tuple[Tensor, Tensor]]:
    """What is added to both words at first, and after every four rounds.

    All arithmetic is in int32, which wraps around as uint32 does: torch has none for that.
    """
    first, second = key.view(torch.int32).unbind()
    ks = (first, second, first ^ second ^ PARITY)
    injected = [(ks[(i + 1) % 3], ks[(i + 2) % 3] + (i + 1)) for i in range(5)]
    return [(first, second), *injected]


def threefry(
    words: list[tuple[Tensor, Tensor]], high: int | Tensor, low: Tensor
) -> tuple[Tensor, Tensor]:
    """The two random words of each counter, as int32.

    In place, on tensors that are batched wherever the key is, so that vmap can follow.
    """
    (first, second), *injected = words
    b = low + second
    a = torch.zeros_like(b).add_(first + high)
    for i, (to_a, to_b) in enumerate(injected):
        for r in ROTATIONS[i % 2]:
            a.add_(b)
            wrapped = (b >> (32 - r)).bitwise_and_((1 << r) - 1)
            b = wrapped.add_(b, alpha=1 << r).bitwise_xor_(a)  # b rotated left by r, xor a
        a.add_(to_a)
        b.add_(to_b)
    return a, b
