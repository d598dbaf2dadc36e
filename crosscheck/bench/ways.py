"""The ways in which a framework is run, to be timed; and which of them are to be had here."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from crosscheck.backends import load
from crosscheck.bench.overhead import jax_call, torch_call
from crosscheck.bench.pairs import Call
from crosscheck.twin import Layer


@dataclass(frozen=True)
class Way:
    """How a framework is run; the goal is for the geometric mean of the ratios."""

    name: str
    backend: str
    goal: float
    call: Callable[[Layer, list[np.ndarray]], Call]


def _compiled(layer: Layer, arrays: list[np.ndarray]) -> Call:
    import torch

    torch.compiler.reset()  # it gives up on code that it has compiled for eight layers before
    return torch_call(torch.compile(layer, fullgraph=True), arrays)


WAYS = (
    Way("torch eager", "torch", 1.25, torch_call),
    Way("torch compiled", "torch", 1.0, _compiled),
    Way("jax jit", "jax", 1.0, jax_call),
)


def ways(backends: Sequence[str]) -> list[Way]:
    """How the layers are run here; what is left out is said."""
    for backend in backends:
        load(backend)
    why_not = _no_compiler() if "torch" in backends else ""
    if why_not:
        print(f"torch compiled is left out: {why_not}", file=sys.stderr)
    here = [way for way in WAYS if way.backend in backends]
    return [way for way in here if not (why_not and way.call is _compiled)]


def _no_compiler() -> str:
    """Why inductor cannot work; empty if it can."""
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        return "inductor finds no C++ compiler; install g++ or clang"
    return ""
