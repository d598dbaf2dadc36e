"""The frameworks behind one small interface, each imported only when asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from crosscheck.answer import Answer
from crosscheck.case import Case
from crosscheck.errors import MissingFramework, choose
from crosscheck.twin import Layer

NAMES = ("jax", "torch")


class Backend(Protocol):
    """Asks one framework questions about a layer.

    `variants` maps each question to its ways of asking it, `deep` to those that cost more;
    'product' is the Hessian times the case's tangents.
    """

    name: str
    device: str
    variants: Mapping[str, tuple[str, ...]]
    deep: Mapping[str, tuple[str, ...]]

    def ask(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> Answer:
        """The answer, or why there is none; what a layer raises is part of the answer."""
        ...

    def environment(self) -> dict[str, Any]:
        """Version, device and precision settings, for the report."""
        ...


def load(name: str, device: str = "cpu") -> Backend:
    """The backend of that name, on a device."""
    choose("backend", name, NAMES)
    try:
        module = importlib.import_module(f"crosscheck.backends.{name}")
    except ImportError as error:
        raise MissingFramework(name, str(error)) from error
    backend: Backend = module.connect(device)
    return backend


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep torch, where it is loaded, to one thread."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def forget() -> None:
    """Let go of what JAX has compiled so far, which it keeps for the life of a process."""
    if "jax" in sys.modules:
        sys.modules["jax"].clear_caches()
