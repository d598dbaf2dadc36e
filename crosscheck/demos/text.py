"""A comparison as text that teaches how to read it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from textwrap import indent, wrap

import numpy as np
from flint import arb

from crosscheck.demos.comparison import Comparison, Matrix

MOST = 5  # rows and columns of a matrix that are printed
GAP = "    "
ROUNDINGS = """\
An error is counted in roundings: 1 is what rounding the answer, and the inputs that it was computed
from, can explain by itself. Up to {budget:g} is right here (the {standard} standard)."""


def page(comparison: Comparison, reading: str, seed: int) -> str:
    """Everything: the layer, how to read the answer, the inputs, each block, the worst entries."""
    c = comparison
    settings = "".join(f", {name}={value!r}" for name, value in c.case.settings.items())
    title = f"{c.question.capitalize()} of {c.twin.name}({', '.join(c.twin.inputs)}{settings})"
    where = f"{c.case.precision.name}, case {c.case.id}, seed {seed}"
    rule = ROUNDINGS.format(budget=c.twin.allowed, standard=c.twin.standard)
    sections = [
        f"{title} in {where}\n",
        indent(c.twin.docstring(), "    "),
        *("", reading, "", rule, ""),
        *_arrays(c),
        *(line for matrix in c.matrices for line in _block(matrix)),
        *_worst(c),
        *_asked(c),
    ]
    return "\n".join(sections)


def _arrays(c: Comparison) -> Iterator[str]:
    yield "The inputs"
    yield from (_array(name, x) for name, x in c.case.inputs.items())
    yield "The value, in truth"
    yield from (_array(name, y) for name, y in c.outputs.items())
    if c.question == "hessian":
        yield "The cotangent g, of the shape of the value"
        yield from (_array("g", g) for g in c.cotangents)


def _array(name: str, values: np.ndarray) -> str:
    text = np.array2string(values, precision=6, separator=", ", threshold=60, edgeitems=2)
    head = f"    {name} {values.shape} = "
    return head + indent(text, " " * len(head)).lstrip()


def _block(m: Matrix) -> Iterator[str]:
    rows, columns = m.truth.shape
    yield f"\n{m.label}    shape {m.row.shape} + {m.column.shape}, as a matrix {rows} × {columns}"
    if m.is_zero:
        yield "    0 everywhere, in truth and in every answer"
        return
    if max(rows, columns) > MOST:
        yield f"    (its first {min(rows, MOST)} rows and {min(columns, MOST)} columns)"
    yield from _answers(m)
    yield from _errors(m)


def _answers(m: Matrix) -> Iterator[str]:
    """The truth, and the answers beside it, or a line that says that they look the same."""
    panels = [_panel("truth", m, m.rounded)]
    panels += [_panel(name, m, said) for name, said in m.said.items()]
    same = [name for name, p in zip(m.said, panels[1:], strict=True) if p[1:] == panels[0][1:]]
    if len(same) < len(m.said) or not m.said or max(m.truth.shape) <= MOST:
        yield from _flow(panels)
    else:
        yield from _flow(panels[:1])
        yield f"    {' and '.join(same)}: the same in all digits shown"


def _errors(m: Matrix) -> Iterator[str]:
    exact = [name for name, errors in m.errors.items() if not np.any(errors)]
    panels = [
        _panel(f"{name}, error in roundings", m, errors, ".2g")
        for name, errors in m.errors.items()
        if name not in exact
    ]
    yield from _flow(panels)
    yield from (f"    {name}: every entry is exact" for name in exact)


def _panel(title: str, m: Matrix, values: np.ndarray, digits: str = ".6g") -> list[str]:
    """One titled matrix, with the names of its rows and columns."""
    cells = [["", *m.column.entries[:MOST]]]
    cells += [
        [name, *(f"{value + 0.0:{digits}}" for value in row)]  # + 0.0: no minus before a zero
        for name, row in zip(m.row.entries, values[:MOST, :MOST].tolist(), strict=False)
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(map(str.rjust, row, widths)) for row in cells]
    width = max(len(title), len(lines[0]))
    return [line.ljust(width) for line in (title, *lines)]


def _fit(panels: Sequence[list[str]]) -> bool:
    """Whether they fit beside one another on the terminal."""
    width = shutil.get_terminal_size((120, 24)).columns
    return sum(len(GAP) + len(panel[0]) for panel in panels) <= width


def _flow(panels: Sequence[list[str]]) -> Iterator[str]:
    """As many panels beside one another as fit."""
    row: list[list[str]] = []
    for panel in panels:
        if row and not _fit([*row, panel]):
            yield from _beside(row)
            row = []
        row.append(panel)
    yield from _beside(row)


def _beside(panels: Sequence[list[str]]) -> Iterator[str]:
    for lines in zip(*panels, strict=True):
        yield (GAP + GAP.join(lines)).rstrip()


def _worst(c: Comparison) -> Iterator[str]:
    yield "\nWhere each block is farthest from the truth"
    for m in (m for m in c.matrices if m.errors):
        if any(np.any(errors) for errors in m.errors.values()):
            yield from _entry(m, c.case.precision.name)
        else:
            yield f"    {m.label}: nowhere, every entry is exact"


def _entry(m: Matrix, dtype: str) -> Iterator[str]:
    """The worst entry of a block in full digits."""
    worst = np.max(list(m.errors.values()), axis=0)
    i, j = np.unravel_index(int(np.argmax(worst)), worst.shape)
    yield f"    {m.label}: row {m.row.entries[i]}, column {m.column.entries[j]}"
    yield f"        truth {_digits(m.truth[i, j])}"
    for name, said in m.said.items():
        value = np.dtype(dtype).type(said[i, j])
        yield f"        {name:5} {value!s:24} {m.errors[name][i, j]:.2g} roundings"


def _digits(truth: arb) -> str:
    return str(truth.mid().str(20, radius=False))


def _asked(c: Comparison) -> Iterator[str]:
    yield ""
    for name, way in c.ways.items():
        verdict = "right" if c.worst[name] <= c.twin.allowed else "WRONG"
        yield f"{name}: {verdict}, at most {c.worst[name]:.2g} roundings (asked by {way})"
    for name, reason in c.missing.items():
        yield "\n".join(wrap(f"{name} gave no answer: {reason}", 100))
