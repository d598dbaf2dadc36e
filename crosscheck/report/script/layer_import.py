"""Where a script finds the layer."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from crosscheck.task import Task


def layer_import(task: Task, side: str) -> list[str]:
    """Lines that define `layer`; where none can, lines that ask for it."""
    reference = getattr(task.twin, side)
    if isinstance(reference, str):
        module, _, name = reference.partition(":")
        return [*_folder(module), f"from {module} import {name} as layer"]
    module, name = getattr(reference, "__module__", None) or "", getattr(reference, "__name__", "")
    if module != "__main__" and getattr(sys.modules.get(module), name or " ", None) is reference:
        return [*_folder(module), f"from {module} import {name} as layer"]
    if task.target:
        return _from_target(task.target, side)
    words = f"paste the {side} layer of the Twin {task.twin.name!r} here"
    return ["def layer(*arrays, **settings):", f"    raise NotImplementedError({words!r})", ""]


def _folder(module: str) -> list[str]:
    """Where a module is, if Python would not look there by itself."""
    file: Any = getattr(sys.modules.get(module), "__file__", None)
    if file is None:
        return []
    path = Path(file).resolve()
    depth = module.count(".") + (path.name == "__init__.py")
    return _look_in(path.parents[depth])


def _look_in(folder: Path) -> list[str]:
    known = Path(sys.prefix) in folder.parents or Path(sys.base_prefix) in folder.parents
    return [] if known else ["import sys", f"sys.path.insert(0, {str(folder)!r})"]


def _from_target(target: str, side: str) -> list[str]:
    """By way of the twin, for layers without a name of their own."""
    place, _, name = target.partition(":")
    if place.endswith(".py"):
        target, folder = f"{Path(place).resolve()}:{name}", []
    else:
        folder = _look_in(Path.cwd())
    return [
        *folder,
        "from crosscheck.targets import resolve",
        "",
        f"[(_, twin)] = resolve([{target!r}])",
        f"layer = twin.layer({side!r})",
    ]
