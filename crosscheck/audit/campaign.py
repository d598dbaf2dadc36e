"""The campaign: every mutant before every tool, in one process or in several.

A layer is the targets that are its twins. Each kind of bug is planted in one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from crosscheck.audit.court import TOOLS, Court, Tried
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.mutant import drawn, mutants, subject
from crosscheck.backends import forget, one_thread
from crosscheck.options import Options
from crosscheck.targets import resolve


@dataclass(frozen=True)
class Batch:
    """Mutants of one twin at one setting, on one side: what a process is given."""

    target: str
    setting: int
    side: str
    kinds: tuple[str, ...]
    tools: tuple[str, ...]
    options: Options


def batches(
    layers: Sequence[Sequence[str]], kinds: Sequence[str], tools: Sequence[str], options: Options
) -> list[Batch]:
    """All that is to be tried: of each layer and kind one mutant on each side."""
    return [
        Batch(target, setting, side, planted, asked, options)
        for targets in layers
        for target, setting, side, planted in _shared_out(targets, kinds, options.seed)
        if planted and (asked := tuple(tool for tool in TOOLS[side] if tool in tools))
    ]


def _shared_out(
    targets: Sequence[str], kinds: Sequence[str], seed: int
) -> Iterator[tuple[str, int, str, tuple[str, ...]]]:
    """The kinds that fall to each twin of a layer, at each of its settings, on each side."""
    places = [(t, k, twin) for t, twin in resolve(targets) for k in range(len(twin.settings))]
    subjects = [subject(twin, seed, k) for _, k, twin in places]
    fallen = {kind: drawn(subjects, kind) for kind in kinds}
    for (target, setting, twin), each in zip(places, subjects, strict=True):
        mine = [kind for kind in kinds if fallen[kind] is each]
        for side in twin.backends:
            yield target, setting, side, tuple(k for k in mine if side in DEFECTS[k].sides)


def tried(batch: Batch) -> list[Tried]:
    """Try one batch."""
    forget()
    court = _court(batch.target, batch.setting, batch.options)
    every = [m for m in mutants(court.subject, batch.kinds) if m.side == batch.side]
    with one_thread(), np.errstate(all="ignore"):
        return [court.tried(mutant, batch.tools) for mutant in every]


@lru_cache(maxsize=2)
def _court(target: str, setting: int, options: Options) -> Court:
    ((_, twin),) = resolve([target])
    return Court(subject(twin, options.seed, setting), options)
