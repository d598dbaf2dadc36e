"""Kinds of case: how sizes, values, cotangents and memory layouts are drawn for each. A table.

A harder test of all layers is one more row here. Values and sizes are drawn by `sample`, cotangents
by `Case`; layouts are made by the backends that know strides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from crosscheck.inputs import Kind
from crosscheck.question import QUESTIONS
from crosscheck.twin import Twin


def any_twin(twin: Twin) -> bool:
    return True


def with_kinks(twin: Twin) -> bool:
    return bool(twin.kinks)


def with_limits(twin: Twin) -> bool:
    return twin.limits is not None


def elementwise(twin: Twin) -> bool:
    return twin.is_elementwise


def compound(twin: Twin) -> bool:
    return not twin.is_elementwise


def smooth_at_zero(twin: Twin) -> bool:
    """Elementwise, and no kink at 0, to which XLA may flush a subnormal number."""
    return twin.is_elementwise and not any(0.0 in places for places in twin.kinks.values())


def with_free_axes(twin: Twin) -> bool:
    """Some input may have any number of axes."""
    return any("..." in getattr(kind, "dims", "").split() for kind in twin.inputs.values())


def resizable(twin: Twin) -> bool:
    """Some axis may have any length."""
    axes = {a for kind in twin.inputs.values() for a in getattr(kind, "dims", "").split()}
    return any(not axis.isdigit() for axis in axes)


def several_inputs(twin: Twin) -> bool:
    return len(twin.differentiable) > 1


@dataclass(frozen=True)
class CaseKind:
    """One kind of case.

    draws: how many for each setting. fits: the twins it is for. deep: whether it is drawn only
    where deeper checks are asked for. transformed: whether the deeper variants are asked of it too.
    """

    name: str
    draws: int = 1
    sizes: str = "small"
    values: str = "normal"
    cotangents: str = "mixed"
    layout: str = "contiguous"
    questions: tuple[str, ...] = QUESTIONS
    fits: Callable[[Twin], bool] = any_twin
    deep: bool = True
    transformed: bool = False


REVERSE = ("vjp", "hessian")  # the questions that a cotangent enters into
GIVEN = CaseKind("given", deep=False, transformed=True)
MOST_GIVEN = 5000  # entries of given arrays that balls are worked out for
MANY = CaseKind("given", sizes="large", deep=False)

KINDS = (
    CaseKind("ordinary", 2, deep=False, transformed=True),
    CaseKind("wide", 2, values="wide", deep=False),
    CaseKind("strided", layout="strided", deep=False),
    CaseKind("one", sizes="one", fits=compound, deep=False),  # one row, to sum or normalise over
    CaseKind("kink", values="kink", fits=with_kinks, deep=False, transformed=True),
    CaseKind("limits", values="limits", fits=with_limits, deep=False),
    CaseKind("one", sizes="one", fits=elementwise),
    CaseKind("single", 6, sizes="one", questions=("vjp",)),  # one row, which may be dropped
    CaseKind("transposed", layout="transposed"),
    CaseKind("expanded", values="repeated", cotangents="constant", layout="expanded"),
    CaseKind("one-hot", cotangents="one-hot", questions=REVERSE),
    CaseKind("negative", cotangents="negative", questions=REVERSE),
    CaseKind("zero", cotangents="zero", questions=REVERSE),
    CaseKind("huge", cotangents="huge", questions=REVERSE),
    CaseKind("tiny", cotangents="tiny", questions=REVERSE),
    CaseKind("unused", cotangents="first", questions=REVERSE),
    CaseKind("same", values="same", fits=several_inputs),
    CaseKind("equal", values="equal"),
    CaseKind("zeros", values="zeros"),
    CaseKind("saturated", values="saturated"),
    CaseKind("small", values="small"),
    CaseKind("vast", values="vast", fits=compound),
    CaseKind("subnormal", values="subnormal", fits=smooth_at_zero),
    CaseKind("edge", values="edge", fits=elementwise),
    CaseKind("scalar", 6, sizes="scalar", values="positive", fits=with_free_axes),  # may be flat
    CaseKind("scalar-negative", 6, sizes="scalar", values="negative", fits=with_free_axes),
    CaseKind("empty", sizes="empty", fits=resizable),
    CaseKind("prime", sizes="prime", fits=resizable),
    CaseKind("large", sizes="large", fits=resizable),
)


def kinds_for(twin: Twin, deep: bool) -> Iterator[CaseKind]:
    """The kinds of case that are drawn for a twin; for given arrays, those that keep them."""
    drawn = any(isinstance(kind, Kind) for kind in twin.inputs.values())
    if not drawn and _entries(twin) > MOST_GIVEN:
        yield MANY
        return
    if not drawn:
        yield GIVEN
    if not (drawn or deep):
        return
    for kind in KINDS:
        as_given = kind.sizes == "small" and kind.values == "normal" and kind.name != "ordinary"
        if kind.fits(twin) and deep >= kind.deep and (drawn or as_given):
            yield kind


def _entries(twin: Twin) -> int:
    return sum(np.size(twin.inputs[name]) for name in twin.differentiable)
