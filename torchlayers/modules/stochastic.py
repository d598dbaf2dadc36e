"""Stochastic layers as modules, with torch's class names."""

from __future__ import annotations

from typing import Any, Self

import torch
from torch import Tensor

from torchlayers.modules.lent import written
from torchlayers.modules.recomputation import stream_of_call
from torchlayers.random import fold_in, key
from torchlayers.stochastic.dropout import dropout


class Dropout(torch.nn.Dropout):
    """`torch.nn.Dropout` on `dropout`: the n-th mask of a seed, the same wherever it is drawn.

    The key of a call is `fold_in(key(seed), counter)`; each call in training adds 1 to `counter`.
    Both can be read and set. Without a seed one is drawn from torch's generator, which moves on, so
    that `torch.manual_seed` decides it. They live in a buffer that moves with the module and is not
    in its `state_dict`. Where buffers are shared, as by DistributedDataParallel unless it is told
    not to, masks are as well.

    Under `torch.utils.checkpoint` the backward pass repeats the masks of the forward pass. They are
    found by a tag drawn from torch's generator, in checkpoints and wherever gradients are off.

    Raises:
        RuntimeError: in a backward pass, where it is not known which call this one repeats.
    """

    stream: Tensor

    def __init__(self, p: float = 0.5, inplace: bool = False, *, seed: int | None = None):
        super().__init__(p, inplace)
        drawn = int(torch.randint(2**32, (), device="cpu")) if seed is None else seed
        key(drawn)  # raises where it is none
        self._first = [drawn, 0]
        self.register_buffer("stream", torch.tensor(self._first), persistent=False)

    def _apply(self, fn: Any, recurse: bool = True) -> Self:
        """As torch; off the meta device, where nothing is held, the stream begins anew."""
        held = not self.stream.is_meta
        super()._apply(fn, recurse)
        if not (held or self.stream.is_meta):
            self.stream = self.stream.new_tensor(self._first)
        return self

    @property
    def seed(self) -> int:
        """A whole number in [0, 2³²)."""
        return int(self.stream[0])

    @seed.setter
    def seed(self, seed: int) -> None:
        key(seed)  # raises where it is none
        self.stream = self.stream.new_tensor([seed, self.counter])

    @property
    def counter(self) -> int:
        """How many masks were drawn."""
        return int(self.stream[1])

    @counter.setter
    def counter(self, counter: int) -> None:
        self.stream = self.stream.new_tensor([self.seed, counter])

    def forward(self, input: Tensor) -> Tensor:
        if not self.training or self.p == 0:
            return input
        stream, following = stream_of_call(self.stream.clone())
        self.stream = written(self.stream, following)
        seed, counter = stream.unbind()
        words = torch.stack([torch.zeros_like(seed), seed]).to(torch.uint32)
        return dropout(input, fold_in(words, counter), self.p)
