"""Work that is spread over processes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import TypeVar

from crosscheck.jobs import finished

T = TypeVar("T")
R = TypeVar("R")


def everywhere(work: Callable[[T], R], items: Sequence[T], jobs: int) -> Generator[R, None, None]:
    """The results of some work as they come, in this process or in several, started fresh.

    Several share the cores among their threads.

    Raises:
        WorkerDied: a process ended before its work.
    """
    if jobs == 1:
        yield from map(work, items)
        return
    from joblib import cpu_count

    threads = {"OMP_NUM_THREADS": str(max(1, cpu_count() // jobs))}
    yield from finished((partial(work, item) for item in items), jobs, threads)
