"""Doctor: versions, devices, precision settings, what is missing and how to install it."""

from __future__ import annotations

import platform
from collections.abc import Iterator

from crosscheck.backends import NAMES, load
from crosscheck.environment import NOT_INSTALLED, versions
from crosscheck.errors import MissingFramework, UsageError

BASE = ("crosscheck-layers", "numpy", "scipy", "python-flint", "rich")
OPTIONAL = {"matplotlib": "plot", "jinja2": "plot"}


def examine() -> tuple[list[str], list[str]]:
    """What is here, a line each; and what is missing, a line each, with its remedy."""
    here = [f"python {platform.python_version()} on {platform.platform()}"]
    missing = []
    for package, version in versions((*BASE, *OPTIONAL)).items():
        if version == NOT_INSTALLED:
            missing.append(f"{package}: {_remedy(OPTIONAL.get(package, ''))}")
        else:
            here.append(f"{package} {version}")
    for name in NAMES:
        try:
            here += _framework(name)
        except MissingFramework as error:
            missing.append(str(error))
    return here, missing


def _framework(name: str) -> Iterator[str]:
    settings = load(name).environment()
    yield f"{name} {settings.pop('version')} on {settings.pop('device')}"
    yield from (f"  {setting}: {value}" for setting, value in settings.items())
    try:
        yield f"  gpu: {load(name, 'gpu').environment()['device']}"
    except UsageError as error:
        yield f"  gpu: {error}"


def _remedy(extra: str) -> str:
    return f"pip install 'crosscheck-layers[{extra}]'" if extra else "pip install crosscheck-layers"
