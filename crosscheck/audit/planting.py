"""Planting: a defect in any right layer of either framework.

The layer itself is not touched. It is wrapped by a rule of its own, a custom_vjp or an
autograd.Function, whose backward pass asks the right layer for its pullback and spoils what comes
back, so that all that a defect does not mean to spoil stays right, to every order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from crosscheck.audit.defect import Arrays, Defect, Pass, Subject, replaced
from crosscheck.audit.sides import Side
from crosscheck.twin import Layer


def plant(defect: Defect, side: Side, subject: Subject, layer: Layer) -> Layer:
    """The layer with this bug."""

    def planted(*x: Any, **settings: Any) -> Any:
        f = partial(layer, **settings)
        if defect.call is not None:
            return defect.call(side, f, list(x))
        if side.name == "torch" and side.is_traced(None):
            return f(*x)  # torch.compile cannot trace the making of a rule
        return Planting(defect, side, subject, f).applied(*x)

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
        several = isinstance(y, tuple)
        zeros = [self.side.xp.zeros_like(each) for each in (y if several else [y])]
        pulled = (lambda *g: tuple(pull(g))) if several else (lambda g: tuple(pull(g)))
        dy = self.side.vjp(pulled, *zeros)[1](tuple(t))
        return dy if several else dy[0]

    def _vjp(self, x: Arrays) -> Any:
        places = self.subject.places

        def at(*reals: Any) -> Any:
            return self.f(*replaced(x, places, reals))

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


def _listed(g: Any) -> Arrays:
    return list(g) if isinstance(g, tuple) else [g]
