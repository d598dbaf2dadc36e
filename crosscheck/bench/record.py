"""What every benchmark keeps beside its figures: the command, the machine, the versions."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from typing import Any

from crosscheck.environment import versions
from crosscheck.report.json import plain

SCHEMA = 1
PACKAGES = ("crosscheck-layers", "numpy", "jax", "jaxlib", "torch")


def record(given: Sequence[str], here: dict[str, Any], **figures: Any) -> dict[str, Any]:
    """All that was measured, and where, in JSON's own types; times are in seconds."""
    document = {
        "schema": SCHEMA,
        "command": " ".join(["python -m crosscheck.bench", *given]),
        "machine": here,
        "versions": versions(PACKAGES),
        **figures,
    }
    exact = json.dumps(plain(document), allow_nan=False)
    return dict(json.loads(exact, parse_float=lambda digits: float(f"{float(digits):.4g}")))


def machine() -> dict[str, Any]:
    """Where it runs, and how busy that was before."""
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "platform": platform.platform(),
        "python": platform.python_version(),
    }
