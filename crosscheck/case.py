"""Case: one concrete draw of a twin's inputs, and the directions that derivatives are taken in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from crosscheck.kinds import GIVEN, CaseKind
from crosscheck.precision import Precision, is_floating


@dataclass(frozen=True)
class Case:
    """One draw. Tangents belong to it; cotangents follow once the outputs' shapes are known."""

    id: str
    inputs: Mapping[str, np.ndarray]
    differentiable: tuple[str, ...]
    settings: Mapping[str, Any]
    precision: Precision
    stream: tuple[int, int]
    limits: Mapping[float, float] | None = None  # the values, where inputs are infinite or NaN
    draw: CaseKind = GIVEN

    @property
    def kind(self) -> str:
        return self.id.rpartition("-")[0]

    @property
    def reals(self) -> list[np.ndarray]:
        """The differentiable inputs, in order."""
        return [self.inputs[name] for name in self.differentiable]

    @property
    def size(self) -> int:
        """Number of differentiable entries."""
        return sum(x.size for x in self.reals)

    def tangents(self) -> list[np.ndarray]:
        """One direction for each differentiable input."""
        return self._mixed([x.shape for x in self.reals], salt=1)

    def cotangents(self, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
        """One cotangent for each output: random, signed, of mixed size, or as the kind has it."""
        as_drawn = COTANGENTS[self.draw.cotangents]
        mixed = self._mixed(shapes, salt=2)
        drawn = [as_drawn(g.astype(float), k, self.precision) for k, g in enumerate(mixed)]
        return [self.precision.round(g) for g in drawn]

    def probes(self) -> list[np.ndarray]:
        """Directions that project answers too large to be judged entry by entry."""
        return self._mixed([x.shape for x in self.reals], salt=3)

    def _mixed(self, shapes: list[tuple[int, ...]], salt: int) -> list[np.ndarray]:
        rng = np.random.default_rng([*self.stream, salt])
        draws = [rng.normal(size=s) * 2.0 ** rng.uniform(-6, 6, size=s) for s in shapes]
        return [self.precision.round(draw) for draw in draws]


@dataclass(frozen=True)
class Chosen(Case):
    """A case whose directions are given: cotangents g, one an output, and tangents t."""

    g: tuple[np.ndarray, ...] = ()
    t: tuple[np.ndarray, ...] = ()

    def tangents(self) -> list[np.ndarray]:
        return [self.precision.round(t) for t in self.t]

    def cotangents(self, shapes: list[tuple[int, ...]]) -> list[np.ndarray]:
        return [self.precision.round(g) for g in self.g]


def chosen(
    case: Case, x: Mapping[str, np.ndarray], t: list[np.ndarray], precision: Precision
) -> Chosen:
    """The case with other numbers."""
    inputs = {k: precision.round(v) if is_floating(v.dtype) else v for k, v in x.items()}
    fields = (case.id, inputs, case.differentiable, case.settings, precision, case.stream)
    return Chosen(*fields, draw=case.draw, t=tuple(t))


def _one_hot(g: np.ndarray) -> np.ndarray:
    """One entry kept: the largest."""
    flat = np.zeros(g.size)
    flat[np.abs(g).argmax() if g.size else []] = 1
    return g * flat.reshape(g.shape)


def _root(precision: Precision) -> float:
    """A power of two near the square root of the largest number."""
    return float(2.0 ** np.floor(np.log2(precision.largest) / 2))


# What a kind of case makes of the k-th output's mixed cotangent.
COTANGENTS: dict[str, Callable[[np.ndarray, int, Precision], np.ndarray]] = {
    "mixed": lambda g, k, precision: g,
    "one-hot": lambda g, k, precision: _one_hot(g),
    "negative": lambda g, k, precision: -np.abs(g),
    "zero": lambda g, k, precision: 0 * g,
    "huge": lambda g, k, precision: g * _root(precision),
    "tiny": lambda g, k, precision: g / _root(precision),
    "constant": lambda g, k, precision: np.full(g.shape, 1.0 + k),
    "first": lambda g, k, precision: g if k == 0 else 0 * g,
}
