"""False alarms: how often right layers are blamed, over fresh seeds.

The layers are all twins of the catalog and the frameworks' own, on ranges where those are well
behaved. Of each at each seed a few cases are drawn from all that `crosscheck run --deep` asks. They
come in another order at each seed, so that few verdicts are of layers from all over the catalog.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from zlib import crc32

import numpy as np

from crosscheck.audit.built_in import is_known
from crosscheck.backends import forget
from crosscheck.jobs import in_order, judged
from crosscheck.options import Options
from crosscheck.processes import everywhere
from crosscheck.run import connect, plan
from crosscheck.targets import resolve
from crosscheck.task import Outcome, Task
from crosscheck.verdict import Verdict

BUILT_IN = "crosscheck.audit.built_in"
CASES = 6  # of each layer at each seed


@dataclass(frozen=True)
class Alarms:
    """How many verdicts on right layers, and which of them failed.

    `failed` also says which layers could not be judged; `blind` verdicts could not have failed;
    `coarse`, those that are blind because the type is.
    """

    verdicts: int = 0
    built_in: int = 0  # of these, on the frameworks' own layers
    failed: tuple[str, ...] = ()
    blind: int = 0
    coarse: int = 0

    def __add__(self, other: Alarms) -> Alarms:
        return Alarms(
            self.verdicts + other.verdicts,
            self.built_in + other.built_in,
            self.failed + other.failed,
            self.blind + other.blind,
            self.coarse + other.coarse,
        )


def alarms(targets: Sequence[str], wanted: int, options: Options, jobs: int) -> Iterator[Alarms]:
    """What came so far, again and again, until there are as many verdicts as wanted.

    targets: whom to ask beside the built-in ones; the whole catalog if there are none.
    """
    if not wanted:
        return
    groups = [[name for name, _ in resolve(each)] for each in (targets, [BUILT_IN])]
    total = Alarms()
    for seed in count(options.seed + 1):
        fresh = replace(options, seed=seed, deep=True)
        for found in everywhere(partial(on_right, options=fresh), mixed(groups, seed), jobs):
            total += found
            yield total
            if total.verdicts >= wanted:
                return


def mixed(groups: Sequence[Sequence[str]], seed: int) -> list[str]:
    """All names, those of each group in an order of the seed and evenly among the others."""
    rng = np.random.default_rng(seed)
    placed = [(k / len(g), name) for g in groups for k, name in enumerate(rng.permutation(g))]
    return [str(name) for _, name in sorted(placed, key=lambda pair: pair[0])]


def on_right(target: str, options: Options) -> Alarms:
    """The verdicts on a few cases of a right layer."""
    forget()
    named = resolve([target])
    backends = connect([twin for _, twin in named], options)
    chosen = drawn(plan(named, options), target, options.seed)
    results = dict(judged(chosen, backends, options, jobs=1))
    return _counted(in_order(chosen, results), target)


def drawn(tasks: Sequence[Task], target: str, seed: int) -> list[Task]:
    """A few of a layer's tasks; not the same few of all layers that have as many."""
    rng = np.random.default_rng((seed, crc32(target.encode())))
    chosen = rng.choice(len(tasks), size=min(CASES, len(tasks)), replace=False)
    return [tasks[k] for k in chosen]


def _counted(outcomes: Sequence[Outcome], target: str) -> Alarms:
    """Built-in layers are right but for their known faults."""
    built_in = target.startswith(BUILT_IN)
    every = [v for outcome in outcomes for v in outcome.verdicts]
    verdicts = [v for v in every if not (built_in and is_known(v))]
    refused = [f"not judged: {outcome.refused}" for outcome in outcomes if outcome.refused]
    return Alarms(
        len(verdicts),
        len(verdicts) if built_in else 0,
        (*refused, *(_line(v) for v in verdicts if v.failed)),
        sum(v.blind and not v.too_coarse for v in verdicts),
        sum(v.too_coarse for v in verdicts),
    )


def _line(v: Verdict) -> str:
    worst = max(v.errors.values())
    return f"{v.layer}: {worst:.3g} roundings of {v.budget:g}, culprit {v.culprit}: {v.repro}"
