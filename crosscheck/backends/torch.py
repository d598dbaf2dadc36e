"""PyTorch, asked in the ways of `torch_ways` and `torch_transforms`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from crosscheck.answer import Answer, Fault
from crosscheck.backends import torch_arrays
from crosscheck.backends.torch_transforms import DEEP
from crosscheck.backends.torch_ways import WAYS
from crosscheck.case import Case
from crosscheck.errors import UsageError, describe, explain
from crosscheck.question import labels
from crosscheck.tree import flatten, leaves
from crosscheck.twin import Layer

OWN_WARNINGS = (  # of torch's own code: forward mode, and torch.compile of a Function
    r".*torch\.jit\.script",
    r".*should not be instantiated",
)
MUST = {("value", "eager"), *((q, "autograd") for q in ("value", "vjp", "jacobian"))}  # all can
FP32_PLACES = (  # torch's (backend, operation); the later ones have defaults of their own
    ("generic", "all"),
    ("mkldnn", "all"),
    ("cuda", "all"),
    ("cuda", "matmul"),
    ("cuda", "conv"),
)
UNSUPPORTED = {
    "must override the setup_context staticmethod": "torch.func on an old-style Function",
    "generate_vmap_rule": "vmap through an autograd.Function without a vmap rule",
    "forward mode AD": "forward mode through an autograd.Function without jvp",
    "forward AD": "forward mode through an operation that does not support it",
    "more than one element of the written-to tensor": "forward mode at an expanded tensor",
    "index 0 out of range for tensor of size [0]": "torch.func.jacfwd of no entries",
    "once_differentiable": "second order through a once_differentiable backward",
    "Batching rule not implemented": "vmap through an operation without a batching rule",
    "doesn't have storage": "torch.func on a function that goes through NumPy",
    "ZeroTensor to numpy": "reverse over forward through NumPy, which takes no symbolic zeros",
    "graph break": "torch.compile of code that it does not trace as one graph",
    "vmap: It looks like": "vmap through Python control flow on values",
}


class TorchBackend:
    """See `crosscheck.backends.Backend`."""

    name = "torch"
    variants: Mapping[str, tuple[str, ...]] = {q: tuple(ways) for q, ways in WAYS.items()}
    deep: Mapping[str, tuple[str, ...]] = {q: tuple(ways) for q, ways in DEEP.items()}

    def __init__(self, device: str) -> None:
        if device == "gpu" and not torch.cuda.is_available():
            raise UsageError("no GPU that torch can use; run with --device cpu")
        self.device = device
        self._device = torch.device("cuda" if device == "gpu" else "cpu")

    def ask(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> Answer:
        answer = partial(Answer, self.name, question, variant, self.device)
        with _full_precision(), own_warnings_ignored():
            try:
                return answer(blocks=self._blocks(layer, case, question, variant, cotangents))
            except (Exception, SystemExit) as error:
                reason = "" if (question, variant) in MUST else explain(error, UNSUPPORTED)
                return answer(unsupported=reason, failed="" if reason else describe(error))

    def _blocks(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> dict[str, np.ndarray]:
        given = {id(a): self._tensor(a, case) for a in case.inputs.values()}  # the same once
        arguments = [given[id(a)] for a in case.inputs.values()]
        places = [k for k, name in enumerate(case.inputs) if name in case.differentiable]
        paths: list[str] = []

        def at(*x: Tensor) -> list[Tensor]:
            given = dict(enumerate(arguments)) | dict(zip(places, x, strict=True))
            leaves = flatten(layer(*given.values(), **case.settings))
            outputs = {path: torch.as_tensor(leaf) for path, leaf in leaves}
            if question != "value":  # whole numbers have no derivatives
                outputs = {p: y for p, y in outputs.items() if y.is_floating_point()}
            paths[:] = outputs
            return list(outputs.values())

        g, t = ([self._tensor(a, case) for a in group] for group in (cotangents, case.tangents()))
        way = (WAYS[question] | DEEP.get(question, {}))[variant]
        said = way(at, [arguments[k] for k in places], g, t)
        _unharmed(arguments + g, [*case.inputs.values(), *cotangents])
        blocks = [torch_arrays.array(leaf) for leaf in leaves(said)]
        return dict(zip(labels(question, paths, case.differentiable), blocks, strict=True))

    def _tensor(self, array: np.ndarray, case: Case) -> Tensor:
        on_device = torch_arrays.tensor(array).to(self._device)
        return torch_arrays.laid_out(on_device, case.draw.layout)

    def environment(self) -> dict[str, Any]:
        name = torch.cuda.get_device_name() if self.device == "gpu" else "cpu"
        return {"version": torch.__version__, "device": name, "fp32_precision": "ieee"}


def _unharmed(tensors: Sequence[Tensor], arrays: Sequence[np.ndarray]) -> None:
    """Raise a Fault where a layer has written into an input or into a cotangent."""
    for tensor, array in zip(tensors, arrays, strict=True):
        if torch_arrays.array(tensor).tobytes() != array.tobytes():
            raise Fault("the layer writes into its inputs or its cotangent")


@contextmanager
def own_warnings_ignored() -> Iterator[None]:
    """Without the warnings that are for torch's own developers."""
    with warnings.catch_warnings():
        for message in OWN_WARNINGS:
            warnings.filterwarnings("ignore", message, DeprecationWarning)
        yield


@contextmanager
def _full_precision() -> Iterator[None]:
    """No TF32 or bfloat16 inside float32 operations, as long as a question is asked.

    Set below `torch.backends`, which refuses once `torch.testing._internal` has been imported.
    """
    before = [torch._C._get_fp32_precision_getter(*place) for place in FP32_PLACES]
    try:
        for place in FP32_PLACES:
            torch._C._set_fp32_precision_setter(*place, "ieee")
        yield
    finally:
        for place, setting in zip(FP32_PLACES, before, strict=True):
            torch._C._set_fp32_precision_setter(*place, setting)


def connect(device: str) -> TorchBackend:
    """The PyTorch backend on "cpu" or "gpu"."""
    return TorchBackend(device)
