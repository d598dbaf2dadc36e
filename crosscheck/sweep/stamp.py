"""A stamp: what a layer's answers depend on, as a few letters, so that nothing stale is shown.

The code of the layer and of the one that is the authority, with all that these import of their own
packages, and the versions of the frameworks. Of a built-in layer its framework's version stands for
its code. Comments and docstrings do not count.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from crosscheck.sweep.authority import framework
from crosscheck.sweep.subject import Subject
from crosscheck.twin import Layer

HAVE_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef)


def stamp(subject: Subject, backend: str) -> str:
    """Of one framework's answers about a subject."""
    authority = framework(subject.twin)
    files = sources(subject.twin.layer(authority))
    files |= frozenset() if subject.native else sources(subject.layer(backend))
    versions = (import_module(name).__version__ for name in (backend, authority))
    digest = sha256(" ".join([backend, str(subject.native), *versions]).encode())
    for path in sorted(files):
        digest.update(code(path).encode())
    return digest.hexdigest()[:16]


def sources(layer: Layer) -> frozenset[Path]:
    """The file that a layer is in, and what that imports of its package, and so on."""
    function = inspect.unwrap(layer)
    while isinstance(function, partial):
        function = function.func
    for holder in (function, type(function)):  # an object's file is that of its class
        with suppress(TypeError, OSError):
            return _with_imports(Path(inspect.getfile(holder)), holder.__module__.partition(".")[0])
    return frozenset()


@cache
def code(path: Path) -> str:
    """What a file says to the interpreter."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, HAVE_DOCSTRINGS) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


@cache
def _with_imports(first: Path, package: str) -> frozenset[Path]:
    found: set[Path] = set()
    todo = [first] if first.is_file() else []
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += [p for name in _imported(path) for p in _files(name, package)]
    return frozenset(found)


def _imported(path: Path) -> Iterator[str]:
    """Names of modules, and of what is taken from them, which may be modules too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(name: str, package: str) -> Iterator[Path]:
    """The file of a module below a package, if that is one."""
    top, _, below = name.partition(".")
    root = getattr(sys.modules.get(package), "__file__", None)
    if top == package and below and root:
        place = Path(root).parent.joinpath(*below.split("."))
        yield from (p for p in (place.with_suffix(".py"), place / "__init__.py") if p.is_file())
