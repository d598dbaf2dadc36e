"""A checkpoint computes its calls again in the backward pass, where each must find its own stream.

It restores the state of torch's generator for that. A tag drawn there is thereby the same again.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor

KEPT = 2**13  # tags that are remembered, of each at most ALIKE calls
ALIKE = 8
_streams: OrderedDict[int, tuple[Tensor, ...] | None] = OrderedDict()


def stream_of_call(stream: Tensor) -> tuple[Tensor, Tensor]:
    """The stream (seed, counter) of this call, and that of the next one of the module.

    Raises:
        RuntimeError: in a backward pass, where it is not known which call this one repeats.
    """
    if torch.compiler.is_compiling():
        return _opaque(stream, torch.is_grad_enabled())
    return _stream_of_call(stream, torch.is_grad_enabled())


def _stream_of_call(stream: Tensor, graph: bool) -> tuple[Tensor, Tensor]:
    if torch._C._current_graph_task_id() != -1:
        return _repeated(stream), stream
    # Segments are computed without a graph, or with hooks that drop what it would keep.
    if not graph or torch._C._autograd._top_saved_tensors_default_hooks(True) is not None:
        _remember(stream)
    seed, counter = stream.unbind()
    return stream, torch.stack([seed, counter + 1])


@torch.library.custom_op(
    "torchlayers::stream_of_call", mutates_args=(), tags=(torch.Tag.cudagraph_unsafe,)
)
def _opaque(stream: Tensor, graph: bool) -> tuple[Tensor, Tensor]:
    """For torch.compile, which cannot look at whether there is a backward pass."""
    own, following = _stream_of_call(stream, graph)
    return own.clone(), following.clone()


@_opaque.register_fake
def _(stream: Tensor, graph: bool) -> tuple[Tensor, Tensor]:
    return torch.empty_like(stream), torch.empty_like(stream)


def _tag() -> int | None:
    """None under vmap, which may draw nothing."""
    if torch._C._are_functorch_transforms_active():
        return None
    return int(torch.randint(2**62, (), device="cpu"))


def _remember(stream: Tensor) -> None:
    tag = _tag()
    if tag is None:
        return
    alike = _streams.pop(tag, ())
    _streams[tag] = None if alike is None or len(alike) == ALIKE else (*alike, stream)
    while len(_streams) > KEPT:
        _streams.popitem(last=False)


def _repeated(stream: Tensor) -> Tensor:
    alike = _streams.get(_tag() or -1) or ()
    if len(alike) > 1:  # torch was seeded anew in between: told apart by their seeds
        seed = int(stream[0])
        own = {tuple(a.tolist()): a for a in alike if int(a[0]) == seed}
        alike = tuple(own.values())
    if len(alike) != 1:
        raise RuntimeError(
            "Dropout: expected one call that this one in a backward pass repeats, got "
            f"{len(alike)}; checkpoint with preserve_rng_state=True and without vmap, and do not "
            "seed torch with one number twice, or pass keys to torchlayers.dropout"
        )
    return alike[0]
