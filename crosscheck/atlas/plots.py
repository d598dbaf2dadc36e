"""The plot of an entry: value and derivatives, and beneath them the errors, on one x axis."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np

from crosscheck.atlas.axis import PLACES, TICKS, at, middles, place
from crosscheck.atlas.page import Entry, Look, Side
from crosscheck.report.text import BACKENDS
from crosscheck.sweep.judge import BUDGET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

OURS, BUILT_IN, TRUTH = "#0072b2", "#d55e00", "#222222"  # told apart by all eyes, and in grey
ERRORS = (0.1, 1e9)  # the same everywhere, so that plots can be compared
LANE = (1e8, 1e9)  # where false zeros are marked
WORDS = ("value  y", "first derivative  y′", "second derivative  y″")
POINT = re.compile(r"([ML]) (\S+) (\S+?)(?=[ \n\"])")
FRAMEWORKS = {"jax": "JAX", "torch": "PyTorch"}
LOOK: dict[Any, Any] = {  # as matplotlib has it
    "font.size": 9,
    "axes.edgecolor": "#888888",
    "axes.linewidth": 0.7,
    "svg.hashsalt": "atlas",  # the same numbers give the same file
    "svg.fonttype": "none",
    "font.sans-serif": ["DejaVu Sans"],
}


def plot(entry: Entry) -> str:
    """The picture as SVG."""
    import matplotlib
    from matplotlib.figure import Figure

    out = StringIO()
    with matplotlib.rc_context(LOOK):
        figure = Figure(figsize=(4 * len(entry.orders), 5.4), layout="constrained")
        _draw(figure, entry)
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return POINT.sub(_rounded, out.getvalue())


def _rounded(point: re.Match[str]) -> str:
    """A point of a path to a tenth: all that paper shows, in half the bytes."""
    return f"{point[1]}{float(point[2]):.1f} {float(point[3]):.1f}"


def _draw(figure: Figure, entry: Entry) -> None:
    grid = figure.subplots(3, len(entry.orders), sharex=True, squeeze=False,
                           gridspec_kw={"height_ratios": (1.25, 1, 1)})  # fmt: skip
    for order in entry.orders:
        top, *beneath = grid[:, order]
        _shape(top, entry, order)
        for axes, backend in zip(beneath, BACKENDS, strict=True):
            _errors(axes, entry, order, backend)
        _ticks(beneath[-1])
    for axes, backend in zip(grid[1:, 0], BACKENDS, strict=True):
        axes.set_ylabel(f"{FRAMEWORKS[backend]}\nroundings")
        axes.legend(loc="lower left", bbox_to_anchor=(-0.02, 0.96), ncols=2, frameon=False,
                    fontsize=8, handlelength=1.2)  # fmt: skip


def _shape(axes: Axes, entry: Entry, order: int) -> None:
    """The truth, as high as it gets on the linear part of the axis."""
    assert entry.curve
    y, x = entry.curve.truth[order], at(middles())
    inside = y[np.abs(x) < 10]
    low, high = min(0.0, np.nanmin(inside)), max(0.0, np.nanmax(inside))
    room = 0.08 * (high - low) or 1.0
    axes.axhline(0, color="#bbbbbb", lw=0.7)
    axes.plot(middles(), y, color=TRUTH, lw=1.4)
    _scale(axes)
    axes.set_ylim(low - room, high + room)
    axes.set_title(WORDS[order], fontsize=10, loc="left")


def _errors(axes: Axes, entry: Entry, order: int, backend: str) -> None:
    assert entry.curve
    for side in (Side(True, backend), Side(False, backend)):
        if (side, order) in entry.curve.looks:
            _line(axes, entry.curve.looks[side, order], side, side.words(entry.name))
    axes.axhline(BUDGET[order], color=TRUTH, lw=0.8, ls=(0, (4, 3)))
    axes.set_yscale("log")
    axes.set_ylim(*ERRORS)
    _scale(axes)
    axes.grid(axis="y", color="#e4e4e4", lw=0.6)
    axes.set_yticks([1, 1e3, 1e6], ["1", "10³", "10⁶"])
    axes.tick_params(which="minor", left=False)


def _line(axes: Axes, look: Look, side: Side, words: str) -> None:
    """What is built in is filled, ours is a line: they differ in grey too."""
    errors = np.clip(look.errors, *ERRORS)
    colour = BUILT_IN if side.native else OURS
    if side.native:
        axes.fill_between(middles(), errors, ERRORS[0], color=colour, alpha=0.25, lw=0)
    axes.plot(middles(), errors, color=colour, lw=0.9 if side.native else 1.3, label=words)
    if look.zeros.any():
        axes.fill_between(middles(), *LANE, where=look.zeros, color=colour, lw=0, step="mid")
    wrong = ~np.isfinite(look.errors)
    axes.plot(middles()[wrong], np.full(wrong.sum(), LANE[0]), "x", color=colour, ms=4)


def _scale(axes: Axes) -> None:
    """A tint where the axis is logarithmic."""
    for sign in (-1, 1):
        axes.axvspan(sign * PLACES[0], sign * PLACES[-1], color="#f4f4f4", lw=0, zorder=0)
    axes.set_axisbelow(True)


def _ticks(axes: Axes) -> None:
    ticks = sorted({sign * tick for tick in TICKS for sign in (-1, 1)})
    axes.set_xticks(place(np.array(ticks)), [_label(tick) for tick in ticks], fontsize=8)
    axes.set_xlim(-PLACES[-1], PLACES[-1])


def _label(tick: float) -> str:
    power = {1e38: "10³⁸"}.get(abs(tick), f"{abs(tick):g}")
    return f"−{power}" if tick < 0 else power
