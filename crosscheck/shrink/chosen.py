"""A case whose directions are chosen, not drawn, and its arrays one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from crosscheck.case import Chosen
from crosscheck.twin import Twin


class Slot(NamedTuple):
    """One array of a case: how it is declared, read and replaced."""

    declared: object
    get: Callable[[Chosen], np.ndarray]
    put: Callable[[Chosen, np.ndarray], Chosen]


def slots(twin: Twin, case: Chosen) -> Iterator[Slot]:
    """Cotangents and tangents first: a fault that needs none of them is simpler without."""
    for which in ("g", "t"):
        for k in range(len(getattr(case, which))):
            yield Slot(None, partial(_direction, which, k), partial(_with_direction, which, k))
    for name, declared in twin.inputs.items():
        yield Slot(declared, partial(_input, name), partial(_with_input, name))


def _direction(which: str, k: int, case: Chosen) -> np.ndarray:
    return np.asarray(getattr(case, which)[k])


def _with_direction(which: str, k: int, case: Chosen, array: np.ndarray) -> Chosen:
    arrays = list(getattr(case, which))
    arrays[k] = array
    chosen = tuple(arrays)
    return replace(case, g=chosen) if which == "g" else replace(case, t=chosen)


def _input(name: str, case: Chosen) -> np.ndarray:
    return case.inputs[name]


def _with_input(name: str, case: Chosen, array: np.ndarray) -> Chosen:
    return replace(case, inputs={**case.inputs, name: array})
