"""Central differences: answers from values alone. An arbiter between two claims, not a truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

Function = Callable[[np.ndarray], np.ndarray]  # a vector to a vector
Shapes = Sequence[tuple[int, ...]]
FIRST, SECOND = 2.0**-17, 2.0**-13  # steps near the cube and the fourth root of float64's rounding


def answer(
    question: str, function: Function, x: np.ndarray, g: np.ndarray, t: np.ndarray
) -> np.ndarray:
    """The flat answer to a question about derivatives at x, for a cotangent g and a tangent t."""
    if question == "jvp":
        return _along(function, x, t, FIRST)
    if question == "hessian":
        return _jacobian(_gradient(function, g), x, SECOND)
    if question == "product":
        return _along(_gradient(function, g), x, t, SECOND)
    jacobian = _jacobian(function, x, FIRST)
    return jacobian if question == "jacobian" else g @ jacobian


def blocks(flat: np.ndarray, rows: Shapes, columns: Shapes) -> list[np.ndarray]:
    """A flat vector or matrix cut into blocks of these shapes, row by row."""
    cut = [a.reshape(s + a.shape[1:]) for a, s in zip(_split(flat, rows, 0), rows, strict=True)]
    if flat.ndim == 1:
        return cut
    return [
        part.reshape(part.shape[:-1] + shape)
        for block in cut
        for part, shape in zip(_split(block, columns, -1), columns, strict=True)
    ]


def _gradient(function: Function, g: np.ndarray) -> Function:
    return lambda x: g @ _jacobian(function, x, SECOND)


def _jacobian(function: Function, x: np.ndarray, step: float) -> np.ndarray:
    return np.stack([_along(function, x, e, step) for e in np.eye(x.size)], axis=-1)


def _along(function: Function, x: np.ndarray, t: np.ndarray, step: float) -> np.ndarray:
    scale = max(1.0, float(np.max(np.abs(x * (t != 0)))))
    h = step * scale / float(np.max(np.abs(t)))
    return (function(x + h * t) - function(x - h * t)) / (2 * h)


def _split(array: np.ndarray, shapes: Shapes, axis: int) -> list[np.ndarray]:
    sizes = [int(np.prod(shape)) for shape in shapes]
    return np.split(array, np.cumsum(sizes)[:-1], axis=axis)
