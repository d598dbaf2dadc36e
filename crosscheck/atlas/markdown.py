"""The summary in Markdown, between two marks; in a file that has them, only what is between."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from crosscheck.atlas.page import Atlas
from crosscheck.atlas.summary import Line, Worst, lines
from crosscheck.atlas.text import error
from crosscheck.errors import UsageError
from crosscheck.report.files import check_writable, write_whole

BEGIN, END = "<!-- crosscheck atlas -->", "<!-- end of crosscheck atlas -->"
COLUMNS = (
    "layer",
    "`jaxlayers`",
    "`torchlayers`",
    "`jax.nn`",
    "`torch.nn.functional`",
    "built in: false zeros, false NaNs",
    "bytes kept: ours",
    "built in",
)


def markdown(atlas: Atlas) -> str:
    """A row for each layer, between the marks."""
    head = [_row(COLUMNS), _row(["---"] * len(COLUMNS))]
    rows = [_row(_cells(line)) for line in lines(atlas)]
    return "\n".join([BEGIN, *head, *rows, END])


def put(table: str, path: Path) -> None:
    """Write the table to a new file, or between the marks of one that has them."""
    before, _, after = _parts(path)
    write_whole(path, before + table + after)


def check_has_room(path: Path | None, layers: Iterable[str]) -> None:
    """Refuse a file of which the table of these layers would replace more than its own rows.

    Raises:
        UsageError: the file has text, and no marks; or rows of other layers between them.
    """
    if path is not None:
        check_writable(path)
        _, table, _ = _parts(path)
        if lost := _layers(table) - set(layers):
            raise UsageError(
                f"expected to keep the rows of {', '.join(sorted(lost))} in {path}, got none of "
                "them to measure; name them too, or another file"
            )


def _layers(table: str) -> set[str]:
    """Those that a table has a row of."""
    rows = table.strip().splitlines()[2:]
    return {row.strip("| ").partition(" |")[0].partition(",")[0] for row in rows}


def _parts(path: Path) -> tuple[str, str, str]:
    """What is before the marks, between them and after them."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    before, _, rest = text.partition(BEGIN)
    table, end, after = rest.partition(END)
    if text and not end:
        raise UsageError(
            f"expected a new file, or one with the lines {BEGIN} and {END}, between which the "
            f"table goes, got {path} without them; add them or name another file"
        )
    return before, table, after if end else "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(line: Line) -> Iterator[str]:
    yield line.title
    yield from (_errors(worst) for worst in line.worst)
    yield line.false
    ours, built_in = line.kept[:2], line.kept[2:]
    yield from (" · ".join(dict.fromkeys(kept)) for kept in (ours, built_in))


def _errors(worst: tuple[Worst, ...]) -> str:
    """By order; over the budget in bold."""
    said = (error(w.error) if w.ok else f"**{error(w.error)}**" for w in worst)
    return " · ".join(said) or "–"
