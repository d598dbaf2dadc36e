"""Cases: concrete, numbered draws of a twin's inputs, the same in whatever order they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np

from crosscheck.case import Case
from crosscheck.inputs import Boolean, Integer, Key, Kind, Real
from crosscheck.kinds import CaseKind, kinds_for
from crosscheck.places import SPECIAL, around
from crosscheck.precision import Precision, is_floating
from crosscheck.twin import Twin

Sizes = dict[str, tuple[int, ...]]
Settings = Mapping[str, Any]
MOST_ENTRIES = 40  # differentiable entries in a drawn case, so that whole Hessians stay cheap
NARROW = 100  # bounds as near as this are drawn between evenly, and beside them
SHORTEST = 3  # other axes beside a long one: some of nine gates of a ReLU are open
LONG = {  # lengths of one axis, past blocks of powers of two; and how many entries at most
    "prime": ((131, 37, 17), 2000),
    "large": ((1000003, 300007, 100003, 30011, 10007, 3001, 997, 499), 1000003),
}


def sample(twin: Twin, precision: Precision, seed: int = 0, deep: bool = False) -> list[Case]:
    """All cases of a twin in one precision; with `deep` also of the kinds that cost more."""
    return [
        _draw(twin, kind, f"{kind.name}-{number}", settings, precision, seed)
        for kind in kinds_for(twin, deep)
        for number, settings in enumerate(s for s in twin.settings for _ in range(kind.draws))
    ]


def _draw(
    twin: Twin, kind: CaseKind, id_: str, settings: Settings, precision: Precision, seed: int
) -> Case:
    stream = (seed, crc32(f"{twin.name}/{id_}".encode()))
    rng = np.random.default_rng(stream)
    sizes = _sizes(twin, kind.sizes, seed)
    limits = twin.limits_for(settings) if kind.values == "limits" else None
    inputs: dict[str, np.ndarray] = {}
    for name, declared in twin.inputs.items():
        values = np.asarray(_values(declared, kind.values, sizes, rng))
        if kind.values == "kink":
            values = _at_kinks(values, list(twin.kinks.get(name, ())), precision)
        if isinstance(declared, Real) and kind.values in SPECIAL:
            values = SPECIAL[kind.values](values, precision, rng)
        if isinstance(declared, Real):
            values = np.clip(values, declared.low, declared.high)
        if limits is not None:
            values = np.array(list(limits))
        inputs[name] = precision.round(values) if is_floating(values.dtype) else values
    if kind.values == "same":
        inputs = _shared(inputs, twin, precision)
    names = tuple(twin.differentiable)
    return Case(id_, inputs, names, dict(settings), precision, stream, limits, kind)


def _shared(
    inputs: dict[str, np.ndarray], twin: Twin, precision: Precision
) -> dict[str, np.ndarray]:
    """The first array of each shape in place of all others, within the bounds of all, if it can."""
    drawn = [name for name, kind in twin.inputs.items() if isinstance(kind, Real)]
    shared = dict(inputs)
    for shape in dict.fromkeys(inputs[name].shape for name in drawn):
        names = [name for name in drawn if inputs[name].shape == shape]
        bounds = [twin.inputs[name] for name in names]
        low, high = max(k.low for k in bounds), min(k.high for k in bounds)
        if low <= high:
            array = precision.round(np.clip(inputs[names[0]], low, high))
            shared |= dict.fromkeys(names, array)
    return shared


def _sizes(twin: Twin, wanted: str, seed: int) -> Sizes:
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
            sizes["..."] = (3, 7) if twin.is_elementwise else (2,) * int(rng.integers(1, 3))
        if _entries(sizes, declared) <= MOST_ENTRIES:
            break
    return _special_sizes(wanted, sizes, declared)


def _special_sizes(wanted: str, sizes: Sizes, declared: list[Any]) -> Sizes:
    """The sizes as a kind of case wants them."""
    bounds = {kind.high for kind in declared if isinstance(kind, Integer)}  # of labels: not empty
    free = [name for name in sizes if not name.isdigit() and name not in bounds]
    if wanted == "one":
        return _one_row(sizes, declared)
    if wanted == "scalar":
        return sizes | {"...": ()}
    if wanted == "empty" and free:
        return sizes | {free[0]: (0,)}
    varied = {axis for kind in declared if isinstance(kind, Real) for axis in kind.dims.split()}
    if wanted in LONG and (long := [name for name in free if name in varied]):
        lengths, most = LONG[wanted]
        wide = {name: _size(name, max(SHORTEST, *sizes[name])) for name in free if name != "..."}
        tried = [sizes | wide | {long[0]: (length,)} for length in lengths]
        return next((s for s in tried if _entries(s, declared) <= most), sizes)
    return sizes


def _entries(sizes: Sizes, declared: list[Any]) -> int:
    """How many differentiable entries a case of these sizes has."""
    return sum(_count(kind, sizes) for kind in declared if isinstance(kind, Real))


def _one_row(sizes: Sizes, declared: list[Any]) -> Sizes:
    """One of everything but along the last axes of numbers, over which a layer may sum."""
    last = {kind.dims.split()[-1] for kind in declared if isinstance(kind, Real) and kind.dims}
    kept = {name: sizes[name] for name in last if name != "..."}
    leading = {"...": (1, *sizes["..."][1:])} if "..." in sizes else {}
    return {name: _size(name, 1) for name in sizes} | kept | leading


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
    if high - low <= NARROW:
        part = 2.0 ** -rng.uniform(0, 20, size=shape) if kind == "wide" else rng.random(shape)
        return np.where(
            rng.random(shape) < 0.5, low + (high - low) * part, high - (high - low) * part
        )
    x = rng.normal(size=shape) * 2
    if kind == "wide":
        exponent = rng.uniform(-12, 10 if declared.dims == "..." else 3, size=shape)
        x = np.sign(x) * 2.0**exponent
    if np.isfinite(low) and np.isfinite(high):
        return x.clip(low, high)
    if np.isfinite(low):
        return low + np.abs(x)
    return high - np.abs(x) if np.isfinite(high) else x


def _at_kinks(values: np.ndarray, places: list[float], precision: Precision) -> np.ndarray:
    """Every other row at one place or just beside it; in the rest, the first entries at each."""
    if not places:
        return values
    spots = [spot for place in places for spot in around(place, precision)]
    rows = precision.round(values).reshape(-1, values.shape[-1] if values.ndim else 1)
    rows[0::2] = np.resize(spots, (len(rows[0::2]), 1))
    rows[1::2, : len(spots)] = spots[: rows.shape[1]]
    return rows.reshape(values.shape)
