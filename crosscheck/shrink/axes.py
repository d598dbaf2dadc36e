"""Axes of a case by name, and the case with fewer places along one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from crosscheck.case import Case
from crosscheck.inputs import Integer, Kind
from crosscheck.twin import Twin

Places = list[tuple[str, int]]  # input and axis


def axes(twin: Twin, case: Case) -> dict[str, Places]:
    """The axes that may be shorter, by name: where each is found.

    Given arrays name no axes; those of one length are taken for one.
    """
    found: dict[str, Places] = {}
    for name, x in case.inputs.items():
        declared = twin.inputs[name]
        dims = declared.dims.split() if isinstance(declared, Kind) else [f"={n}" for n in x.shape]
        for axis, dim in enumerate(_spread(dims, x.ndim)):
            if not dim.isdigit() and x.shape[axis] > 1:
                found.setdefault(dim, []).append((name, axis))
    return found


def kept(twin: Twin, case: Case, dim: str, indices: Sequence[int]) -> Case:
    """The case with these places along one axis; whole numbers that name places there follow."""
    inputs = dict(case.inputs)
    for name, axis in axes(twin, case)[dim]:
        inputs[name] = np.take(inputs[name], indices, axis=axis)
    for name, declared in twin.inputs.items():
        if isinstance(declared, Integer) and declared.high == dim:
            inputs[name] = _renumbered(inputs[name], indices)
    limits = case.limits
    if limits is not None:
        pairs = list(limits.items())
        limits = dict(pairs[k] for k in indices)
    return replace(case, inputs=inputs, limits=limits)


def _renumbered(places: np.ndarray, indices: Sequence[int]) -> np.ndarray:
    """Where the places are among those that are kept; 0 for those that are not."""
    new = {old: k for k, old in enumerate(indices)}
    flat = [new.get(old, 0) for old in places.ravel().tolist()]
    return np.array(flat, places.dtype).reshape(places.shape)


def without_leading(twin: Twin, case: Case) -> Case:
    """The case without the axes that `...` stands for, where all of them have length 1."""
    inputs = dict(case.inputs)
    for name, x in case.inputs.items():
        dims = getattr(twin.inputs[name], "dims", "").split()
        if "..." in dims:
            leading = x.ndim - len(dims) + 1
            start = dims.index("...")
            if x.shape[start : start + leading] != (1,) * leading:
                return case
            inputs[name] = x.reshape(x.shape[:start] + x.shape[start + leading :])
    return replace(case, inputs=inputs)


def _spread(dims: list[str], ndim: int) -> list[str]:
    """A name for every axis: `...` stands for as many as there are left."""
    leading = [f"...{k}" for k in range(ndim - len(dims) + 1)]
    return [name for dim in dims for name in (leading if dim == "..." else [dim])]
