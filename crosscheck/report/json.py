"""A report as JSON, schema 1: small and strict.

Numbers that JSON cannot hold are strings. A file is written in one piece or not at all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from crosscheck.errors import UsageError
from crosscheck.report import Report

SCHEMA = 1


def as_dict(report: Report) -> dict[str, Any]:
    """The report's versioned form."""
    return {
        "schema": SCHEMA,
        "environment": plain(report.environment),
        "ok": report.ok,
        "complete": report.complete,
        "blind": report.blind,
        "seconds": {stage: round(spent, 3) for stage, spent in report.seconds.items()},
        "verdicts": [plain(asdict(verdict)) for verdict in report.verdicts],
        "unsupported": [plain(asdict(unsupported)) for unsupported in report.unsupported],
    }


def write(document: Mapping[str, Any], path: Path) -> None:
    """Write to a file, all of it or nothing; a device or a pipe is written to as it is."""
    text = json.dumps(document, indent=1, allow_nan=False) + "\n"
    path = path.resolve()
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
        return
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def check_writable(path: Path | None) -> None:
    """Raise a UsageError where a file cannot be: before the work, not after it."""
    if path is not None and path.is_dir():
        raise UsageError(f"expected a file, got the folder {path}; name a file in it")
    if path is not None and not path.resolve().parent.is_dir():
        raise UsageError(f"expected a file in an existing folder, got {path}; create the folder")


def plain(value: Any) -> Any:
    """The same data in JSON's own types; infinities, NaN and everything else as strings."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if value is None or isinstance(value, (str, bool, int)) else str(value)
