"""The campaign: every mutant before every tool, in one process or in several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from crosscheck.audit.court import TOOLS, Court, Tried
from crosscheck.audit.mutant import mutants, subject
from crosscheck.backends import forget, one_thread
from crosscheck.options import Options
from crosscheck.targets import resolve


@dataclass(frozen=True)
class Batch:
    """Mutants of one layer on one side: what a process is given."""

    target: str
    side: str
    kinds: tuple[str, ...]
    tools: tuple[str, ...]
    options: Options


def batches(
    targets: Sequence[str], kinds: Sequence[str], tools: Sequence[str], options: Options
) -> list[Batch]:
    """All that is to be tried."""
    return [
        Batch(target, side, tuple(kinds), tuple(t for t in TOOLS[side] if t in tools), options)
        for target, twin in resolve(targets)
        for side in twin.backends
    ]


def tried(batch: Batch) -> list[Tried]:
    """Try one batch."""
    forget()
    court = _court(batch.target, batch.options)
    every = [m for m in mutants(court.subject, batch.kinds) if m.side == batch.side]
    with one_thread(), np.errstate(all="ignore"):
        return [court.tried(mutant, batch.tools) for mutant in every]


@lru_cache(maxsize=2)
def _court(target: str, options: Options) -> Court:
    ((_, twin),) = resolve([target])
    return Court(subject(twin, options.seed), options)
