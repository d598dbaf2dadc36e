"""A report as JSON, schema 1: small and strict. Numbers that JSON cannot hold are strings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

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


def as_text(document: Mapping[str, Any]) -> str:
    """A document as it stands in a file."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


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
