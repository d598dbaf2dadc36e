"""The detection floor: the smallest relative error in one entry of a gradient that a tool notices.

The layer is one at given arrays, held to the strict standard, and for crosscheck also one held to
the sound one; the entry that is off is one in the middle. The error is bisected on a logarithmic
scale. crosscheck is asked for the VJP alone, where the error is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from crosscheck.audit.defect import Arrays, Defect, Pass, Subject
from crosscheck.audit.examiner import Examiner
from crosscheck.audit.mutant import spoilt, subject
from crosscheck.audit.rivals import RIVALS
from crosscheck.catalog import layer
from crosscheck.options import Options
from crosscheck.precision import PRECISIONS
from crosscheck.twin import Layer

STRICT, SOUND = "sigmoid", "swiglu"
SIZES = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
STEPS = 8  # halvings of the interval of exponents, [-17, 0]


@dataclass(frozen=True)
class Gauge:
    """A tool as it is asked for its floor; `largest`: the size that it finishes in seconds."""

    tool: str
    side: str
    largest: int
    dtype: str = "float64"
    layer: str = STRICT

    @property
    def name(self) -> str:
        return f"{self.tool} ({self.layer}, {self.side}, {self.dtype})"

    @property
    def sizes(self) -> list[int]:
        """The sizes that it is asked at."""
        return [size for size in SIZES if size <= self.largest]


GAUGES = (
    *(
        Gauge("crosscheck", side, 1_000_000, dtype, name)
        for name in (STRICT, SOUND)
        for side in ("torch", "jax")
        for dtype in PRECISIONS
    ),
    Gauge("gradcheck", "torch", 1_000),
    Gauge("gradcheck fast", "torch", 1_000_000),
    Gauge("gradgradcheck", "torch", 100),
    Gauge("gradgradcheck fast", "torch", 1_000_000),
    Gauge("check_grads", "jax", 1_000_000, "float32"),
    Gauge("check_grads float64", "jax", 1_000_000),
)


@dataclass(frozen=True)
class Floor:
    """What one tool needs at one size: the smallest error noticed.

    None: not even one of 100 %. 0: it rejects the right layer, so that its word means nothing.
    """

    gauge: Gauge
    size: int
    error: float | None


def floors(gauges: Sequence[Gauge] = GAUGES) -> Iterator[Floor]:
    """All of them, tool by tool, up to the size that each finishes in seconds."""
    for gauge in gauges:
        for size in gauge.sizes:
            yield Floor(gauge, size, smallest(_notices(gauge, size)))


def smallest(notices: Callable[[float], bool]) -> float | None:
    """The smallest error noticed, to a factor of 10^(17 / 2^STEPS)."""
    low, high = -17.0, 0.0
    if notices(0.0):
        return 0.0
    if not notices(10.0**high):
        return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if notices(10.0**middle) else (middle, high)
    return float(10.0**high)


def _notices(gauge: Gauge, size: int) -> Callable[[float], bool]:
    given = _given(gauge.layer, size)
    right = given.twin.layer(gauge.side)
    examiner = Examiner(given, Options(questions=("vjp",), dtypes=(gauge.dtype,)))

    def notices(error: float) -> bool:
        wrong = spoilt(given, _off(error), gauge.side)
        if gauge.tool == "crosscheck":
            found = examiner.first_failure(gauge.side, wrong, right, deep=False)
            return found is not None and found.failed
        return _raises(gauge, wrong, given)

    return notices


def _raises(gauge: Gauge, wrong: Layer, given: Subject) -> bool:
    try:
        RIVALS[gauge.side][gauge.tool](wrong, given)
    except Exception:
        return True
    return False


def _given(name: str, size: int) -> Subject:
    """The layer at given arrays of this size."""
    rng, twin = np.random.default_rng(0), layer(name)
    arrays = {each: rng.normal(size=size) for each in twin.inputs}
    return subject(replace(twin, inputs=arrays, limits=None))


def _off(error: float) -> Defect:
    """One entry in the middle off by a relative error."""

    def backward(p: Pass) -> Arrays:
        dx, *others = p.right
        factors = np.zeros(dx.shape)
        factors[dx.shape[0] // 2] = error
        return [dx + dx * p.side.constant(factors, dx), *others]

    return Defect("one entry off", "one entry in the middle off", backward=backward)


def plot(found: list[Floor], path: Any) -> None:
    """A line for each tool, size against error, both logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    for gauge in dict.fromkeys(floor.gauge for floor in found):
        of_tool = [floor for floor in found if floor.gauge == gauge and floor.error]
        axes.loglog([f.size for f in of_tool], [f.error for f in of_tool], ".-", label=gauge.name)
    axes.set_xlabel("entries of the gradient")
    axes.set_ylabel("smallest relative error noticed in one of them")
    axes.legend(fontsize="small")
    figure.savefig(path, dpi=150)
