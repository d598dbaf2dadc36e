"""Twin: one layer, written twice, and what it is; one class for the catalog and for strangers."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crosscheck.errors import TwinError, describe
from crosscheck.inputs import Real, is_differentiable, problem
from crosscheck.keeping import words
from crosscheck.question import QUESTIONS

Layer = Callable[..., Any]
STANDARDS = {"strict": 8.0, "sound": 16.0}  # budgets, in roundings of each standard's own unit


@dataclass(frozen=True)
class Twin:
    """A layer in both frameworks, with its mathematical definition and its promises.

    Args:
        name: what reports call it.
        jax, torch: the layer, a callable or a string such as "jaxlayers:elu"; one may be left out.
            Arrays are passed by position in the order of `inputs`, settings by keyword.
        definition: the layer as plainly as mathematics allows, in NumPy and scipy.special. Left
            out, the float64 answers of the two frameworks are the yardstick, which is weaker.
        inputs: name → `real`, `integer`, `boolean`, `key`, or a concrete NumPy array (or a number).
        settings: keyword settings to try, one dict a try.
        surrogate: the function whose true derivative the backward pass promises, where that is not
            `definition`.
        kinks: input name → {place: convention in words}. With it, the branch that the definition's
            own comparison takes at a tie is the convention, and derivatives are judged there;
            without it they are not.
        limits: value at an infinite or NaN input, {inf: …, -inf: …, nan: …}; elementwise layers
            only. May be a function of the settings.
        standard: "strict" or "sound" (see `judge`).
        sound: questions that a strict layer is held to the sound standard in; needs
            `budget_reason`.
        budget: roundings allowed; a number other than the standard's own needs `budget_reason`.
        lacks: framework → the ways of asking, "question variant", that it does not support; all
            others are claimed, and failing to answer is wrong. Left out, nothing is claimed.
        keeps: all that is kept for the backward pass, at most: names of inputs, which are shared,
            "output", and of its own "byte an entry" (a mask) or "number a row" (twice for two).
            Left out, nothing is promised.
    """

    name: str
    jax: Layer | str | None = None
    torch: Layer | str | None = None
    definition: Layer | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    settings: Sequence[Mapping[str, Any]] = ({},)
    surrogate: Layer | None = None
    kinks: Mapping[str, Mapping[float, str]] = field(default_factory=dict)
    limits: Mapping[float, float] | Callable[..., Mapping[float, float]] | None = None
    standard: str = "sound"
    sound: Sequence[str] = ()
    budget: float | None = None
    budget_reason: str = ""
    lacks: Mapping[str, Sequence[str]] | None = None
    keeps: Sequence[str] | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.name, str) and self.name):
            raise TwinError(f"a Twin needs a name; got {self.name!r}; pass name='my_layer'")
        for sentence in self._problems():
            if sentence:
                raise self.error(sentence)

    def _problems(self) -> Iterator[str]:
        """What does not fit together, a sentence each; empty where all is well."""
        for what in ("inputs", "kinks"):
            if not isinstance(getattr(self, what), Mapping):
                yield f"expected {what} as a dict by name, got {getattr(self, what)!r}"
        if isinstance(self.settings, Mapping):
            yield f"expected a list of settings, got a dict; write settings=[{self.settings!r}]"
        if not all(isinstance(settings, Mapping) for settings in self.settings):
            yield f"expected settings as a list of dicts, got {self.settings!r}"
        if not self.backends:
            yield "expected a layer in at least one framework, got none; pass jax= or torch="
        for name in self.backends:
            layer = getattr(self, name)
            if not callable(layer) and not isinstance(layer, str):
                yield f"expected {name}= as a function or 'package.module:function', got {layer!r}"
        for what in ("definition", "surrogate"):
            if not callable(getattr(self, what) or callable):
                yield f"expected {what}= as a function, got {getattr(self, what)!r}"
        axes = {axis for kind in self.inputs.values() for axis in getattr(kind, "dims", "").split()}
        yield from (problem(name, kind, axes) for name, kind in self.inputs.items())
        if not self.differentiable:
            yield 'expected at least one real input, got none; pass inputs={"x": real("n d")}'
        yield from self._broken_promises()

    def _broken_promises(self) -> Iterator[str]:
        if self.standard not in STANDARDS:
            yield f"expected standard {' or '.join(STANDARDS)}, got {self.standard!r}"
        if (self.budget is not None or self.sound) and not self.budget_reason:
            yield "a budget of its own needs a reason; pass budget_reason='…'"
        if not set(self.sound) <= set(QUESTIONS):
            yield f"expected sound as a list of {', '.join(QUESTIONS)}, got {self.sound!r}"
        for name in self.kinks:
            if name not in self.inputs:
                yield f"kinks name the input {name!r}, but the inputs are {list(self.inputs)}"
        if self.limits is not None and not self.is_elementwise:
            yield 'limits are for elementwise layers, with one input real("..."); leave them out'
        yield words.problem(self.keeps, self.inputs)

    def error(self, sentence: str) -> TwinError:
        """An error about this twin."""
        return TwinError(f"{self.name}: {sentence}")

    @property
    def differentiable(self) -> list[str]:
        """Names of the inputs that derivatives are taken for."""
        return [name for name, kind in self.inputs.items() if is_differentiable(kind)]

    @property
    def backends(self) -> list[str]:
        """The frameworks in which the layer exists."""
        return [name for name in ("jax", "torch") if getattr(self, name) is not None]

    @property
    def allowed(self) -> float:
        """Roundings within which an answer is right."""
        return STANDARDS[self.standard] if self.budget is None else self.budget

    def standard_of(self, question: str) -> str:
        """The standard that answers to a question are held to."""
        named = "hessian" if question == "product" else question
        return "sound" if named in self.sound else self.standard

    def budget_of(self, standard: str) -> float:
        """Roundings of a standard within which an answer is right."""
        return self.allowed if standard == self.standard else STANDARDS[standard]

    def layer(self, backend: str) -> Layer:
        """The layer as one framework has it; strings are imported only now."""
        reference = getattr(self, backend)
        if not isinstance(reference, str):
            return reference
        module, _, attribute = reference.partition(":")
        try:
            found = getattr(importlib.import_module(module), attribute, None)
        except ModuleNotFoundError as error:
            raise self.error(
                f"importing {module!r} raised {describe(error)}; check the name"
            ) from error
        if not callable(found):
            raise self.error(
                f"expected a layer at {reference!r}, found none; write 'package.module:function'"
            )
        return found

    def function(self, question: str) -> Layer:
        """The NumPy function that the answer to a question is the truth of."""
        surrogate = None if question == "value" else self.surrogate
        function = surrogate or self.definition
        if function is None:
            raise self.error("expected a definition, got none")
        return function

    def limits_for(self, settings: Mapping[str, Any]) -> Mapping[float, float]:
        """Values at infinite and NaN inputs under these settings."""
        if callable(self.limits):
            return self.limits(**settings)
        return self.limits or {}

    @property
    def is_elementwise(self) -> bool:
        """One input of any shape: each output entry depends on one input entry."""
        kinds = list(self.inputs.values())
        return len(kinds) == 1 and isinstance(kinds[0], Real) and kinds[0].dims == "..."

    def docstring(self) -> str:
        """Docstring of the module that holds the definition: the derivation, in the catalog."""
        module = inspect.getmodule(self.definition) if self.definition else None
        return inspect.getdoc(module) or ""
