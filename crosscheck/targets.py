"""Targets: what the command line names, as Twins.

A layer of the catalog, a module or a file; `:name` picks one twin of several.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from crosscheck.catalog import catalog, layer
from crosscheck.errors import UsageError, choose, describe
from crosscheck.twin import Twin

Named = tuple[str, Twin]  # how the command line names a twin, and the twin


def resolve(targets: Iterable[str]) -> list[Named]:
    """The twins that the targets name, each once; the whole catalog if there are none."""
    named = dict(pair for target in targets or catalog() for pair in _resolve(target))
    by_name = {twin.name: target for target, twin in named.items()}
    for target, twin in named.items():
        if by_name[twin.name] != target:
            both = f"{target} and {by_name[twin.name]}"
            raise UsageError(f"expected twins of different names, got {both}; run one at a time")
    return list(named.items())


def _resolve(target: str) -> list[Named]:
    if target in catalog():
        return [(target, layer(target))]
    place, name = _split(target)
    if not _is_place(place):
        return [(target, layer(target))]  # raises, with the nearest names
    found = list(_twins(_load(place)))
    twins = {twin.name: twin for twin in found}
    if len(twins) < len({id(twin) for twin in found}):
        raise UsageError(f"expected the Twins in {place} to have different names; rename one")
    if not twins:
        raise UsageError(f"expected {place} to define a Twin at its top level, found none")
    chosen = [choose(f"twin in {place}", name, twins)] if name else list(twins)
    return [(f"{place}:{each}", twins[each]) for each in chosen]


def _split(target: str) -> tuple[str, str]:
    """A file or a module, and the twin that is picked; a colon may be that of a drive."""
    drive = re.match(r"[A-Za-z]:[\\/]", target)
    for colon in re.finditer(":", target):
        place = target[: colon.start()]
        if not (drive and len(place) == 1) and _is_place(place):
            return place, target[colon.end() :]
    return target, ""


def _is_place(name: str) -> bool:
    return name.endswith(".py") or _is_module(name)


def _is_module(name: str) -> bool:
    """Whether there is such a module; the packages that it is in are imported."""
    _look_in(Path.cwd())
    package, _, _ = name.rpartition(".")
    if package and not _is_module(package):
        return False
    if package:
        _load(package)  # what it raises is the user's
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False


def _load(place: str) -> ModuleType:
    try:
        return _load_file(Path(place)) if place.endswith(".py") else importlib.import_module(place)
    except UsageError:
        raise
    except (Exception, SystemExit) as error:
        raise UsageError(f"importing {place} raised {describe(error)}; mend it first") from error


def _load_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"expected a file at {path}, found none; check the path")
    _look_in(path.resolve().parent)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def _look_in(folder: Path) -> None:
    """Let modules beside the user's files be imported, as `python FILE` does."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _twins(module: ModuleType) -> Iterator[Twin]:
    for value in vars(module).values():
        candidates = value if isinstance(value, (list, tuple)) else [value]
        yield from (twin for twin in candidates if isinstance(twin, Twin))
