"""The catalog: every layer's Twin, discovered from the family folders beside this file."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from functools import cache
from typing import Any

from crosscheck.errors import choose
from crosscheck.twin import Twin

# All else is claimed of every layer here: a custom_vjp has no forward mode.
LACKS = {"jax": ("jvp forward", "jacobian forward", "hessian reverse-over-forward")}


@cache
def catalog() -> dict[str, Twin]:
    """Name → Twin, by family and name. No framework is imported."""
    found = pkgutil.walk_packages(__path__, f"{__name__}.")
    modules = sorted(module.name for module in found if not module.ispkg)
    twins = [twin for name in modules for twin in _twins(importlib.import_module(name))]
    return {twin.name: replace(twin, lacks=LACKS) for twin in twins}


def _twins(module: Any) -> list[Twin]:
    """A layer's file holds `twin`; or `twins`, where shapes or a spec make several of one layer."""
    return module.twins if hasattr(module, "twins") else [module.twin]


def layer(name: str) -> Twin:
    """The Twin of that name; otherwise an error with the nearest names."""
    return catalog()[choose("layer", name, catalog())]


def family(twin: Twin) -> str:
    """The folder that a catalog Twin comes from."""
    return module(twin).split(".")[-2]


def function(twin: Twin) -> str:
    """The layer that a catalog Twin is one of, by the name that both packages give it."""
    return module(twin).split(".")[-1]


def module(twin: Twin) -> str:
    """The catalog module that a Twin comes from."""
    definition: Any = twin.definition
    return str(definition.__module__)
