"""What is measured: the arrays of each subject at each size, and the forms in which it exists."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from crosscheck.twin import Layer

Shapes = tuple[tuple[int, ...], ...]
OURS = "ours"  # the form that all others are compared with
WIDTH = 1024  # features of a row, where rows are what doubles
NARROW = 256  # the same in a stack of layers
DEPTH = 8  # layers of a stack
FEATURES, CLASSES = 512, 2**15  # of a large vocabulary
HEADS, HEAD_SIZE = 4, 64  # of queries, keys and values


@dataclass(frozen=True)
class Subject:
    """A computation at each of several sizes, which are those of `grows`."""

    name: str
    grows: str
    sizes: tuple[int, ...]
    draw: Callable[[int], list[np.ndarray]]

    def forms(self, backend: str) -> Mapping[str, Layer]:
        """Ours and the framework's own, by form; empty where a framework has no such subject."""
        module = importlib.import_module(f"crosscheck.bench.lean.{backend}_forms")
        found: Mapping[str, Mapping[str, Layer]] = module.forms()
        return found.get(self.name, {})


def _normal(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape).astype("float32") for shape in shapes]


def _rows(n: int) -> list[np.ndarray]:
    return _normal((n, WIDTH))


def _pairs(n: int) -> list[np.ndarray]:
    return _normal((n, WIDTH), (n, WIDTH))


def _normed(n: int) -> list[np.ndarray]:
    return _normal((n, WIDTH), (WIDTH,))


def _shifted(n: int) -> list[np.ndarray]:
    return _normal((n, WIDTH), (WIDTH,), (WIDTH,))


def _labelled(n: int) -> list[np.ndarray]:
    return [*_normal((n, WIDTH)), np.arange(n, dtype=np.int64) % WIDTH]


def _vocabulary(n: int) -> list[np.ndarray]:
    x, w = _normal((n, FEATURES), (FEATURES, CLASSES))
    return [x, w * np.float32(FEATURES**-0.5), np.arange(n, dtype=np.int64) % CLASSES]


def _heads(n: int) -> list[np.ndarray]:
    return _normal(*[(1, HEADS, n, HEAD_SIZE)] * 3)


def _stack(shapes: Shapes, n: int) -> list[np.ndarray]:
    """Rows, and weights that keep sums of their size."""
    x, *weights = _normal((n, NARROW), *shapes)
    return [x, *(w * np.float32(NARROW**-0.5) for w in weights)]


def _unrolled(shapes: Shapes, n: int) -> list[np.ndarray]:
    """Weights layer by layer: a part that is cut out of more is kept, and counts as no input."""
    return _stack(shapes * DEPTH, n)


def _scanned(shapes: Shapes, n: int) -> list[np.ndarray]:
    """Weights of all layers in one array, which the scan cuts."""
    return _stack(tuple((DEPTH, *shape) for shape in shapes), n)


ROWS = ("rows", (256, 512, 1024, 2048))
STACKED: Mapping[str, Shapes] = {  # the weights of each layer: a matrix before it, and its own
    "softmax": ((NARROW, NARROW),),
    "swiglu": ((NARROW, 2 * NARROW),),
    "rms_norm": ((NARROW, NARROW), (NARROW,)),
}
STACKS = {"unrolled": _unrolled, "scanned": _scanned}

SUBJECTS: Mapping[str, Subject] = {
    subject.name: subject
    for subject in (
        Subject("softmax", *ROWS, _rows),
        Subject("log_softmax", *ROWS, _rows),
        Subject("logsumexp", *ROWS, _rows),
        Subject("swiglu", *ROWS, _pairs),
        Subject("rms_norm", *ROWS, _normed),
        Subject("layer_norm", *ROWS, _shifted),
        Subject("cross_entropy", *ROWS, _labelled),
        Subject("linear_cross_entropy", "rows", (256, 512, 1024), _vocabulary),
        Subject("attention", "places", (512, 1024, 2048), _heads),
        *(
            Subject(f"{layer}, {DEPTH} {way}", *ROWS, partial(draw, shapes))
            for layer, shapes in STACKED.items()
            for way, draw in STACKS.items()
        ),
    )
}
