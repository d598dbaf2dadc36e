"""Work that is spread over processes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import TypeVar

from crosscheck.errors import WorkerDied

T = TypeVar("T")
R = TypeVar("R")


def everywhere(work: Callable[[T], R], items: Sequence[T], jobs: int) -> Generator[R, None, None]:
    """The results of some work as they come, in this process or in several, started fresh.

    Raises:
        WorkerDied: a process ended before its work.
    """
    if jobs == 1:
        yield from map(work, items)
        return
    from joblib import Parallel, delayed
    from joblib.externals.loky import BrokenProcessPool

    pool = Parallel(jobs, backend="loky", return_as="generator_unordered", pre_dispatch="all")
    try:
        yield from pool(delayed(work)(item) for item in items)
    except BrokenProcessPool as error:
        raise WorkerDied(error) from error
