"""Defect: one kind of bug, as data, and how it is planted in any right layer of either framework.

The layer itself is not touched. It is wrapped by a rule of its own, a custom_vjp or an
autograd.Function, whose backward pass asks the right layer for its pullback and spoils what comes
back, so that all that a defect does not mean to spoil stays right, to every order.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any

import numpy as np

from crosscheck.audit.sides import Side
from crosscheck.inputs import Key
from crosscheck.precision import is_floating
from crosscheck.tree import leaves
from crosscheck.case import Case
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
        """Which differentiable inputs have fewer entries than the output: their gradients add up."""
        return [k for k, shape in enumerate(self.shapes) if prod(shape) < prod(self.outputs[0])]


def output_shapes(twin: Twin, case: Case) -> list[tuple[int, ...]]:
    """Shapes of what a layer returns, from its definition."""
    assert twin.definition is not None
    doubles = [x.astype(float) if is_floating(x.dtype) else x for x in case.inputs.values()]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # the mean of nothing
        return [np.shape(leaf) for leaf in leaves(twin.definition(*doubles, **case.settings))]


@dataclass(frozen=True)
class Pass:
    """One backward pass, as a defect finds it: the cotangents, all inputs and the right pullback."""

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
    """

    name: str
    says: str
    call: Callable[[Side, Layer, Arrays], Any] | None = None
    recorded: Callable[[Side, Any], Any] | None = None
    backward: Callable[[Pass], Arrays] = lambda p: p.right
    tangent: Callable[[Side, Pull, Arrays, Arrays], Arrays] | None = None
    sides: tuple[str, ...] = ("jax", "torch")
    applies: Callable[[Subject], bool] = lambda subject: True

    def plant(self, side: Side, subject: Subject, layer: Layer) -> Layer:
        """The layer with this bug."""

        def planted(*x: Any, **settings: Any) -> Any:
            f = partial(layer, **settings)
            if self.call is not None:
                return self.call(side, f, list(x))
            return Planting(self, side, subject, f).applied(*x)

        return planted


class Planting:
    """A defect's rule around one call of the right layer f."""

    def __init__(self, defect: Defect, side: Side, subject: Subject, f: Layer) -> None:
        self.defect, self.side, self.subject, self.f = defect, side, subject, f

    def applied(self, *x: Any) -> Any:
        """The layer's answer, by the rule."""
        state: dict[str, Any] = {}
        needs = [self.side.records(x[k]) for k in self.subject.places]

        def backward(g: Any, *x: Any) -> tuple[Any, ...]:
            known = (self.side, self.subject, self.pull, self.value)
            dx = self.defect.backward(Pass(*known, _listed(g), list(x), needs, state))
            return tuple(replaced([None] * len(x), self.subject.places, dx))

        return self.side.rule(self.f, backward, self._recorded(), self._tangent())(*x)

    def pull(self, g: Arrays, x: Arrays) -> Arrays:
        """The right gradients of the differentiable inputs."""
        return list(self._vjp(x)[1](g[0] if len(g) == 1 else tuple(g)))

    def value(self, x: Arrays) -> Any:
        """In JAX a rule must not call a custom_vjp, or forward over reverse raises."""
        return self._vjp(x)[0]

    def push(self, t: Arrays, x: Arrays) -> Any:
        """The right tangents: the pullback is linear in g, so its own pullback is the JVP."""
        y, pull = self._vjp(x)
        zeros = self.side.xp.zeros_like(y)
        return self.side.vjp(lambda g: tuple(pull(g)), zeros)[1](tuple(t))[0]

    def _vjp(self, x: Arrays) -> Any:
        places = self.subject.places
        at = lambda *reals: self.f(*replaced(x, places, reals))  # noqa: E731
        return self.side.vjp(at, *(x[k] for k in places))

    def _recorded(self) -> Callable[..., Any] | None:
        if self.defect.recorded is None and self.side.name == "torch":
            return None
        recorded = self.defect.recorded or (lambda side, y: y)
        return lambda *x: recorded(self.side, self.value(list(x)))

    def _tangent(self) -> Callable[..., Any] | None:
        """In JAX a rule of tangents takes the place of the one of cotangents."""
        if self.defect.tangent is None and self.side.name == "jax":
            return None
        tangent = self.defect.tangent or (lambda side, push, t, x: push(t, x))
        places = self.subject.places
        return lambda x, t: tangent(self.side, self.push, [t[k] for k in places], list(x))


def replaced(x: Sequence[Any], places: Sequence[int], values: Sequence[Any]) -> Arrays:
    """The same list with other values at some places."""
    out = list(x)
    for place, value in zip(places, values, strict=True):
        out[place] = value
    return out


def _listed(g: Any) -> Arrays:
    return list(g) if isinstance(g, tuple) else [g]
