"""Show: one layer as its catalog file has it, and the latest errors."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from crosscheck import latest
from crosscheck.catalog import family
from crosscheck.inputs import Kind
from crosscheck.report.text import number
from crosscheck.twin import Twin


def describe(twin: Twin) -> dict[str, Any]:
    """The catalog's entry as data."""
    return {
        "name": twin.name,
        "family": family(twin),
        "inputs": {name: _kind(kind) for name, kind in twin.inputs.items()},
        "settings": [dict(settings) for settings in twin.settings],
        "kinks": {
            name: {str(at): says for at, says in k.items()} for name, k in twin.kinks.items()
        },
        "limits": [_limits(twin, settings) for settings in twin.settings],
        "standard": twin.standard,
        "budget": twin.allowed,
        "budget_reason": twin.budget_reason,
        "keeps": None if twin.keeps is None else list(twin.keeps),
    }


def page(twin: Twin) -> str:
    """Everything there is to know about a layer, as text."""
    entry = describe(twin)
    lines = [f"{twin.name} ({entry['family']})", "", twin.docstring(), ""]
    lines += [inspect.getsource(twin.definition).rstrip(), ""] if twin.definition else []
    lines += [f"{title}: {text}" for title, text in _conventions(entry)]
    return "\n".join([*lines, "", *_latest(twin.name)])


def _conventions(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "inputs", ", ".join(f"{name}: {kind}" for name, kind in entry["inputs"].items())
    yield "settings tried", "; ".join(pairs(settings) for settings in entry["settings"])
    for name, places in entry["kinks"].items():
        for at, says in places.items():
            yield f"at {name} = {at}", says
    yield from _by_settings(entry)
    reason = f" ({entry['budget_reason']})" if entry["budget_reason"] else ""
    yield "judged by", f"the {entry['standard']} standard, {entry['budget']:g} roundings{reason}"


def _by_settings(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The limits; of which settings, where it depends on them."""
    said = [", ".join(f"{at} → {value}" for at, value in each.items()) for each in entry["limits"]]
    alike = len(set(said)) == 1
    for settings, limits in zip(entry["settings"], said, strict=True):
        if limits:
            yield ("limits" if alike else f"limits with {pairs(settings)}"), limits
        if alike:
            break


def _limits(twin: Twin, settings: Mapping[str, Any]) -> dict[str, float]:
    return {str(at): value for at, value in twin.limits_for(settings).items()}


def pairs(settings: Mapping[str, Any]) -> str:
    """Settings as one writes them."""
    return ", ".join(f"{name}={value!r}" for name, value in settings.items()) or "defaults"


def _latest(name: str) -> Iterator[str]:
    kept = latest.load(name)
    if not kept:
        yield f"latest errors: none yet; crosscheck run {name}"
        return
    yield f"latest errors, in roundings ({kept['when']}):"
    for asked, errors in kept["errors"].items():
        said = ", ".join(f"{backend} {number(float(error))}" for backend, error in errors.items())
        yield f"  {asked}: {said}"


def _kind(kind: Any) -> str:
    if not isinstance(kind, Kind):
        array = np.asarray(kind)
        return f"given {array.dtype} {array.shape}"
    bounds = [f"{name}={vars(kind)[name]}" for name in ("low", "high") if name in vars(kind)]
    given = [bound for bound in bounds if "inf" not in bound]
    return " ".join([type(kind).__name__.lower(), f"({kind.dims or 'a number'})", *given])
