"""The part of a demo that each framework plays, imported only when it is performed."""

from __future__ import annotations

import importlib
from typing import Any

from crosscheck.errors import MissingFramework

NAMES = ("jax", "torch")


def side(framework: str, demo: str) -> Any:
    """The module `crosscheck.demos.in_<framework>.<demo>`.

    Raises:
        MissingFramework: the framework is not installed.
    """
    try:
        return importlib.import_module(f"crosscheck.demos.in_{framework}.{demo}")
    except ImportError as error:
        raise MissingFramework(framework, str(error)) from error


def sides(demo: str) -> dict[str, Any]:
    """The module of each framework."""
    return {framework: side(framework, demo) for framework in NAMES}
