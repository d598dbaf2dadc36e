"""One form of one subject in JAX: bytes kept, working memory as compiled, and calls to be timed."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from crosscheck.bench.lean.passes import PASSES, Peaks
from crosscheck.bench.lean.subjects import Subject
from crosscheck.bench.pairs import Call
from crosscheck.keeping.in_jax import handed_over, of_moving
from crosscheck.twin import Layer

Arrays = list[Any]


def kept(layer: Layer, arrays: list[np.ndarray]) -> int:
    """Bytes that a compiled forward pass hands to the backward pass, that are no input."""
    found = handed_over(layer, arrays)
    return found.outputs + found.rest


def calls(layer: Layer, arrays: list[np.ndarray]) -> dict[str, Call]:
    """The passes by name, compiled; each waits for what it asks."""
    return {name: _call(*both) for name, both in _compiled(layer, arrays).items()}


def peaks(subject: Subject, form: str, size: int) -> Peaks:
    """Bytes of each pass beside arguments and results, as XLA has planned them."""
    compiled = _compiled(subject.forms("jax")[form], subject.draw(size))
    return {name: _temporary(program) for name, (program, _) in compiled.items()}


def _call(compiled: Any, given: Arrays) -> Call:
    return lambda: jax.block_until_ready(compiled(*given))


def _temporary(program: Any) -> int:
    return int(program.memory_analysis().temp_size_in_bytes)


def _compiled(layer: Layer, arrays: list[np.ndarray]) -> dict[str, tuple[Any, Arrays]]:
    """Each pass as a program, and what it is called with."""
    x = [jnp.asarray(array) for array in arrays]
    g, *t = _normal(jax.eval_shape(layer, *x), *of_moving(layer, x)[1])

    def backward(x: Arrays, g: Any) -> Any:
        at, moving = of_moving(layer, x)
        y, pull = jax.vjp(at, *moving)
        return y, pull(g)

    def product(x: Arrays, g: Any, t: Arrays) -> Any:
        at, moving = of_moving(layer, x)
        gradient = jax.grad(lambda *a: (at(*a) * g).sum(), argnums=tuple(range(len(moving))))
        return jax.vjp(gradient, *moving)[1](tuple(t))

    calls = ((lambda x: layer(*x), [x]), (backward, [x, g]), (product, [x, g, t]))
    programs = [(jax.jit(f).lower(*given).compile(), given) for f, given in calls]
    return dict(zip(PASSES, programs, strict=True))


def _normal(*likes: Any) -> Arrays:
    rng = np.random.default_rng(1)
    return [jnp.asarray(rng.normal(size=like.shape).astype("float32")) for like in likes]
