"""Progress: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

T = TypeVar("T")


def progress(
    what: str, items: Iterable[T], total: int | None, say: Callable[[T], str] | None = None
) -> Iterator[T]:
    """The items, with a progress bar on a terminal; `say` says which was last.

    total: how many there are, if that is known.
    """
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task(what, total=total)
        for item in items:
            yield item
            bars.update(bar, description=say(item) if say else what, advance=1)
