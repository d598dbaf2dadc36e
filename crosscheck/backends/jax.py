"""JAX: one compiled function for each question, layer and shape.

64 bits are on inside float64 questions only.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from crosscheck.answer import Answer
from crosscheck.errors import UsageError, describe, explain, first_line
from crosscheck.question import labels, same_shapes
from crosscheck.sample import Case
from crosscheck.tree import flatten, leaves
from crosscheck.twin import Layer

At = Callable[
    ..., list[Any]
]  # the layer as a function of its differentiable inputs alone; a list of outputs
Arrays = list[Any]


def value(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return at(*x)


def value_through_vjp(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.vjp(at, *x)[0]  # a custom_vjp's forward rule may differ from its primal


def vjp(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.vjp(at, *x)[1](g)


def jvp_forward(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jvp(at, tuple(x), tuple(t))[1]


def jvp_transposed(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    pullback = jax.vjp(at, *x)[1]  # linear in g, so its own transpose is the JVP
    return jax.vjp(pullback, g)[1](tuple(t))[0]


def jacobian_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jacrev(at, argnums=_all(x))(*x)


def jacobian_forward(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jacfwd(at, argnums=_all(x))(*x)


def hessian_reverse_over_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jacrev(jax.jacrev(_pairing(at, g), argnums=_all(x)), argnums=_all(x))(*x)


def hessian_forward_over_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jacfwd(jax.jacrev(_pairing(at, g), argnums=_all(x)), argnums=_all(x))(*x)


def product_reverse_over_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.vjp(jax.grad(_pairing(at, g), argnums=_all(x)), *x)[1](tuple(t))


def product_forward_over_reverse(at: At, x: Arrays, g: Arrays, t: Arrays) -> Any:
    return jax.jvp(jax.grad(_pairing(at, g), argnums=_all(x)), tuple(x), tuple(t))[1]


def _pairing(at: At, g: Arrays) -> Callable[..., Any]:
    """⟨g, y⟩ as a function of the differentiable inputs."""

    def paired(*x: Any) -> Any:
        y = at(*x)
        same_shapes([gi.shape for gi in g], [yi.shape for yi in y])
        return sum(jnp.sum(gi * yi) for gi, yi in zip(g, y, strict=True))

    return paired


def _all(x: Arrays) -> tuple[int, ...]:
    return tuple(range(len(x)))


WAYS: dict[str, dict[str, Callable[[At, Arrays, Arrays, Arrays], Any]]] = {
    "value": {"jit": value, "eager": value, "through-vjp": value_through_vjp},
    "vjp": {"functional": vjp},
    "jvp": {"forward": jvp_forward, "transposed": jvp_transposed},
    "jacobian": {"reverse": jacobian_reverse, "forward": jacobian_forward},
    "hessian": {
        "reverse-over-reverse": hessian_reverse_over_reverse,
        "forward-over-reverse": hessian_forward_over_reverse,
    },
    "product": {
        "reverse-over-reverse": product_reverse_over_reverse,
        "forward-over-reverse": product_forward_over_reverse,
    },
}

MUST = {"jit", "eager"}  # all layers can be asked for their value
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

    def __init__(
        self, layer: Layer, case: Case, way: Callable[[At, Arrays, Arrays, Arrays], Any]
    ) -> None:
        self.layer, self.settings, self.way = layer, case.settings, way
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
            if self.way not in WAYS["value"].values():  # whole numbers have no derivatives
                outputs = {
                    p: y for p, y in outputs.items() if jnp.issubdtype(y.dtype, jnp.floating)
                }
            self.paths = list(outputs)
            return list(outputs.values())

        return self.way(at, [arrays[k] for k in self.places], g, t)


class JaxBackend:
    """See `crosscheck.backends.Backend`."""

    name = "jax"
    variants: Mapping[str, tuple[str, ...]] = {
        question: tuple(ways) for question, ways in WAYS.items()
    }

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
                reason = "" if variant in MUST else explain(error, UNSUPPORTED)
                return answer(unsupported=reason, failed="" if reason else describe(error))

    def _blocks(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> dict[str, np.ndarray]:
        with np.printoptions(threshold=sys.maxsize):
            key = (id(layer), repr(case.settings), case.differentiable, question, variant)
        asked = self._asked.setdefault(key, Asked(layer, case, WAYS[question][variant]))
        groups = [case.inputs.values(), cotangents, case.tangents()]
        arrays = [[jnp.array(a) for a in group] for group in groups]
        said = (
            asked.eagerly(*arrays) if variant == "eager" else self._compiled(asked, arrays, variant)
        )
        blocks = [np.asarray(leaf) for leaf in leaves(said)]
        return dict(zip(labels(question, asked.paths, case.differentiable), blocks, strict=True))

    def _compiled(self, asked: Asked, arrays: list[Arrays], variant: str) -> Any:
        try:
            return asked.compiled(*arrays)
        except UNTRACEABLE:
            if variant == "jit":
                raise
            return asked.eagerly(
                *arrays
            )  # Python control flow on values: derivatives can still be taken

    def environment(self) -> dict[str, Any]:
        return {
            "version": jax.__version__,
            "device": f"{self._device.platform}: {self._device.device_kind}",
            "matmul_precision": "highest",
            "enable_x64": "inside float64 questions only",
        }


def connect(device: str) -> JaxBackend:
    """The JAX backend on "cpu" or "gpu"."""
    return JaxBackend(device)
