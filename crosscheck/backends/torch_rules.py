"""What a rule returns before autograd sums it to shape and casts it to type, both in silence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from torch import Tensor

from crosscheck.answer import Fault


@contextmanager
def watched_rules(outputs: Sequence[Tensor]) -> Iterator[None]:
    """Raise a Fault where a `backward` in the graph returns a gradient of another shape or type."""
    kinds = {type(node) for node in _nodes(outputs)}
    rules = {kind._forward_cls for kind in kinds if hasattr(kind, "_forward_cls")}
    with ExitStack() as stack:
        for rule in rules:
            stack.enter_context(
                patch.object(rule, "backward", staticmethod(_watched(rule.backward)))
            )
        yield


def _nodes(outputs: Sequence[Tensor]) -> Iterator[Any]:
    """The nodes of the graph, each once."""
    seen, waiting = set(), [y.grad_fn for y in outputs]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            yield node
            waiting += [following for following, _ in node.next_functions]


def _watched(backward: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(backward)
    def watched(ctx: Any, *g: Any) -> Any:
        said = backward(ctx, *g)
        grads = said if isinstance(said, tuple) else (said,)
        wanted = [grad for grad, needed in zip(grads, ctx.needs_input_grad, strict=False) if needed]
        edges = [edge for edge in ctx.next_functions if edge[0] is not None]
        for grad, (node, place) in zip(wanted, edges, strict=False):
            if isinstance(grad, Tensor):
                _compare(grad, node._input_metadata[place])
        return said

    return watched


def _compare(grad: Tensor, of_input: Any) -> None:
    shape, dtype = tuple(of_input.shape), of_input.dtype
    if tuple(grad.shape) != shape:
        raise Fault(f"backward returns a gradient of shape {tuple(grad.shape)}; expected {shape}")
    if grad.dtype != dtype:
        raise Fault(f"backward returns a gradient of {grad.dtype}; expected {dtype}")
