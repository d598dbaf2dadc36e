"""Cases: concrete, numbered draws of a twin's inputs, the same in whatever order they are drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import numpy as np

from crosscheck.inputs import Boolean, Integer, Key, Kind, Real
from crosscheck.precision import Precision, is_floating
from crosscheck.twin import Twin

Sizes = dict[str, tuple[int, ...]]
MOST_ENTRIES = 40  # differentiable entries in a drawn case, so that whole Hessians stay cheap
COUNTS = {"ordinary": 3, "wide": 2, "one": 1}  # draws of each kind, for each setting


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
        """One cotangent for each output: random, signed, of mixed size."""
        return self._mixed(shapes, salt=2)

    def probes(self) -> list[np.ndarray]:
        """Directions that project answers too large to be judged entry by entry."""
        return self._mixed([x.shape for x in self.reals], salt=3)

    def _mixed(self, shapes: list[tuple[int, ...]], salt: int) -> list[np.ndarray]:
        rng = np.random.default_rng([*self.stream, salt])
        draws = [rng.normal(size=s) * 2.0 ** rng.uniform(-6, 6, size=s) for s in shapes]
        return [self.precision.round(draw) for draw in draws]


def sample(twin: Twin, precision: Precision, seed: int = 0) -> list[Case]:
    """All cases of a twin in one precision."""
    return [
        _draw(twin, f"{kind}-{number}", settings, precision, seed)
        for kind, count in _kinds(twin)
        for number, settings in enumerate(s for s in twin.settings for _ in range(count))
    ]


def _kinds(twin: Twin) -> Iterator[tuple[str, int]]:
    if not any(isinstance(kind, Kind) for kind in twin.inputs.values()):
        yield "given", 1
        return
    yield from COUNTS.items()
    if twin.kinks:
        yield "kink", 1
    if twin.limits is not None:
        yield "limits", 1


def _draw(
    twin: Twin, id_: str, settings: Mapping[str, Any], precision: Precision, seed: int
) -> Case:
    stream = (seed, crc32(f"{twin.name}/{id_}".encode()))
    rng = np.random.default_rng(stream)
    kind = id_.rpartition("-")[0]
    sizes = _sizes(twin, kind, seed)
    limits = twin.limits_for(settings) if kind == "limits" else None
    inputs = {}
    for name, declared in twin.inputs.items():
        values = np.asarray(_values(declared, kind, sizes, rng))
        if kind == "kink":
            values = _at_kinks(values, list(twin.kinks.get(name, ())), precision)
        if limits is not None:
            values = np.array(list(limits))
        inputs[name] = precision.round(values) if is_floating(values.dtype) else values
    return Case(id_, inputs, tuple(twin.differentiable), dict(settings), precision, stream, limits)


def _sizes(twin: Twin, kind: str, seed: int) -> Sizes:
    """A length for every named axis, small enough that all differentiable entries stay few.

    Draws share their shapes, but for `one` row, since each shape costs a compilation.
    """
    rng = np.random.default_rng((seed, crc32(twin.name.encode())))
    declared = [k for k in twin.inputs.values() if isinstance(k, Kind)]
    names = sorted({axis for k in declared for axis in k.dims.split()})
    for largest in (5, 4, 3, 2, 1):
        sizes = {
            name: _size(name, int(rng.integers(min(2, largest), largest + 1))) for name in names
        }
        if "..." in sizes:
            sizes["..."] = (4, 6) if twin.is_elementwise else (2,) * int(rng.integers(1, 3))
        if sum(_count(k, sizes) for k in declared if isinstance(k, Real)) <= MOST_ENTRIES:
            break
    return _one_row(sizes, declared) if kind == "one" else sizes


def _one_row(sizes: Sizes, declared: list[Any]) -> Sizes:
    """One of everything but along the last axes, over which a layer may sum or normalise."""
    last = {kind.dims.split()[-1] for kind in declared if kind.dims}
    kept = {name: sizes[name] for name in last if name != "..."}
    return {name: _size(name, 1) if name != "..." else () for name in sizes} | kept


def _size(name: str, drawn: int) -> tuple[int, ...]:
    return (int(name),) if name.isdigit() else (drawn,)


def _shape(dims: str, sizes: Sizes) -> tuple[int, ...]:
    return tuple(n for axis in dims.split() for n in sizes[axis])


def _count(kind: Any, sizes: Sizes) -> int:
    return int(np.prod(_shape(kind.dims, sizes)))


def _values(declared: Any, kind: str, sizes: Sizes, rng: np.random.Generator) -> np.ndarray:
    if isinstance(declared, Real):
        return _real(declared, kind, _shape(declared.dims, sizes), rng)
    if isinstance(declared, Integer):
        high = sizes[declared.high][0] if isinstance(declared.high, str) else declared.high
        return rng.integers(declared.low, high, size=_shape(declared.dims, sizes), dtype=np.int32)
    if isinstance(declared, Boolean):
        return rng.random(_shape(declared.dims, sizes)) < 0.5
    if isinstance(declared, Key):
        return rng.integers(0, 2**32, size=2, dtype=np.uint32)
    return np.asarray(declared)


def _real(
    declared: Real, kind: str, shape: tuple[int, ...], rng: np.random.Generator
) -> np.ndarray:
    """Normal numbers, or magnitudes from 2^-12 to 2^10 (2^3 in compound layers); within bounds."""
    low, high = declared.low, declared.high
    if np.isfinite(low) and np.isfinite(high):
        part = 2.0 ** -rng.uniform(0, 20, size=shape) if kind == "wide" else rng.random(shape)
        return np.where(
            rng.random(shape) < 0.5, low + (high - low) * part, high - (high - low) * part
        )
    x = rng.normal(size=shape) * 2
    if kind == "wide":
        exponent = rng.uniform(-12, 10 if declared.dims == "..." else 3, size=shape)
        x = np.sign(x) * 2.0**exponent
    if np.isfinite(low):
        return low + np.abs(x)
    return high - np.abs(x) if np.isfinite(high) else x


def _at_kinks(values: np.ndarray, places: list[float], precision: Precision) -> np.ndarray:
    """Every other row at one place or just beside it; in the rest, the first entries at each."""
    if not places:
        return values
    spots = [spot for place in places for spot in _around(place, precision)]
    rows = precision.round(values).reshape(-1, values.shape[-1] if values.ndim else 1)
    rows[0::2] = np.resize(spots, (len(rows[0::2]), 1))
    rows[1::2, : len(spots)] = spots[: rows.shape[1]]
    return rows.reshape(values.shape)


def _around(place: float, precision: Precision) -> list[float]:
    if place == 0:
        beside = precision.tiny**0.5  # closer ones have products that XLA flushes
        return [0.0, -0.0, beside, -beside]
    step = 2 * precision.u * abs(place)
    return [place, place + step, place - step]
