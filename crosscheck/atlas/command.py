"""`crosscheck atlas`: one page about all activations, ours and those that are built in.

Exit 0: ours are within 4, 4 and 6 roundings for value, first and second derivative, with no other
fault; 1: not so; 2: a usage error; 130: interrupted.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from crosscheck.arguments import at_least_one
from crosscheck.atlas.earlier import Earlier, earlier
from crosscheck.atlas.html import check_drawable, html
from crosscheck.atlas.markdown import check_has_room, markdown, put
from crosscheck.atlas.measure import Asked, measured
from crosscheck.atlas.page import Atlas, Entry, activations
from crosscheck.backends import NAMES, load
from crosscheck.catalog import function, layer
from crosscheck.doctor import examine
from crosscheck.errors import MissingFramework, UsageError, WorkerDied, choose
from crosscheck.processes import everywhere
from crosscheck.progress import progress
from crosscheck.report.files import check_writable, write_whole
from crosscheck.sweep.values import BLOCK

OK, OVER, USAGE, INTERRUPTED = 0, 1, 2, 130
SAMPLE = 2**23


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, draw, write."""
    given = sys.argv[1:] if argv is None else list(argv)
    asked = parser().parse_args(given)
    start = perf_counter()
    try:
        todo, known = _checked(asked)
        entries = _with_earlier(_measured(todo, asked.jobs), known)
        atlas = _atlas(entries, ["crosscheck atlas", *given], perf_counter() - start)
        _write(atlas, asked)
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck: {error}", file=sys.stderr)
        return USAGE
    except (KeyboardInterrupt, WorkerDied) as error:
        print(f"crosscheck: {error or 'interrupted'}; nothing was written", file=sys.stderr)
        return INTERRUPTED
    for sentence in atlas.raised:
        print(f"crosscheck: {sentence}", file=sys.stderr)
    return OK if atlas.ok else OVER


def parser() -> argparse.ArgumentParser:
    """All options."""
    top = argparse.ArgumentParser(
        prog="crosscheck atlas",
        description="One page about all activations, ours and those that are built in.",
    )
    top.add_argument("layers", nargs="*", metavar="LAYER", help="default: all activations")
    top.add_argument("--html", type=Path, metavar="FILE", help="the page, plots and all")
    top.add_argument("--markdown", type=Path, metavar="FILE", help=(
        "the summary; of a file with its marks, only what is between them is written"))  # fmt: skip
    top.add_argument("--sample", type=int, default=SAMPLE, metavar="N", help=(
        f"numbers of float32 to try, in blocks of {BLOCK:,} (default: {SAMPLE:,}); of the others "
        "all are"))  # fmt: skip
    top.add_argument("--sweeps", type=Path, nargs="+", default=[], metavar="FILE", help=(
        "written by crosscheck sweep --json, of every number: in place of samples"))  # fmt: skip
    top.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="processes")
    return top


def _checked(asked: argparse.Namespace) -> tuple[list[Asked], Earlier]:
    """What to measure, and what is known; say before the work what cannot be done after it."""
    if not (asked.html or asked.markdown):
        raise UsageError("expected a file to write, got none; add --html FILE or --markdown FILE")
    at_least_one("-j", asked.jobs)
    at_least_one("--sample", asked.sample)
    check_writable(asked.html)
    if asked.html:
        check_drawable()
    if asked.html and asked.markdown and asked.html.resolve() == asked.markdown.resolve():
        raise UsageError(f"expected two files, got {asked.html} twice; name another")
    named = dict.fromkeys(asked.layers or activations())
    names = [choose("activation", name, activations()) for name in named]
    check_has_room(asked.markdown, {function(layer(name)) for name in names})
    for backend in NAMES:
        load(backend)
    todo = [Asked(n, k, asked.sample) for n in names for k in range(len(layer(n).settings))]
    return todo, earlier(asked.sweeps)


def _measured(todo: list[Asked], jobs: int) -> list[Entry]:
    """The entries, in the order of the question, whichever came first."""
    stream = progress("entries", everywhere(measured, todo, jobs), len(todo))
    done = {(entry.target, entry.setting): entry for entry in stream}
    return [done[one.target, one.setting] for one in todo]


def _with_earlier(entries: list[Entry], known: Earlier) -> list[Entry]:
    """The entries, and what earlier sweeps tried more of; which of them are stale on stderr."""
    if stale := known.stale(entries):
        print(f"crosscheck: left out of --sweeps, as the source or its framework is another now: "
              f"{', '.join(stale)}; sweep again", file=sys.stderr)  # fmt: skip
    return [known.added(entry) for entry in entries]


def _write(atlas: Atlas, asked: argparse.Namespace) -> None:
    """The files that are asked for, once both can be made."""
    page, table = html(atlas) if asked.html else "", markdown(atlas)
    if asked.markdown:
        put(table, asked.markdown)
    if asked.html:
        write_whole(asked.html, page)


def _atlas(entries: list[Entry], command: list[str], seconds: float) -> Atlas:
    versions = tuple(line for line in examine()[0] if "gpu:" not in line)  # all was asked of a CPU
    when = datetime.now(UTC).strftime("%d %B %Y")
    return Atlas(tuple(entries), " ".join(command), versions, seconds, when)
