"""Where a report comes from: versions, devices, precision settings and what was asked."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from crosscheck.backends import Backend
from crosscheck.options import Options

NOT_INSTALLED = "not installed"


def environment(backends: Mapping[str, Backend], options: Options) -> dict[str, Any]:
    """Versions, devices, precision settings and what was asked."""
    packages = versions(("crosscheck-layers", "numpy", "scipy", "python-flint"))
    machine = {"python": platform.python_version(), "platform": platform.platform()}
    asked = {
        "questions": options.questions,
        "dtypes": options.dtypes,
        "device": options.device,
        "seed": options.seed,
    }
    return (
        packages
        | machine
        | asked
        | {name: backend.environment() for name, backend in backends.items()}
    )


def versions(packages: Iterable[str]) -> dict[str, str]:
    """The version of each package, or that it is not installed."""
    return {package: _version(package) for package in packages}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return NOT_INSTALLED
