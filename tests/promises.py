"""Layers planted with a promise, and whether what is kept breaks it."""

from collections.abc import Callable
from typing import Any

import jax

from crosscheck import Twin, real
from crosscheck.keeping.measure import COLUMNS, ROWS, broken, measured
from crosscheck.twin import Layer

ENTRIES = ROWS * COLUMNS
BYTES = 4 * ENTRIES  # of an input in float32
WAYS = {"jax": ["eager", "jit"], "torch": ["eager"]}


def complaints(twin: Twin, framework: str, dtype: str = "float32") -> list[str]:
    return [
        sentence
        for settings in twin.settings
        for sentence in broken(twin, measured(twin, framework, settings, dtype))
    ]


def planted(keeps: Any = ("x",), **layers: Layer) -> Twin:
    return Twin("planted", inputs={"x": real()}, keeps=keeps, **layers)


def rule(residuals: Callable[..., Any]) -> Layer:
    """2 x in JAX, with these residuals."""

    @jax.custom_vjp
    def double(x: Any) -> Any:
        return 2 * x

    double.defvjp(lambda x: (2 * x, residuals(x)), lambda kept, g: (2 * g,))
    return double
