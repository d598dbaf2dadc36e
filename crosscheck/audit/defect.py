"""Defect: one kind of bug, as data, and what it may know of the layer that it is planted in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np

from crosscheck.audit.sides import Side
from crosscheck.case import Case
from crosscheck.inputs import Key
from crosscheck.precision import is_floating
from crosscheck.show import pairs
from crosscheck.tree import leaves
from crosscheck.twin import Layer, Twin

Arrays = list[Any]
Pull = Callable[[Arrays, Arrays], Arrays]  # cotangents and all inputs → gradients of the real ones


@dataclass(frozen=True)
class Subject:
    """A right layer at one of its settings, and what it makes of an ordinary case."""

    twin: Twin
    case: Case
    outputs: tuple[tuple[int, ...], ...]

    @property
    def settings(self) -> str:
        """Its settings in words; none where they are the defaults."""
        return pairs(self.case.settings) if self.case.settings else ""

    @property
    def silent(self) -> bool:
        """Whether all its values are 0, as those of a dropout of everything: few bugs can show."""
        return not any(np.any(y) for y in _outputs(self.twin.function("vjp"), self.case))

    @property
    def places(self) -> list[int]:
        """Positions of the differentiable inputs."""
        return [k for k, name in enumerate(self.case.inputs) if name in self.case.differentiable]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Shapes of the differentiable inputs."""
        return [x.shape for x in self.case.reals]

    @property
    def keys(self) -> list[int]:
        """Positions of the random keys."""
        return [k for k, kind in enumerate(self.twin.inputs.values()) if isinstance(kind, Key)]

    @property
    def free(self) -> bool:
        """Whether a differentiable input may have any length along some axis."""
        dims = [getattr(self.twin.inputs[name], "dims", "") for name in self.case.differentiable]
        return any(not axis.isdigit() for d in dims for axis in d.split())

    @property
    def reduced(self) -> list[int]:
        """Differentiable inputs of fewer entries than the output: their gradients are sums."""
        return [k for k, shape in enumerate(self.shapes) if prod(shape) < prod(self.outputs[0])]


def with_first(y: Any, spoilt: Callable[[Any], Any]) -> Any:
    """What a layer returns, with its first output spoilt."""
    return (spoilt(y[0]), *y[1:]) if isinstance(y, tuple) else spoilt(y)


def output_shapes(twin: Twin, case: Case) -> list[tuple[int, ...]]:
    """Shapes of what a layer returns, from its definition."""
    assert twin.definition is not None
    return [np.shape(y) for y in _outputs(twin.definition, case)]


def _outputs(function: Layer, case: Case) -> list[Any]:
    doubles = [x.astype(float) if is_floating(x.dtype) else x for x in case.inputs.values()]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing
        return leaves(function(*doubles, **case.settings))


@dataclass(frozen=True)
class Pass:
    """One backward pass, as a defect finds it: cotangents, all inputs and the right pullback."""

    side: Side
    subject: Subject
    pull: Pull
    value: Callable[[Arrays], Any]  # all inputs → the right output, to be differentiated
    g: Arrays
    x: Arrays
    needs: Sequence[bool] = ()  # which inputs gradients are asked for, where that is known
    state: dict[str, Any] = field(default_factory=dict)  # kept by this call of the layer

    @property
    def right(self) -> Arrays:
        """The right gradients."""
        return self.pull(self.g, self.x)

    @property
    def reals(self) -> Arrays:
        """The differentiable inputs."""
        return [self.x[k] for k in self.subject.places]

    def pulled(self, change: Callable[[Side, Any], Any]) -> Arrays:
        """Gradients from changed cotangents."""
        return self.pull([change(self.side, g) for g in self.g], self.x)

    def at(self, reals: Sequence[Any]) -> Arrays:
        """Gradients at other inputs."""
        return self.pull(self.g, replaced(self.x, self.subject.places, reals))


@dataclass(frozen=True)
class Defect:
    """One kind of bug. What is not given is right.

    Args:
        name, says: what reports call it, and a line on it.
        call: (side, layer, x) → what the layer returns, in place of a rule.
        recorded: (side, y) → what it returns where gradients are recorded.
        backward: (pass) → gradients of the differentiable inputs.
        tangent: (side, push, t, x) → tangents of the outputs.
        sides: where it can be planted.
        applies: whether a layer can have it.
        seen: the question, variant and case where it mostly shows: asked first, which saves time.
    """

    name: str
    says: str
    call: Callable[[Side, Layer, Arrays], Any] | None = None
    recorded: Callable[[Side, Any], Any] | None = None
    backward: Callable[[Pass], Arrays] = lambda p: p.right
    tangent: Callable[[Side, Pull, Arrays, Arrays], Arrays] | None = None
    sides: tuple[str, ...] = ("jax", "torch")
    applies: Callable[[Subject], bool] = lambda subject: True
    seen: str = ""


def replaced(x: Sequence[Any], places: Sequence[int], values: Sequence[Any]) -> Arrays:
    """The same list with other values at some places."""
    out = list(x)
    for place, value in zip(places, values, strict=True):
        out[place] = value
    return out
