"""A comparison as a picture: truth and answers as heat maps, and the errors of the answers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from textwrap import fill

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, SymLogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.layout_engine import ConstrainedLayoutEngine

from crosscheck.demos.comparison import Comparison, Variable

MOST_WRITTEN = 6  # rows and columns up to which every entry is written into its cell
MOST_NAMED = 16  # and up to which every row and column bears its name
WIDE = 100.0  # magnitudes that differ by more are shown on a symmetric logarithmic scale
VALUES, ERRORS = "RdBu_r", "Oranges"  # values: blue negative, white zero, red positive
LEGEND = """\
Above: the {question} in truth, and what each framework answers, in the same colours (white is 0).
Right: how far each answer is from the truth, in roundings. 1 is what rounding the answer, and the \
inputs that it was computed from, can explain; up to {budget:g} is right ({standard} standard).
{lines}
Black: not a finite number."""


def draw(comparison: Comparison, path: Path) -> None:
    """Write the picture as a PNG."""
    layout = ConstrainedLayoutEngine(hspace=0.06, wspace=0.04)
    figure = Figure(figsize=(15, 9.5), layout=layout)
    figure.suptitle(_title(comparison), fontsize=15)
    axes = figure.subplots(2, 3)
    _draw_values(figure, axes[0], comparison)
    _draw_errors(figure, axes[1, 1:], comparison)
    _write_legend(axes[1, 0], comparison)
    figure.savefig(path, dpi=100)


def _title(c: Comparison) -> str:
    of = c.twin.name if c.question == "jacobian" else f"⟨g, {c.twin.name}⟩"
    settings = "".join(f", {name} = {value}" for name, value in c.case.settings.items())
    return f"{c.question.capitalize()} of {of}{settings}: {c.case.precision.name}, case {c.case.id}"


def _draw_values(figure: Figure, axes: Sequence[Axes], c: Comparison) -> None:
    truth = _whole(c, [m.rounded for m in c.matrices])
    norm = _value_scale(truth)
    image = _map(axes[0], c, "truth", truth, norm, VALUES)
    for ax, name in zip(axes[1:], c.twin.backends, strict=False):
        if name in c.ways:
            _map(ax, c, name, _whole(c, [m.said[name] for m in c.matrices]), norm, VALUES)
        else:
            _say(ax, f"{name} gave no answer: {c.missing[name]}")
    logarithmic = "symmetric logarithmic" if isinstance(norm, SymLogNorm) else "linear"
    figure.colorbar(image, ax=axes, pad=0.01, label=f"value ({logarithmic} scale)")


def _draw_errors(figure: Figure, axes: Sequence[Axes], c: Comparison) -> None:
    pictures = {name: _whole(c, [m.errors[name] for m in c.matrices]) for name in c.ways}
    finite = [float(e) for p in pictures.values() for e in p.ravel() if np.isfinite(e)]
    norm = Normalize(0.0, max([1.0, *finite]))
    for ax, name in zip(axes, c.twin.backends, strict=False):
        ax.set_axis_off()
        if name in pictures:
            title = f"error of {name}: at most {c.worst[name]:.2g} roundings"
            image = _map(ax, c, title, pictures[name], norm, ERRORS)
    if pictures:
        figure.colorbar(image, ax=axes, pad=0.01, label="error in roundings")


def _map(
    ax: Axes, c: Comparison, title: str, values: np.ndarray, norm: Normalize, colours: str
) -> AxesImage:
    """One heat map, with the names of rows and columns and a line between variables."""
    ax.set_axis_on()
    ax.set_title(title)
    shown = np.ma.masked_invalid(values)
    colormap = matplotlib.colormaps[colours].with_extremes(bad="black")
    image = ax.imshow(shown, norm=norm, cmap=colormap, interpolation="nearest", aspect="auto")
    rows, columns = _variables(c)
    _name(ax, "y", rows)
    _name(ax, "x", columns)
    jacobian = c.question == "jacobian"
    ax.set_ylabel("entry of the output" if jacobian else "first variable")
    ax.set_xlabel("entry of the input" if jacobian else "second variable")
    if max(values.shape) <= MOST_WRITTEN:
        _write_entries(ax, values, image, ".2g" if colours == ERRORS else ".4g")
    return image


def _name(ax: Axes, which: str, variables: Sequence[Variable]) -> None:
    """Ticks: each entry's name, or each variable's where entries are many."""
    counts = [len(variable.entries) for variable in variables]
    edges = np.concatenate([[0], np.cumsum(counts)]) - 0.5
    if sum(counts) <= MOST_NAMED:
        names = [entry for variable in variables for entry in variable.entries]
        places = list(range(len(names)))
    else:
        names = [f"{v.name}\n{v.shape}" for v in variables]
        places = [(a + b) / 2 for a, b in pairwise(edges.tolist())]
    axis, line = (ax.xaxis, ax.axvline) if which == "x" else (ax.yaxis, ax.axhline)
    axis.set_ticks(places, names, fontsize=8)
    axis.set_tick_params(rotation=90 if which == "x" and len(names) > len(variables) > 1 else 0)
    for edge in edges[1:-1]:
        line(edge, color="black", linewidth=0.8)


def _write_entries(ax: Axes, values: np.ndarray, image: AxesImage, digits: str) -> None:
    for (i, j), value in np.ndenumerate(values):
        red, green, blue, _ = image.to_rgba(np.array([value]))[0]
        dark = 0.3 * red + 0.6 * green + 0.1 * blue < 0.5
        text = f"{value + 0.0:{digits}}"
        ax.text(j, i, text, ha="center", va="center", color="white" if dark else "black")


def _write_legend(ax: Axes, c: Comparison) -> None:
    rows, columns = (", ".join(v.name for v in variables) for variables in _variables(c))
    lines = [f"Rows: the entries of {rows}. Columns: those of {columns}."]
    if c.question == "hessian":
        g = ", ".join(f"{v:.3g}" for g in c.cotangents for v in g.ravel()[:MOST_WRITTEN])
        dots = ", …" if any(g.size > MOST_WRITTEN for g in c.cotangents) else ""
        lines.append(f"g = ∂loss/∂{' and '.join(c.outputs)}: {g}{dots}")
    about = LEGEND.format(
        question=c.question.capitalize(),
        budget=c.twin.allowed,
        standard=c.twin.standard,
        lines="\n".join(lines),
    )
    _say(ax, about)


def _say(ax: Axes, text: str) -> None:
    ax.set_axis_off()
    lines = "\n\n".join(fill(line, 52) for line in text.splitlines())
    ax.text(0.0, 1.0, lines, va="top", fontsize=11, transform=ax.transAxes)


def _variables(c: Comparison) -> tuple[list[Variable], list[Variable]]:
    """What the rows and the columns of the whole matrix run over."""
    return list(dict.fromkeys(m.row for m in c.matrices)), list(
        dict.fromkeys(m.column for m in c.matrices)
    )


def _whole(c: Comparison, blocks: Sequence[np.ndarray]) -> np.ndarray:
    """All blocks as one matrix."""
    width = len(_variables(c)[1])
    rows = [list(blocks[k : k + width]) for k in range(0, len(blocks), width)]
    return np.asarray(np.block(rows), dtype=float)


def _value_scale(truth: np.ndarray) -> Normalize:
    """Colours symmetric about 0; logarithmic where magnitudes differ widely."""
    sizes = np.abs(truth[np.isfinite(truth) & (truth != 0)])
    largest = float(np.max(sizes, initial=0.0)) or 1.0
    middle = float(np.median(sizes)) if sizes.size else largest
    if largest <= WIDE * float(np.min(sizes, initial=largest)):
        return Normalize(-largest, largest)
    linear = max(middle / WIDE, largest * 1e-6)
    return SymLogNorm(linear, vmin=-largest, vmax=largest)
