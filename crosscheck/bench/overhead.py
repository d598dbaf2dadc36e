"""What one forward and backward pass of each layer costs beside the framework's own.

Torch runs eagerly and on one thread (with more, a busy machine's scheduler is what is timed), JAX
under `jit`; both in float32, on the processor, on the same numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from crosscheck import native
from crosscheck.backends import NAMES, one_thread
from crosscheck.bench.pairs import Call, Pair, compare
from crosscheck.catalog import catalog
from crosscheck.inputs import Real
from crosscheck.keeping.draw import ROWS
from crosscheck.twin import Layer, Twin

SIZES = {8: (2, 4), 10**6: (1000, 1000)}  # entries of the first input: as rows and columns
KEEP_BITS = 4_000_000


@dataclass(frozen=True)
class Measured:
    """One layer in one framework at one size; `other` says what it is compared with."""

    layer: str
    backend: str
    entries: int
    other: str
    pair: Pair


def measure(repeats: int) -> Iterator[Measured]:
    """All layers that have something to be compared with, one after the other."""
    for twin in comparable():
        for backend in twin.backends:
            words, other = built_in(twin.name, backend)
            if other is not None:
                yield from _sizes(twin, backend, words, other, repeats)
    yield keep_bits(repeats)


def keep_bits(repeats: int) -> Measured:
    """Masks beside torch's own generator; ours may take twice as long."""
    import torch

    from torchlayers.random import bernoulli, key

    seed, shape = key(0), (KEEP_BITS,)

    def theirs() -> torch.Tensor:
        return torch.empty(shape, dtype=torch.bool).bernoulli_(0.5)  # a byte each, as ours are

    with one_thread():
        pair = compare(lambda: bernoulli(seed, 0.5, shape), theirs, repeats)
    return Measured("bernoulli", "torch", KEEP_BITS, "torch.Tensor.bernoulli_", pair)


def comparable() -> list[Twin]:
    """The layers of real arrays alone, with a counterpart in both frameworks."""
    real = [t for t in catalog().values() if all(isinstance(k, Real) for k in t.inputs.values())]
    return [t for t in real if all(built_in(t.name, backend)[1] for backend in NAMES)]


def _sizes(twin: Twin, backend: str, words: str, other: Layer, repeats: int) -> Iterator[Measured]:
    for entries, (rows, columns) in SIZES.items():
        arrays = inputs(twin, rows, columns)
        both = (partial(f, **twin.settings[0]) for f in (twin.layer(backend), other))
        ours, theirs = (CALLS[backend](f, arrays) for f in both)
        with one_thread():
            pair = compare(ours, theirs, repeats)
        yield Measured(twin.name, backend, entries, words, pair)


def built_in(name: str, backend: str) -> tuple[str, Layer | None]:
    """The framework's layer of that name, or the same in its operations; None if there is none."""
    composed = {"torch": torch_compositions, "jax": jax_compositions}[backend]()
    if name in composed:
        return composed[name]
    if name not in native.BUILT_IN:
        return "", None
    return native.words(name, backend), native.built_in(name, backend)


def torch_compositions() -> dict[str, tuple[str, Layer]]:
    """What torch calls otherwise, or leaves to its users."""
    from torch.nn import functional as f

    return {
        "linear": ("torch.nn.functional.linear", lambda x, w, b: f.linear(x, w.T, b)),
        "mse": ("torch.nn.functional.mse_loss", f.mse_loss),
        "relu_residual": ("composed", lambda x, w, y: ((f.relu(x @ w) - y) ** 2).sum()),
    }


def jax_compositions() -> dict[str, tuple[str, Layer]]:
    """What JAX leaves to its users."""
    from jax import nn
    from jax import numpy as jnp

    return {
        "linear": ("composed", lambda x, w, b: x @ w + b),
        "mse": ("composed", lambda x, y: jnp.mean((x - y) ** 2)),
        "relu_residual": ("composed", lambda x, w, y: jnp.sum((nn.relu(x @ w) - y) ** 2)),
    }


def inputs(twin: Twin, rows: int, columns: int) -> list[np.ndarray]:
    """Normal numbers for each input; an elementwise layer's in one row."""
    rng = np.random.default_rng(0)
    shapes = [
        [rows if axis in ROWS else columns for axis in kind.dims.split()]
        for kind in twin.inputs.values()
        if isinstance(kind, Real)
    ]
    if twin.is_elementwise:
        shapes = [[rows * columns]]
    return [rng.normal(size=shape).astype(np.float32) for shape in shapes]


def torch_call(layer: Layer, arrays: list[np.ndarray]) -> Call:
    """The value, then gradients of all inputs, eagerly."""
    import torch

    from crosscheck.backends.torch_arrays import tensor

    x = [tensor(array).requires_grad_() for array in arrays]
    g = torch.ones_like(layer(*x))
    return lambda: torch.autograd.grad(layer(*x), x, g)


def jax_call(layer: Layer, arrays: list[np.ndarray]) -> Call:
    """The value and the gradients of all inputs, as one compiled program, waited for."""
    import jax
    import jax.numpy as jnp

    def both(x: list[Any], g: Any) -> Any:
        y, pull = jax.vjp(layer, *x)
        return y, pull(g)

    x = [jnp.asarray(array) for array in arrays]
    compiled, g = jax.jit(both), jnp.ones_like(layer(*x))
    return lambda: jax.block_until_ready(compiled(x, g))


CALLS: dict[str, Callable[[Layer, list[np.ndarray]], Call]] = {
    "torch": torch_call,
    "jax": jax_call,
}
