"""Subject: what is swept. It is named, not held, so that each process can find it again."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from crosscheck.catalog import function
from crosscheck.errors import UsageError
from crosscheck.native import built_in
from crosscheck.precision import PRECISIONS, Precision
from crosscheck.targets import resolve
from crosscheck.twin import Layer, Twin


@cache
def found(target: str) -> Twin:
    """The twin of that name; a file is run once."""
    ((_, twin),) = resolve([target])
    return twin


@dataclass(frozen=True)
class Subject:
    """A twin under one of its settings, in one type; what is asked of it, and of whom."""

    target: str
    setting: int
    dtype: str
    orders: tuple[int, ...]
    backends: tuple[str, ...]
    native: bool = False

    @property
    def twin(self) -> Twin:
        return found(self.target)

    @property
    def settings(self) -> Mapping[str, Any]:
        return self.twin.settings[self.setting]

    @property
    def written_out(self) -> Mapping[str, Any]:
        """The settings with our defaults, which a built-in layer may not share."""
        parameters = inspect.signature(self.twin.function("value")).parameters.values()
        defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
        return defaults | dict(self.settings)

    @property
    def precision(self) -> Precision:
        return PRECISIONS[self.dtype]

    def layer(self, backend: str) -> Layer:
        """What is swept in one framework: the twin's layer, or the one that is built in."""
        if not self.native:
            return self.twin.layer(backend)
        return built_in(function(self.twin), backend)


def subjects(
    target: str,
    dtype: str,
    orders: tuple[int, ...],
    backends: tuple[str, ...],
    native: bool = False,
) -> list[Subject]:
    """The twin that the target names, under each of its settings.

    Raises:
        UsageError: it is not elementwise, or there are several.
    """
    named = resolve([target])
    if len(named) > 1:
        names = ", ".join(name for name, _ in named)
        raise UsageError(f"expected one layer, got {names}; name one of them")
    ((name, twin),) = named
    if not twin.is_elementwise:
        raise UsageError(
            f"expected an elementwise layer, with one input real(), got {name}; "
            "of other inputs not every one can be tried: crosscheck run draws some"
        )
    asked = tuple(b for b in backends if native or b in twin.backends)
    if not asked:
        raise UsageError(f"expected a framework that has {name}, got {', '.join(backends)}")
    return [Subject(name, k, dtype, orders, asked, native) for k in range(len(twin.settings))]
