"""The gradients' errors and the scale of activations, as a picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from crosscheck.demos.fifty_layers import FLOAT32, INITIAL, Scales, Which
from crosscheck.demos.two_layers import GRADIENTS, Compared

COLOURS = {"by hand": "tab:gray", "jax": "tab:blue", "torch": "tab:orange"}
FIRST, LAST = FLOAT32.tiny, FLOAT32.largest  # what float32 can hold in full precision


def draw(
    small: Compared, whole: Compared, scales: Mapping[str, Mapping[Which, Scales]], path: Path
) -> None:
    """Write the picture as a PNG."""
    figure = Figure(figsize=(17, 9.5), layout="constrained")
    figure.suptitle("Gradients by hand and by both frameworks; activations by depth (jax: lines)")
    axes = figure.subplots(2, 3, width_ratios=(3, 4, 4))
    _draw_errors(axes[0, 0], small, "Small network: error from the truth,\nin roundings")
    _draw_errors(axes[1, 0], whole, "Whole network: error from the rules,\nin u times all terms")
    for column, rectified in ((1, False), (2, True)):
        for row, part in enumerate(("std", "mean")):
            _draw_scales(axes[row, column], scales, rectified, part)
    figure.savefig(path, dpi=100)


def _draw_errors(ax: Any, c: Compared, title: str) -> None:
    """A group of bars for each gradient; what is allowed is written, mostly far above them."""
    who = list(c.errors[GRADIENTS[0]])
    for k, name in enumerate(who):
        places = np.arange(len(GRADIENTS)) + (k - (len(who) - 1) / 2) * 0.25
        heights = [c.errors[d][name] for d in GRADIENTS]
        ax.bar(places, heights, 0.23, label=name, color=COLOURS[name])
    ax.set_xticks(range(len(GRADIENTS)), GRADIENTS)
    ax.set_title(f"{title} (right: up to {c.allowed:g})", fontsize=10)
    ax.grid(axis="y", alpha=0.3)
    ax.legend()


def _draw_scales(
    ax: Any, scales: Mapping[str, Mapping[Which, Scales]], rectified: bool, part: str
) -> None:
    """One curve a way to draw weights; torch as black dots over jax."""
    for k, initial in enumerate(INITIAL):
        one, other = (by_way[initial, rectified] for by_way in scales.values())
        ax.plot(_shown(one, part), color=f"C{k}", linewidth=3, label=initial)
        ax.plot(_shown(other, part), color="black", linewidth=0, marker=".", markersize=3)
        _mark_end(ax, one, part, f"C{k}")
    ax.set_yscale("log")
    ax.set_ylim(FIRST * 1e-9, LAST * 1e6)
    for bound in (FIRST, LAST):
        ax.axhline(bound, color="gray", linestyle=":", linewidth=1)
    words = "standard deviation" if part == "std" else "|mean|"
    ax.set_title(f"{words}, {'relu' if rectified else 'no relu'}", fontsize=10)
    ax.set_xlabel("layer (black dots: torch)")
    ax.grid(alpha=0.3)
    ax.legend(loc="lower left")


def _shown(scales: Scales, part: str) -> np.ndarray:
    """What a logarithmic axis can show: positive, finite numbers."""
    values = np.abs(getattr(scales, part))
    return np.where(scales.finite & (values > 0), values, np.nan)


def _mark_end(ax: Any, scales: Scales, part: str, colour: str) -> None:
    """What stopped a curve, at its last point."""
    end = scales.lasting
    if end + 1 == len(scales.std):
        return
    height = _shown(scales, part)[end]
    vanishes = bool(scales.zero[end + 1])
    words, side, shift = ("all 0", "left", 10) if vanishes else ("infinite, then NaN", "right", -10)
    ax.plot([end], [height], "x", color=colour, markersize=10, markeredgewidth=3)
    ax.annotate(
        words,
        (end, height),
        xytext=(shift, 4),
        textcoords="offset points",
        color=colour,
        ha=side,
        fontsize=10,
    )
