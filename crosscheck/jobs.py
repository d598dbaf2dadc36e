"""Jobs: the tasks of a run, one after the other in this process, or in chunks in several.

A chunk is what JAX compiles once: the cases of one twin, type and setting. Processes start fresh,
never forked; since twins hold functions that cannot be sent, each finds its twin and draws its
cases itself.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from functools import lru_cache, partial
from itertools import islice
from typing import TypeVar

from crosscheck.arguments import at_least_one
from crosscheck.backends import Backend, forget
from crosscheck.errors import MissingFramework, UsageError, WorkerDied, unforeseen
from crosscheck.options import Options
from crosscheck.run import attempt, connect, plan
from crosscheck.targets import resolve
from crosscheck.task import Outcome, Task

FEW = 60  # tasks that one process finishes before others have started and compiled
Result = tuple[int, Outcome]  # the place of a task in the plan, and what came of it
Results = Generator[Result, None, None]
Backends = Mapping[str, Backend]
R = TypeVar("R")


def sensible(tasks: Sequence[Task], options: Options, asked: int | None = None) -> int:
    """How many processes: as many as asked; else one a core, or one for few tasks or a GPU."""
    at_least_one("-j", asked)
    from joblib import cpu_count  # loaded only where something is run

    alone = len(tasks) <= FEW or options.device == "gpu"
    return min(asked or (1 if alone else cpu_count()), len(chunks(tasks)) or 1)


def chunks(tasks: Sequence[Task]) -> list[list[int]]:
    """Places of the tasks that belong together."""
    together: dict[tuple[str, str, str], list[int]] = {}
    for place, task in enumerate(tasks):
        key = task.twin.name, task.case.precision.name, repr(task.case.settings)
        together.setdefault(key, []).append(place)
    return list(together.values())


def judged(tasks: Sequence[Task], backends: Backends, options: Options, jobs: int) -> Results:
    """What came of each task, in the order in which they are finished.

    Raises:
        WorkerDied: a process ended before its work; all that others finished has come.
    """
    return _here(tasks, backends, options) if jobs == 1 else _elsewhere(tasks, options, jobs)


def _here(tasks: Sequence[Task], backends: Backends, options: Options) -> Results:
    for place, task in enumerate(tasks):
        yield place, _outcome(task, backends, options)


def _elsewhere(tasks: Sequence[Task], options: Options, jobs: int) -> Results:
    calls = (partial(_work, *_request(tasks, places), options) for places in chunks(tasks))
    for results in finished(calls, jobs):
        yield from results


def finished(
    calls: Iterator[Callable[[], R]], jobs: int, env: dict[str, str] | None = None
) -> Generator[R, None, None]:
    """What calls return, as they are finished, in processes started fresh.

    Raises:
        WorkerDied: a process ended before its work.
    """
    from joblib.externals.loky import BrokenProcessPool, ProcessPoolExecutor

    pool = ProcessPoolExecutor(jobs, initializer=_follow, initargs=(os.getpid(),), env=env)
    try:
        for future in _futures(pool, calls, 2 * jobs):
            yield future.result()
    except BrokenProcessPool as error:
        raise WorkerDied(error) from error
    finally:
        pool.shutdown(kill_workers=True)


def _futures(pool: Executor, calls: Iterator[Callable[[], R]], most: int) -> Iterator[Future[R]]:
    """Futures as they are done, those that failed last; no more than `most` of them under way.

    A pool that is killed with calls still in its queue complains in a thread of its own.
    """
    running: set[Future[R]] = set()
    while running := running | {pool.submit(c) for c in islice(calls, most - len(running))}:
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from sorted(done, key=lambda future: future.exception() is not None)


def _request(tasks: Sequence[Task], places: list[int]) -> tuple[str, str, dict[str, int]]:
    """A chunk in words: target, type, and the place of each case by its id."""
    first = tasks[places[0]]
    ids = {tasks[place].case.id: place for place in places}
    return first.target, first.case.precision.name, ids


def _follow(first: int) -> None:
    """Leave Ctrl-C, which reaches all processes of a terminal, to the first one; end with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(first,), daemon=True).start()


def _end_with(first: int) -> None:
    while os.getppid() == first:
        time.sleep(1.0)
    os._exit(1)  # else it waits for ever to hand over what it has


def _work(target: str, dtype: str, places: dict[str, int], options: Options) -> list[Result]:
    tasks, backends = _prepared(target, options)
    chosen = [t for t in tasks if t.case.precision.name == dtype and t.case.id in places]
    return [(places[task.case.id], _outcome(task, backends, options)) for task in chosen]


def _outcome(task: Task, backends: Backends, options: Options) -> Outcome:
    """What nobody foresaw is an outcome too: it must not take with it what is finished."""
    try:
        return attempt(task, backends, options)
    except (UsageError, MissingFramework):
        raise
    except Exception as error:
        return Outcome(refused=f"{task}: {unforeseen(error)}", unforeseen=True)


@lru_cache(maxsize=1)  # chunks of one twin come one after the other
def _prepared(target: str, options: Options) -> tuple[list[Task], Backends]:
    forget()
    named = resolve([target])
    return plan(named, options), connect([twin for _, twin in named], options)


def in_order(tasks: Sequence[Task], results: Mapping[int, Outcome]) -> list[Outcome]:
    """The outcomes as planned; none of a twin after the one that refused it."""
    kept: list[Outcome] = []
    refused: set[str] = set()
    for place in sorted(results):
        name = tasks[place].twin.name
        if name not in refused:
            kept.append(results[place])
        if results[place].refused and not results[place].unforeseen:
            refused.add(name)
    return kept


def up_to_failure(results: Mapping[int, Outcome]) -> dict[int, Outcome] | None:
    """The results up to the first failure; None as long as an earlier one may come."""
    first = min((place for place, outcome in results.items() if not outcome.ok), default=None)
    if first is None or any(place not in results for place in range(first)):
        return None
    before = {place: results[place] for place in range(first)}
    return before | {first: results[first].until_failure()}
