"""The command line: run, list, show, support, doctor, bench, audit, sweep, keeps, atlas.

Exit 0: all within budget; 1: a mismatch; 2: a usage error; 130: interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from crosscheck import doctor, latest, show, support
from crosscheck.arguments import listed
from crosscheck.catalog import catalog, layer
from crosscheck.errors import MissingFramework, UsageError
from crosscheck.options import DEVICES, Options
from crosscheck.precision import PRECISIONS
from crosscheck.question import QUESTIONS
from crosscheck.report import text
from crosscheck.report.files import check_writable, then_written
from crosscheck.report.json import SCHEMA, as_dict, plain
from crosscheck.session import Session, carry_out, interruptible
from crosscheck.shrink import scripts
from crosscheck.targets import resolve

OK, MISMATCH, USAGE, INTERRUPTED = 0, 1, 2, 130
HANDED_OVER = {  # to a command of its own, with all that follows: its module, and what help says
    "bench": ("crosscheck.bench.suite", "how long things take"),
    "audit": ("crosscheck.audit.command", "plant bugs in right layers, and count who notices"),
    "sweep": ("crosscheck.sweep.command", "try an elementwise layer at every number of a type"),
    "keeps": ("crosscheck.keeping.command", "bytes kept for backward passes, beside the promise"),
    "atlas": ("crosscheck.atlas.command", "one page about all activations, ours and built in"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point of the command `crosscheck`."""
    commands = parser()
    arguments, rest = commands.parse_known_args(argv)
    if rest and arguments.command is not hand_over:
        commands.error(f"unrecognized arguments: {' '.join(rest)}")
    arguments.rest = rest
    try:
        return int(arguments.command(arguments))
    except (UsageError, MissingFramework) as error:
        print(f"crosscheck: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("crosscheck: interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED


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
    run_.add_argument("--question", type=listed, default=QUESTIONS, help=",".join(QUESTIONS))
    run_.add_argument("--dtype", type=listed, default=tuple(PRECISIONS), help=",".join(PRECISIONS))
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

    support_ = commands.add_parser("support", help="what each layer can be asked, tried out")
    support_.set_defaults(command=show_support)
    support_.add_argument("targets", nargs="*", metavar="LAYER | module | file.py")
    support_.add_argument("--json", type=Path, metavar="FILE")
    support_.add_argument("-j", "--jobs", type=int, metavar="N")

    for name, (_, says) in HANDED_OVER.items():
        handed = commands.add_parser(name, help=says, add_help=False)
        handed.set_defaults(command=hand_over, name=name)

    doctor_ = commands.add_parser("doctor", help="versions, devices, precision, what is missing")
    doctor_.set_defaults(command=consult)
    return top


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
    session = carry_out(named, options, arguments.jobs, arguments.first_failure)
    if options.case is None and options.variant is None:  # of one alone, the worst is not known
        latest.save(session.report, [target for target, _ in named if target in catalog()])
    with then_written(arguments.json, lambda: as_dict(session.report)):
        text.show(session.report, text.console())
        _say_refused(session)
    with interruptible():
        most = 0 if session.interrupted else arguments.shrink
        for script in scripts(session.report, named, options, most):
            print(script)
    return _status(session)


def _say_refused(session: Session) -> None:
    for sentence in session.refused:
        print(f"crosscheck: {sentence}", file=sys.stderr)


def _status(session: Session) -> int:
    if session.interrupted or session.refused:
        return INTERRUPTED if session.interrupted else USAGE
    return OK if session.report.ok else MISMATCH


def list_layers(arguments: argparse.Namespace) -> int:
    """`crosscheck list`."""
    check_writable(arguments.json)
    entries = [show.describe(twin) for twin in catalog().values()]
    table = Table("layer", "family", "inputs", "settings", "kinks", pad_edge=False)
    for entry in entries:
        settings = "; ".join(map(show.pairs, entry["settings"]))
        kinks = ", ".join(f"{name} = {at}" for name, k in entry["kinks"].items() for at in k)
        inputs = ", ".join(f"{name}: {kind}" for name, kind in entry["inputs"].items())
        table.add_row(entry["name"], entry["family"], inputs, settings, kinks or "–")
    with then_written(arguments.json, lambda: {"schema": SCHEMA, "layers": plain(entries)}):
        text.console().print(table)
    return OK


def show_layer(arguments: argparse.Namespace) -> int:
    """`crosscheck show LAYER`."""
    print(show.page(layer(arguments.layer)))
    return OK


def show_support(arguments: argparse.Namespace) -> int:
    """`crosscheck support`."""
    check_writable(arguments.json)
    options = Options(case=support.CASE, deep=True)
    named = resolve(arguments.targets)
    session = carry_out(named, options, arguments.jobs)
    supports = support.support(session.report, [twin for _, twin in named])
    layers = plain(support.as_dict(supports))
    with then_written(arguments.json, lambda: {"schema": SCHEMA, "layers": layers}):
        text.console().print(support.table(supports))
        _say_refused(session)
    return _status(session) or (OK if support.is_true(supports) else MISMATCH)


def consult(_: argparse.Namespace) -> int:
    """`crosscheck doctor`."""
    here, missing = doctor.examine()
    print("\n".join(here))
    print("\n".join(["", "missing:", *missing] if missing else ["", "nothing is missing"]))
    return MISMATCH if missing else OK


def hand_over(arguments: argparse.Namespace) -> int:
    """`crosscheck audit` and its like, the same as `python -m crosscheck.audit`."""
    module, _ = HANDED_OVER[arguments.name]
    found: int = importlib.import_module(module).main(arguments.rest)
    return found
