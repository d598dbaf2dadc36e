"""How far the frameworks' own layers are from the truth in the sound standard's unit.

python -m crosscheck.bench calibration --draws 1000 -j 2

The sound standard allows 16 of its roundings. That figure holds as long as straightforward layers,
which are right, stay well below it in every draw: saturated attention, whose Hessians cancel most,
among them. Each draw is another seed; the table shows the spread of the errors. A draw whose
verdicts are blind, as many of saturated attention's are, is no evidence: whatever a layer answered
there, it would hardly have failed. Such draws are counted, and left out of the spread.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from math import isnan, nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from rich.table import Table

from crosscheck.arguments import at_least_one, listed
from crosscheck.audit import built_in
from crosscheck.inputs import real
from crosscheck.options import Options
from crosscheck.processes import everywhere
from crosscheck.report import text
from crosscheck.report.files import check_writable, then_written
from crosscheck.report.json import plain
from crosscheck.run import attempt, connect, plan
from crosscheck.twin import STANDARDS, Twin
from crosscheck.verdict import Verdict

SCHEMA = 1
SATURATED = 20.0  # the factor on the scores that leaves softmax with one entry near 1
BATCH = 50  # draws that one process makes before it reports, so that few shapes are compiled
NOTHING = "–"  # a figure of no draws


class Draw(NamedTuple):
    """The worst error of one draw; and of its verdicts that could have failed, if there are any."""

    error: float
    seen: float | None


Errors = dict[tuple[str, str, str], list[Draw]]  # twin, question, type → each draw


def _scores(q: Any, k: Any, scale: float) -> Any:
    return scale * (q @ k.T)


def _attention_jax(q: Any, k: Any, v: Any, scale: float) -> Any:
    import jax

    return jax.nn.softmax(_scores(q, k, scale), axis=-1) @ v


def _attention_torch(q: Any, k: Any, v: Any, scale: float) -> Any:
    import torch

    return torch.softmax(_scores(q, k, scale), dim=-1) @ v


def _attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, scale: float) -> np.ndarray:
    e = np.exp(_scores(q, k, scale))
    return e / np.sum(e, axis=-1, keepdims=True) @ v


def _layer_norm_jax(x: Any) -> Any:
    """As users write it; jax.nn.standardize has E x² - (E x)², which cancels: 38 roundings."""
    import jax.numpy as jnp

    centred = x - x.mean(-1, keepdims=True)
    return centred / jnp.sqrt((centred**2).mean(-1, keepdims=True) + 1e-2)


def _of_attention(name: str, scale: float) -> Twin:
    return Twin(
        name,
        jax=_attention_jax,
        torch=_attention_torch,
        definition=_attention,
        inputs={"q": real("2 2"), "k": real("3 2"), "v": real("3 2")},
        settings=[{"scale": scale}],
    )


twins = {
    twin.name: twin
    for twin in [
        *(t for t in built_in.twins if t.name in ("softmax", "logsumexp")),
        *(replace(t, jax=_layer_norm_jax) for t in built_in.twins if t.name == "layer_norm"),
        _of_attention("attention", 0.5),
        _of_attention("saturated attention", SATURATED),
    ]
}


def main(argv: Sequence[str]) -> int:
    """Draw, judge, print, keep. 0: all errors are within the budget; 1: not so."""
    top = argparse.ArgumentParser(prog="python -m crosscheck.bench calibration")
    top.add_argument("--draws", type=int, default=100, help="of each layer (default: 100)")
    top.add_argument("--dtype", type=listed, default=("float64", "float32"), help="d,…")
    top.add_argument("--json", type=Path, metavar="FILE")
    top.add_argument("-j", "--jobs", type=int, default=1, metavar="N", help="processes")
    asked = top.parse_args(argv)
    check_writable(asked.json)
    at_least_one("--draws", asked.draws)
    at_least_one("-j", asked.jobs)
    options = Options(dtypes=asked.dtype, case="ordinary-0")
    work = [(name, seeds) for seeds in batches(asked.draws) for name in twins]
    errors = merged(everywhere(partial(drawn, options=options), work, asked.jobs))
    rows = plain([dict(zip(COLUMNS, row, strict=True)) for row in summary(errors)])
    found = {"schema": SCHEMA, "draws": asked.draws, "errors": rows}
    with then_written(asked.json, lambda: found):
        text.console().print(table(errors))
    return int(any(over(each) for each in errors.values()))


def batches(draws: int) -> list[range]:
    """So many seeds, some at a time."""
    every = range(draws)
    return [every[first : first + BATCH] for first in every[::BATCH]]


def drawn(job: tuple[str, range], options: Options) -> Errors:
    """The worst error of each draw in a batch, by question and type."""
    name, seeds = job
    backends = connect([twins[name]], options)
    errors: Errors = {}
    for seed in seeds:
        fresh = Options(dtypes=options.dtypes, case=options.case, seed=seed)
        for task in plan([("", twins[name])], fresh):
            asked: dict[str, list[Verdict]] = {}
            for v in attempt(task, backends, fresh).verdicts:
                asked.setdefault(v.question, []).append(v)
            for question, verdicts in asked.items():
                key = name, question, task.case.precision.name
                errors.setdefault(key, []).append(worst(verdicts))
    return errors


def worst(verdicts: Sequence[Verdict]) -> Draw:
    """Of one question in one draw. A strict verdict stands where a sound one is blind."""
    evidence = [v for v in verdicts if v.standard == "sound" and not v.blind]
    every, seen = ([max(v.errors.values()) for v in some] for some in (verdicts, evidence))
    return Draw(max(every), max(seen, default=None))


def merged(batches: Iterable[Errors]) -> Errors:
    """All draws together."""
    errors: Errors = {}
    for batch in batches:
        for key, each in batch.items():
            errors.setdefault(key, []).extend(each)
    return dict(sorted(errors.items()))


SPREAD = {"median": 0.5, "99 %": 0.99, "99.9 %": 0.999, "largest": 1.0}
COLUMNS = ("layer", "question", "dtype", "draws", "blind", *SPREAD, "over 16")


def summary(errors: Errors) -> list[tuple[Any, ...]]:
    """A row for each layer, question and type; the spread is that of draws that are not blind."""
    rows = []
    for key, draws in errors.items():
        seen = [draw.seen for draw in draws if draw.seen is not None]
        spread = (float(np.quantile(seen, part)) if seen else nan for part in SPREAD.values())
        rows.append((*key, len(draws), len(draws) - len(seen), *spread, over(draws)))
    return rows


def over(draws: Iterable[Draw]) -> int:
    """How many are over the budget: a blind one may be too."""
    return sum(draw.error > STANDARDS["sound"] for draw in draws)


def table(errors: Errors) -> Table:
    """The spread of the errors, in roundings of the sound standard."""
    grid = Table(*COLUMNS, title="Errors of built-in layers, in roundings", pad_edge=False)
    for row in summary(errors):
        grid.add_row(*map(_cell, row))
    return grid


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return NOTHING if isnan(value) else text.number(value)
    return str(value)
