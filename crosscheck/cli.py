"""The command line: run, list, show, doctor, bench, audit.

Exit 0: all within budget; 1: a mismatch; 2: a usage error; 130: interrupted.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NoReturn

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from crosscheck import doctor, latest, show
from crosscheck.backends import Backend
from crosscheck.catalog import catalog, layer
from crosscheck.errors import MissingFramework, UsageError, WorkerDied
from crosscheck.jobs import Result, in_order, judged, sensible, up_to_failure
from crosscheck.options import DEVICES, Options
from crosscheck.precision import PRECISIONS
from crosscheck.question import QUESTIONS
from crosscheck.report import text
from crosscheck.report.json import SCHEMA, as_dict, check_writable, plain, write
from crosscheck.run import Outcome, Task, collect, connect, plan
from crosscheck.shrink import scripts
from crosscheck.targets import resolve

OK, MISMATCH, USAGE, INTERRUPTED = 0, 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the command `crosscheck`."""
    commands = parser()
    arguments, rest = commands.parse_known_args(argv)
    if rest and arguments.command not in (bench, audit):
        commands.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        return int(arguments.command(arguments))
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck: {error}", file=sys.stderr)
        return USAGE


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top = argparse.ArgumentParser(
        prog="crosscheck", description="Twin layers, proved against the truth."
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    run_ = commands.add_parser(
        "run", help="judge layers of the catalog, or the Twins of a module or file"
    )
    run_.set_defaults(command=run)
    run_.add_argument("targets", nargs="*", metavar="LAYER | module | file.py")
    run_.add_argument("--question", type=_list, default=QUESTIONS, help=",".join(QUESTIONS))
    run_.add_argument("--dtype", type=_list, default=tuple(PRECISIONS), help=",".join(PRECISIONS))
    run_.add_argument("--device", default="cpu", help=" or ".join(DEVICES))
    run_.add_argument("--seed", type=int, default=0, help="draws other cases")
    run_.add_argument("--case", metavar="ID", help="only this case")
    run_.add_argument("--variant", metavar="V", help="only this way of asking")
    run_.add_argument("--deep", action="store_true", help="all kinds of case, asked in all ways")
    run_.add_argument("--first-failure", action="store_true", help="stop at the first failure")
    run_.add_argument(
        "--shrink", type=int, choices=range(4), default=1, help="scripts of the worst failures"
    )
    run_.add_argument("--json", type=Path, metavar="FILE", help="write the report there as well")
    run_.add_argument("-j", "--jobs", type=int, metavar="N", help="processes (default: by work)")

    list_ = commands.add_parser("list", help="the catalog: name, family, inputs, settings, kinks")
    list_.set_defaults(command=list_layers)
    list_.add_argument("--json", type=Path, metavar="FILE")

    show_ = commands.add_parser("show", help="definition, derivation, conventions, latest errors")
    show_.set_defaults(command=show_layer)
    show_.add_argument("layer")

    bench_ = commands.add_parser("bench", help="how long things take", add_help=False)
    bench_.set_defaults(command=bench)

    audit_ = commands.add_parser(
        "audit", help="plant bugs in right layers, and count who notices", add_help=False
    )
    audit_.set_defaults(command=audit)

    doctor_ = commands.add_parser("doctor", help="versions, devices, precision, what is missing")
    doctor_.set_defaults(command=consult)
    return top


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def run(arguments: argparse.Namespace) -> int:
    """`crosscheck run`."""
    options = Options(
        arguments.question,
        arguments.dtype,
        arguments.device,
        arguments.seed,
        arguments.case,
        arguments.variant,
        arguments.deep,
    )
    check_writable(arguments.json)
    named = resolve(arguments.targets)
    tasks = plan(named, options)
    jobs = sensible(tasks, options, arguments.jobs)
    backends: dict[str, Backend] = {}
    results: dict[int, Outcome] = {}
    with _interruptible() as interrupted:
        backends = connect([twin for _, twin in named], options)
        with closing(judged(tasks, backends, options, jobs)) as stream:
            for place, outcome in _progress(tasks, stream):
                results[place] = outcome
                if interrupted:  # libraries may swallow the exception
                    break
                if arguments.first_failure and (enough := up_to_failure(results)):
                    results = enough
                    break
    outcomes = in_order(tasks, results)
    report = collect(outcomes, backends, options, complete=not interrupted)
    if arguments.json:
        write(as_dict(report), arguments.json)
    latest.save(report, [target for target, _ in named if target in catalog()])
    text.show(report, text.console())
    with _interruptible():
        for script in scripts(report, named, options, 0 if interrupted else arguments.shrink):
            print(script)
    refused = [outcome.refused for outcome in outcomes if outcome.refused]
    for sentence in refused:
        print(f"crosscheck: {sentence}", file=sys.stderr)
    if interrupted or refused:
        return INTERRUPTED if interrupted else USAGE
    return OK if report.ok else MISMATCH


def _progress(tasks: Sequence[Task], results: Iterable[Result]) -> Iterator[Result]:
    """The results, with a progress bar on a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        bar = progress.add_task("", total=len(tasks))
        for place, outcome in results:
            yield place, outcome
            case = tasks[place].case
            last = f"{tasks[place].twin.name} {case.id} {case.precision.name}"
            progress.update(bar, description=last, advance=1)


@contextmanager
def _interruptible() -> Iterator[list[bool]]:
    """Ctrl-C, SIGTERM and a dead worker end the block, not the program; the list says whether."""
    interrupted: list[bool] = []

    def stop(*_: Any) -> NoReturn:
        interrupted.append(True)
        raise KeyboardInterrupt

    before = {s: signal.signal(s, stop) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield interrupted
    except KeyboardInterrupt:
        pass
    except WorkerDied as error:
        interrupted.append(True)
        print(f"crosscheck: {error}", file=sys.stderr)
    finally:
        for s, handler in before.items():
            signal.signal(s, handler)


def list_layers(arguments: argparse.Namespace) -> int:
    """`crosscheck list`."""
    check_writable(arguments.json)
    entries = [show.describe(twin) for twin in catalog().values()]
    if arguments.json:
        write({"schema": SCHEMA, "layers": plain(entries)}, arguments.json)
    table = Table("layer", "family", "inputs", "settings", "kinks", pad_edge=False)
    for entry in entries:
        settings = "; ".join(map(show.pairs, entry["settings"]))
        kinks = ", ".join(f"{name} = {at}" for name, k in entry["kinks"].items() for at in k)
        inputs = ", ".join(f"{name}: {kind}" for name, kind in entry["inputs"].items())
        table.add_row(entry["name"], entry["family"], inputs, settings, kinks or "–")
    text.console().print(table)
    return OK


def show_layer(arguments: argparse.Namespace) -> int:
    """`crosscheck show LAYER`."""
    print(show.page(layer(arguments.layer)))
    return OK


def consult(_: argparse.Namespace) -> int:
    """`crosscheck doctor`."""
    here, missing = doctor.examine()
    print("\n".join(here))
    print("\n".join(["", "missing:", *missing] if missing else ["", "nothing is missing"]))
    return MISMATCH if missing else OK


def bench(arguments: argparse.Namespace) -> int:
    """`crosscheck bench`, the same as `python -m crosscheck.bench`."""
    from crosscheck.bench.suite import main as benchmark

    return benchmark(arguments.rest)


def audit(arguments: argparse.Namespace) -> int:
    """`crosscheck audit`, the same as `python -m crosscheck.audit`."""
    from crosscheck.audit.command import main as plant

    return plant(arguments.rest)
