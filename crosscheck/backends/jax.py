"""JAX, asked in the ways of `jax_ways` and `jax_transforms`.

One compiled function for each question, layer and shape. 64 bits are on
inside float64 questions only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from time import perf_counter
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from crosscheck.answer import Answer, Fault
from crosscheck.backends.jax_transforms import DEEP
from crosscheck.backends.jax_ways import WAYS, Arrays, Way
from crosscheck.case import Case
from crosscheck.errors import UsageError, describe, explain, first_line
from crosscheck.question import labels
from crosscheck.tree import flatten, leaves
from crosscheck.twin import Layer

MUST = {("value", "jit"), ("value", "eager")}  # all layers can be asked for these
UNSUPPORTED = {
    "can't apply forward-mode": "forward mode through a jax.custom_vjp",
    "Differentiation rule for": "an operation without a derivative rule",
    "do not support JVP": "a callback without a derivative rule",
    "does not support reverse-mode autodiff": "a callback without a derivative rule",
}
UNTRACEABLE = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


class Asked:
    """One question about one layer under given settings, asked in one way."""

    def __init__(self, layer: Layer, case: Case, way: Way, whole_numbers: bool) -> None:
        self.layer, self.settings, self.way = layer, case.settings, way
        self.whole_numbers = whole_numbers  # whether outputs of such are asked for
        self.places = [k for k, name in enumerate(case.inputs) if name in case.differentiable]
        self.paths: list[str] = []  # of the outputs, known once the layer has run
        self.compiled = jax.jit(self.eagerly)

    def eagerly(self, arrays: Arrays, g: Arrays, t: Arrays) -> Any:
        """The answer, operation by operation; `compiled` gives it as one program."""

        def at(*x: Any) -> list[Any]:
            arguments = list(arrays)
            for place, array in zip(self.places, x, strict=True):
                arguments[place] = array
            leaves = flatten(self.layer(*arguments, **self.settings))
            outputs = {path: jnp.asarray(leaf) for path, leaf in leaves}
            if not self.whole_numbers:  # which have no derivatives
                outputs = {
                    p: y for p, y in outputs.items() if jnp.issubdtype(y.dtype, jnp.floating)
                }
            self.paths = list(outputs)
            return list(outputs.values())

        return self.way(at, [arrays[k] for k in self.places], g, t)


class JaxBackend:
    """See `crosscheck.backends.Backend`."""

    name = "jax"
    variants: Mapping[str, tuple[str, ...]] = {q: tuple(ways) for q, ways in WAYS.items()}
    deep: Mapping[str, tuple[str, ...]] = {q: tuple(ways) for q, ways in DEEP.items()}

    def __init__(self, device: str) -> None:
        if device == "gpu":
            os.environ.setdefault(
                "XLA_PYTHON_CLIENT_PREALLOCATE", "false"
            )  # or JAX takes most of it
        try:
            self._device = jax.devices(device)[0]
        except RuntimeError as error:
            raise UsageError(
                f"no GPU that jax can use ({first_line(error)}); run with --device cpu"
            ) from None
        self.device = device
        self._asked: dict[tuple[Any, ...], Asked] = {}

    def ask(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> Answer:
        with _compilations() as spans:
            answer = self._ask(layer, case, question, variant, cotangents)
        return replace(answer, compiling=sum(seconds for _, seconds in spans))

    def _ask(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> Answer:
        answer = partial(Answer, self.name, question, variant, self.device)
        with (
            jax.enable_x64(case.precision.name == "float64"),
            jax.default_matmul_precision("highest"),
            jax.default_device(self._device),
        ):
            try:
                return answer(blocks=self._blocks(layer, case, question, variant, cotangents))
            except UNTRACEABLE as error:  # only under a trace, never for the value asked eagerly
                return answer(unsupported=f"the layer does not trace: {first_line(error)}")
            except (Exception, SystemExit) as error:
                reason = "" if (question, variant) in MUST else explain(error, UNSUPPORTED)
                return answer(unsupported=reason, failed="" if reason else describe(error))

    def _blocks(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> dict[str, np.ndarray]:
        with np.printoptions(threshold=sys.maxsize):
            key = (id(layer), repr(case.settings), case.differentiable, question, variant)
        way = (WAYS[question] | DEEP.get(question, {}))[variant]
        asked = self._asked.setdefault(key, Asked(layer, case, way, question == "value"))
        groups = [case.inputs.values(), cotangents, case.tangents()]
        arrays = [_given(group) for group in groups]
        blocks = self._run(asked, arrays, variant)
        if variant == "twice" and _bits(self._run(asked, arrays, variant)) != _bits(blocks):
            raise Fault("a second call gives another answer")
        return dict(zip(labels(question, asked.paths, case.differentiable), blocks, strict=True))

    def _run(self, asked: Asked, arrays: list[Arrays], variant: str) -> list[np.ndarray]:
        compiled = variant not in ("eager", "twice")  # a program draws once, when it is traced
        said = self._compiled(asked, arrays, variant) if compiled else asked.eagerly(*arrays)
        return [np.asarray(leaf) for leaf in leaves(said)]

    def _compiled(self, asked: Asked, arrays: list[Arrays], variant: str) -> Any:
        try:
            return asked.compiled(*arrays)
        except UNTRACEABLE:
            if variant == "jit":
                raise
            # Python control flow on values: derivatives can still be taken
            return asked.eagerly(*arrays)

    def environment(self) -> dict[str, Any]:
        return {
            "version": jax.__version__,
            "device": f"{self._device.platform}: {self._device.device_kind}",
            "matmul_precision": "highest",
            "enable_x64": "inside float64 questions only",
        }


def _given(group: Iterable[np.ndarray]) -> Arrays:
    """JAX's arrays; one where one is given twice, since a layer may mind."""
    group = list(group)
    once = {id(a): jnp.array(a) for a in group}
    return [once[id(a)] for a in group]


def _bits(blocks: list[np.ndarray]) -> list[bytes]:
    return [block.tobytes() for block in blocks]


@contextmanager
def _compilations() -> Iterator[list[tuple[float, float]]]:
    """Start and seconds of each tracing, lowering and compilation in the block."""
    spans: list[tuple[float, float]] = []

    def listen(event: str, duration_secs: float, **_: str | int) -> None:
        if event.startswith("/jax/core/compile/"):
            start = perf_counter() - duration_secs
            spans[:] = [span for span in spans if span[0] < start]  # the rest lie inside this one
            spans.append((start, duration_secs))

    jax.monitoring.register_event_duration_secs_listener(listen)
    try:
        yield spans
    finally:
        jax.monitoring.unregister_event_duration_listener(listen)


def connect(device: str) -> JaxBackend:
    """The JAX backend on "cpu" or "gpu"."""
    return JaxBackend(device)
