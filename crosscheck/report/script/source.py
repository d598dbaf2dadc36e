"""Source: a function of ours as text that runs without us."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

OURS = "crosscheck"


class Source:
    """The text of functions and of what they call, each once."""

    def __init__(self) -> None:
        self.imports: dict[str, None] = {}
        self.definitions: dict[str, str] = {}

    def add(self, function: Callable[..., Any]) -> None:
        """Take a function up, and everything of ours that it names."""
        self.definitions[function.__name__] = ast.unparse(_tree(function))
        for name in _names(function.__code__):
            if name in function.__globals__ and name not in self.definitions:
                self._name(name, function.__globals__[name])

    def _name(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType):
            plain = f"import {value.__name__}"
            self.imports[plain if value.__name__ == name else f"{plain} as {name}"] = None
        elif isinstance(value, FunctionType) and value.__module__.startswith(OURS):
            self.add(value)
        elif hasattr(value, "__qualname__"):
            self.imports[f"from {value.__module__} import {value.__qualname__} as {name}"] = None
        else:
            self.definitions[name] = f"{name} = {value!r}"


def uses(function: Callable[..., Any]) -> set[str]:
    """The names that a function's body reads."""
    nodes = [node for line in _tree(function).body for node in ast.walk(line)]
    return {node.id for node in nodes if isinstance(node, ast.Name)}


def is_plain(function: Callable[..., Any]) -> bool:
    """Whether the text of a function says all: it has no closure and stands in a file."""
    return (
        isinstance(function, FunctionType)
        and not function.__closure__
        and "<" not in (function.__qualname__)
    )


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function, and those inside it, find outside of them."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _tree(function: Callable[..., Any]) -> ast.FunctionDef:
    [definition] = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(definition, ast.FunctionDef)
    for node in ast.walk(definition):
        if isinstance(node, ast.arg):
            node.annotation = None
        if isinstance(node, ast.FunctionDef):
            node.returns = None
    return definition
