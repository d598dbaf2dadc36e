"""One form of one subject in PyTorch: bytes kept, peak memory, and calls to be timed."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import torch
from torch import Tensor

from crosscheck.backends.torch_arrays import tensor
from crosscheck.bench.lean.passes import PASSES, Peaks
from crosscheck.bench.lean.subjects import Subject
from crosscheck.bench.pairs import Call
from crosscheck.errors import UsageError
from crosscheck.keeping import in_torch as keeping
from crosscheck.twin import Layer

GIVEN_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536"}  # else freed memory stays, and hides what is new


def kept(layer: Layer, arrays: list[np.ndarray]) -> int:
    """Bytes kept for the backward pass that are no input."""
    found = keeping.kept(layer, arrays)
    return found.outputs + found.rest


def calls(layer: Layer, arrays: list[np.ndarray]) -> dict[str, Call]:
    """The passes by name: forward; with backward; a Hessian-vector product."""
    x = [tensor(array) for array in arrays]
    moving = [a.requires_grad_() for a in x if a.is_floating_point()]

    def forward() -> Tensor:
        with torch.no_grad():
            return layer(*x)

    g, t = torch.randn_like(forward()), [torch.randn_like(a) for a in moving]

    def backward() -> Any:
        return torch.autograd.grad(layer(*x), moving, g)

    def product() -> Any:
        along = torch.autograd.grad((layer(*x) * g).sum(), moving, create_graph=True)
        paired = [(a * b).sum() for a, b in zip(along, t, strict=True) if a.requires_grad]
        total: Tensor = torch.stack(paired).sum()
        return torch.autograd.grad(total, moving, materialize_grads=True)

    return dict(zip(PASSES, (forward, backward, product), strict=True))


def peaks(subject: Subject, form: str, size: int) -> Peaks:
    """Bytes of each pass beside inputs, in a process of its own."""
    command = [sys.executable, "-m", "crosscheck.bench.lean.torch_peak", subject.name, form]
    done = subprocess.run(
        [*command, str(size)], capture_output=True, text=True, env=os.environ | GIVEN_BACK
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["killed, or out of memory?"])[-1]
        raise UsageError(
            f"expected a process to tell the peak of {subject.name} ({form}, {size}), it ended "
            f"with {done.returncode}: {last}; measure fewer sizes, on Linux"
        )
    said = [int(number) for number in done.stdout.split()]
    return dict(zip(PASSES, said, strict=False))
