"""The latest errors of each layer, kept in the user's cache folder for `crosscheck show`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crosscheck.errors import UsageError
from crosscheck.report import Report
from crosscheck.report.files import write
from crosscheck.report.json import plain


def save(report: Report, layers: Iterable[str]) -> None:
    """Keep the worst errors. This is a cache: failing to write it is no error."""
    with suppress(OSError, UsageError):
        folder().mkdir(parents=True, exist_ok=True)
        for layer in layers:
            errors = load(layer).get("errors", {}) | _worst(report, layer)
            write({"when": _now(), "errors": errors}, _file(layer))


def load(layer: str) -> dict[str, Any]:
    """What was kept: {"when": …, "errors": {"vjp float32": {"jax": 1.7}}}; empty if nothing."""
    try:
        kept = json.loads(_file(layer).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def folder() -> Path:
    """Where it is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crosscheck"


def _file(layer: str) -> Path:
    return folder() / f"{layer}.json"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _worst(report: Report, layer: str) -> dict[str, dict[str, Any]]:
    worst: dict[str, dict[str, float]] = {}
    for verdict in (v for v in report.verdicts if v.layer == layer):
        row = worst.setdefault(f"{verdict.question} {verdict.dtype}", {})
        for backend, error in verdict.errors.items():
            row[backend] = max(error, row.get(backend, 0.0))
    return {name: plain(dict(sorted(row.items()))) for name, row in worst.items()}
