"""PyTorch: the layer as `torch.func` and as plain autograd both see it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from crosscheck.answer import Answer
from crosscheck.errors import UsageError, describe, explain
from crosscheck.question import labels, same_shapes
from crosscheck.sample import Case
from crosscheck.tree import flatten, leaves
from crosscheck.twin import Layer

At = Callable[
    ..., list[Tensor]
]  # the layer as a function of its differentiable inputs alone; a list of outputs
Tensors = list[Tensor]


def value(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return at(*x)


def value_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return at(*_tracked(x))  # a layer may compute otherwise where gradients are recorded


def value_through_vjp(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    def outputs(*x: Tensor) -> tuple[Tensors, Tensors]:
        y = at(*x)
        return [yi for yi in y if yi.is_floating_point()], y

    if not any(yi.is_floating_point() for yi in at(*x)):
        return at(*x)  # nothing to differentiate
    return torch.func.vjp(outputs, *x, has_aux=True)[2]  # type: ignore[misc]  # three with has_aux


def vjp(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.vjp(at, *x)[1](g)


def vjp_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = _tracked(x)
    return _gradients(at(*x), x, g)


def jvp_forward(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jvp(at, tuple(x), tuple(t))[1]


def jvp_transposed(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    pullback = torch.func.vjp(at, *x)[1]  # linear in g, so its own transpose is the JVP
    return torch.func.vjp(pullback, g)[1](tuple(t))[0]


def jacobian_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jacrev(at, argnums=_all(x))(*x)


def jacobian_forward(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jacfwd(at, argnums=_all(x))(*x)


def jacobian_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = _tracked(x)
    return [_rows(output, x) for output in at(*x)]


def hessian_reverse_over_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jacrev(torch.func.jacrev(_pairing(at, g), argnums=_all(x)), argnums=_all(x))(
        *x
    )


def hessian_forward_over_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jacfwd(torch.func.jacrev(_pairing(at, g), argnums=_all(x)), argnums=_all(x))(
        *x
    )


def hessian_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = _tracked(x)
    return [_rows(dx, x) for dx in _recorded_gradients(at(*x), x, g)]


def product_reverse_over_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.vjp(torch.func.grad(_pairing(at, g), argnums=_all(x)), *x)[1](tuple(t))


def product_forward_over_reverse(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    return torch.func.jvp(torch.func.grad(_pairing(at, g), argnums=_all(x)), tuple(x), tuple(t))[1]


def product_autograd(at: At, x: Tensors, g: Tensors, t: Tensors) -> Any:
    x = _tracked(x)
    return _gradients(_recorded_gradients(at(*x), x, g), x, t)


def _pairing(at: At, g: Tensors) -> Callable[..., Tensor]:
    """⟨g, y⟩ as a function of the differentiable inputs."""

    def paired(*x: Tensor) -> Tensor:
        y = at(*x)
        same_shapes([gi.shape for gi in g], [yi.shape for yi in y])
        return torch.stack([torch.sum(gi * yi) for gi, yi in zip(g, y, strict=True)]).sum()

    return paired


def _all(x: Tensors) -> tuple[int, ...]:
    return tuple(range(len(x)))


def _tracked(x: Tensors) -> Tensors:
    return [xi.clone().requires_grad_() for xi in x]


def _gradients(outputs: Tensors, x: Tensors, g: Tensors, create_graph: bool = False) -> Tensors:
    """Gradients of ⟨g, outputs⟩; zero where autograd knows of no dependence."""
    pairs = [(y, gi) for y, gi in zip(outputs, g, strict=True) if y.requires_grad]
    if not pairs:
        return [torch.zeros_like(xi) for xi in x]
    ys, gs = zip(*pairs, strict=True)
    keep = {"create_graph": create_graph, "retain_graph": True, "materialize_grads": True}
    return list(torch.autograd.grad(ys, x, gs, **keep))


def _recorded_gradients(outputs: Tensors, x: Tensors, g: Tensors) -> Tensors:
    """Gradients to be differentiated again.

    Through a once_differentiable backward `autograd.grad` would give 0; `backward` raises.
    """
    first = _gradients(outputs, x, _tracked(g), create_graph=True)
    recorded = [dx for dx in first if dx.requires_grad]
    if recorded:
        torch.autograd.backward(recorded, [torch.ones_like(dx) for dx in recorded], True)
    return first


def _rows(output: Tensor, x: Tensors) -> Tensors:
    """The Jacobian of one output, a row an entry."""
    if not output.numel():
        return [output.new_zeros(output.shape + xi.shape) for xi in x]
    one_hot = torch.eye(output.numel(), dtype=output.dtype, device=output.device)
    rows = [_gradients([output], x, [row.reshape(output.shape)]) for row in one_hot]
    stacked = [torch.stack(column) for column in zip(*rows, strict=True)]
    return [s.reshape(output.shape + xi.shape) for s, xi in zip(stacked, x, strict=True)]


WAYS: dict[str, dict[str, Callable[[At, Tensors, Tensors, Tensors], Any]]] = {
    "value": {"eager": value, "autograd": value_autograd, "through-vjp": value_through_vjp},
    "vjp": {"functional": vjp, "autograd": vjp_autograd},
    "jvp": {"forward": jvp_forward, "transposed": jvp_transposed},
    "jacobian": {
        "reverse": jacobian_reverse,
        "forward": jacobian_forward,
        "autograd": jacobian_autograd,
    },
    "hessian": {
        "reverse-over-reverse": hessian_reverse_over_reverse,
        "forward-over-reverse": hessian_forward_over_reverse,
        "autograd": hessian_autograd,
    },
    "product": {
        "reverse-over-reverse": product_reverse_over_reverse,
        "forward-over-reverse": product_forward_over_reverse,
        "autograd": product_autograd,
    },
}

OWN_WARNING = r".*torch\.jit\.script"  # torch's forward mode still uses it
MUST = {("value", "eager"), *((q, "autograd") for q in ("value", "vjp", "jacobian"))}  # all can
UNSUPPORTED = {
    "must override the setup_context staticmethod": "torch.func on an old-style Function",
    "generate_vmap_rule": "vmap through an autograd.Function without a vmap rule",
    "forward mode AD": "forward mode through an autograd.Function without jvp",
    "forward AD": "forward mode through an operation that does not support it",
    "once_differentiable": "second order through a once_differentiable backward",
    "Batching rule not implemented": "vmap through an operation without a batching rule",
    "doesn't have storage": "torch.func on a function that goes through NumPy",
    "vmap: It looks like": "vmap through Python control flow on values",
}


class TorchBackend:
    """See `crosscheck.backends.Backend`."""

    name = "torch"
    variants: Mapping[str, tuple[str, ...]] = {
        question: tuple(ways) for question, ways in WAYS.items()
    }

    def __init__(self, device: str) -> None:
        if device == "gpu" and not torch.cuda.is_available():
            raise UsageError("no GPU that torch can use; run with --device cpu")
        self.device = device
        self._device = torch.device("cuda" if device == "gpu" else "cpu")

    def ask(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> Answer:
        answer = partial(Answer, self.name, question, variant, self.device)
        with _full_precision(), warnings.catch_warnings():
            warnings.filterwarnings("ignore", OWN_WARNING, DeprecationWarning)
            try:
                return answer(blocks=self._blocks(layer, case, question, variant, cotangents))
            except (Exception, SystemExit) as error:
                reason = "" if (question, variant) in MUST else explain(error, UNSUPPORTED)
                return answer(unsupported=reason, failed="" if reason else describe(error))

    def _blocks(
        self, layer: Layer, case: Case, question: str, variant: str, cotangents: list[np.ndarray]
    ) -> dict[str, np.ndarray]:
        arguments = [self._tensor(a) for a in case.inputs.values()]
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

        g, t = ([self._tensor(a) for a in group] for group in (cotangents, case.tangents()))
        said = WAYS[question][variant](at, [arguments[k] for k in places], g, t)
        blocks = [leaf.numpy(force=True) for leaf in leaves(said)]  # zeros may have no storage
        return dict(zip(labels(question, paths, case.differentiable), blocks, strict=True))

    def _tensor(self, array: np.ndarray) -> Tensor:
        return torch.tensor(array, device=self._device)  # a copy: a layer may write into it

    def environment(self) -> dict[str, Any]:
        name = torch.cuda.get_device_name() if self.device == "gpu" else "cpu"
        return {"version": torch.__version__, "device": name, "fp32_precision": "ieee"}


@contextmanager
def _full_precision() -> Iterator[None]:
    """No TF32 or bfloat16 inside float32 operations, as long as a question is asked."""
    switches: list[Any] = [
        torch.backends,
        torch.backends.mkldnn,
        torch.backends.cuda.matmul,
        torch.backends.cudnn,
        torch.backends.cudnn.conv,  # type: ignore[attr-defined]  # made at run time
    ]
    before = [switch.fp32_precision for switch in switches]
    for switch in switches:
        switch.fp32_precision = "ieee"
    try:
        yield
    finally:
        for switch, setting in zip(switches, before, strict=True):
            switch.fp32_precision = setting


def connect(device: str) -> TorchBackend:
    """The PyTorch backend on "cpu" or "gpu"."""
    return TorchBackend(device)
