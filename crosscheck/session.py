"""Session: a run from the command line; its progress is shown, and Ctrl-C ends it in order."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from crosscheck.backends import Backend
from crosscheck.errors import WorkerDied
from crosscheck.jobs import in_order, judged, sensible, up_to_failure
from crosscheck.options import Options
from crosscheck.progress import progress
from crosscheck.report import Report
from crosscheck.run import collect, connect, plan
from crosscheck.targets import Named
from crosscheck.task import Outcome


@dataclass(frozen=True)
class Session:
    """What came of a run. refused: sentences about twins that do not fit together."""

    report: Report
    refused: tuple[str, ...] = ()
    interrupted: bool = False


def carry_out(
    named: Sequence[Named],
    options: Options,
    asked_jobs: int | None = None,
    first_failure: bool = False,
) -> Session:
    """Examine all cases of the twins, here or in several processes."""
    tasks = plan(named, options)
    jobs = sensible(tasks, options, asked_jobs)
    backends: dict[str, Backend] = {}
    results: dict[int, Outcome] = {}
    with interruptible() as interrupted:
        backends = connect([twin for _, twin in named], options)
        with closing(judged(tasks, backends, options, jobs)) as stream:
            for place, outcome in progress("", stream, len(tasks), lambda r: str(tasks[r[0]])):
                results[place] = outcome
                if interrupted:  # libraries may swallow the exception
                    break
                if first_failure and (enough := up_to_failure(results)):
                    results = enough
                    break
    outcomes = in_order(tasks, results)
    report = collect(outcomes, backends, options, complete=not interrupted)
    refused = tuple(outcome.refused for outcome in outcomes if outcome.refused)
    return Session(report, refused, bool(interrupted))


@contextmanager
def interruptible() -> Iterator[list[bool]]:
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
