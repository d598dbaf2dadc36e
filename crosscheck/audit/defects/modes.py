"""Rules that are wrong under some transform, or in some way of being called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crosscheck.audit.defect import Arrays, Defect, Pass, with_first
from crosscheck.audit.sides import Side
from crosscheck.twin import Layer

OFF = 1.001
TORCH = ("torch",)


def _off_if(test: Callable[[Pass], Any]) -> Callable[[Pass], Arrays]:
    def backward(p: Pass) -> Arrays:
        factor = OFF if test(p) else 1
        return [factor * dx for dx in p.right]

    return backward


def _value_off_if(test: Callable[[Side, Any], bool]) -> Callable[[Side, Layer, Arrays], Any]:
    def call(s: Side, f: Layer, x: Arrays) -> Any:
        return with_first(f(*x), lambda y: y * (OFF if any(test(s, xi) for xi in x) else 1))

    return call


def _steeper_if_traced(s: Side, f: Layer, x: Arrays) -> Any:
    """The right value, and what is 0 but has a derivative."""
    if not any(map(s.is_traced, x)):
        return f(*x)
    return with_first(f(*x), lambda y: y + (OFF - 1) * (y - s.freeze(y)))


def _second_call(p: Pass) -> bool:
    """A rule that spends what it kept."""
    p.state["calls"] = p.state.get("calls", 0) + 1
    return bool(p.state["calls"] > 1)


def _some_needed(p: Pass) -> bool:
    return any(p.needs) and not all(p.needs)


def _writes_into_inputs(s: Side, f: Layer, x: Arrays) -> Any:
    y = f(*(xi.clone() for xi in x))
    for xi in x:
        if xi.is_floating_point():
            xi.detach().mul_(2)
    return y


DEFECTS = (
    Defect("value under vmap", "values 0.1 % off where inputs are batched",
           call=_value_off_if(lambda s, x: s.is_batched(x)),
           seen="vjp vmap-of-vjp ordinary-0"),
    Defect("gradient under vmap", "gradients 0.1 % off where inputs are batched",
           backward=_off_if(lambda p: any(p.side.is_batched(x) for x in p.reals)),
           seen="vjp vmap-of-vjp ordinary-0"),
    Defect("batched cotangent", "gradients 0.1 % off where the cotangent is batched",
           backward=_off_if(lambda p: any(p.side.is_batched(g) for g in p.g)),
           seen="jacobian reverse ordinary-0"),
    Defect("value under jit", "values 0.1 % off where the layer is traced",
           call=_value_off_if(lambda s, x: s.is_traced(x)), sides=("jax",)),
    Defect("gradient under jit", "gradients 0.1 % off where the layer is traced",
           backward=_off_if(lambda p: any(p.side.is_traced(g) for g in p.g)), sides=("jax",)),
    Defect("value under compile", "values 0.1 % off where torch.compile traces the layer",
           call=_value_off_if(lambda s, x: s.is_traced(x)), sides=TORCH),
    Defect("gradient under compile", "gradients 0.1 % off where torch.compile traces the layer",
           call=_steeper_if_traced, sides=TORCH),
    Defect("gradient eagerly", "gradients 0.1 % off where the layer is not traced",
           backward=_off_if(lambda p: not any(p.side.is_traced(g) for g in p.g)),
           sides=("jax",),
           seen="vjp eager ordinary-0"),
    Defect("second backward", "gradients 0.1 % off when the same graph is used again",
           backward=_off_if(_second_call), sides=TORCH),
    Defect("gradients for some", "gradients 0.1 % off where not all are asked for",
           backward=_off_if(_some_needed), sides=TORCH,
           applies=lambda subject: len(subject.shapes) > 1),
    Defect("writes into inputs", "inputs are doubled in place, after their use",
           call=_writes_into_inputs, sides=TORCH),
)  # fmt: skip
