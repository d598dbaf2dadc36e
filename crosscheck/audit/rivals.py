"""What the frameworks have to check gradients with. A tool notices a bug if it raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from crosscheck.audit.defect import Subject
from crosscheck.twin import Layer

Options = dict[str, Any]
Check = Callable[[Layer, Subject], None]  # raises where it notices something
STRICT: Options = {
    "check_batched_grad": True,
    "check_grad_dtypes": True,
    "check_undefined_grad": True,
}
STRICT_FIRST: Options = STRICT | {"check_forward_ad": True, "check_batched_forward_grad": True}
STRICT_SECOND: Options = STRICT | {"check_fwd_over_rev": True, "gen_non_contig_grad_outputs": True}


def _torch(name: str, layer: Layer, subject: Subject, **options: Any) -> None:
    """A check of torch.autograd, on the float64 inputs that it wants."""
    import torch

    from crosscheck.backends.torch import own_warnings_ignored

    torch.manual_seed(0)  # the fast mode draws its directions
    arrays = [torch.tensor(a) for a in subject.case.inputs.values()]
    reals = [arrays[k].requires_grad_() for k in subject.places]
    with own_warnings_ignored():
        getattr(torch.autograd, name)(_closed(layer, subject, arrays), reals, **options)


def _jax(layer: Layer, subject: Subject, dtype: str) -> None:
    """jax.test_util.check_grads of order 2, in both modes where the layer has both."""
    import jax
    from jax.test_util import check_grads

    with jax.enable_x64(dtype == "float64"), jax.default_matmul_precision("highest"):
        arrays = [jax.numpy.asarray(_in(dtype, a)) for a in subject.case.inputs.values()]
        f = _closed(layer, subject, arrays)
        reals = tuple(arrays[k] for k in subject.places)
        check_grads(f, reals, order=2, modes=_modes(f, reals))


def _in(dtype: str, array: np.ndarray) -> np.ndarray:
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _modes(f: Layer, reals: tuple[Any, ...]) -> tuple[str, ...]:
    """A custom_vjp has no forward mode, and says so."""
    import jax

    try:
        jax.jvp(f, reals, reals)
    except TypeError:
        return ("rev",)
    return ("fwd", "rev")


def _closed(layer: Layer, subject: Subject, arrays: list[Any]) -> Layer:
    """The layer as a function of its differentiable inputs alone."""

    def closed(*reals: Any) -> Any:
        given = dict(enumerate(arrays)) | dict(zip(subject.places, reals, strict=True))
        return layer(*given.values(), **subject.case.settings)

    return closed


RIVALS: Mapping[str, Mapping[str, Check]] = {
    "torch": {
        "gradcheck": partial(_torch, "gradcheck"),
        "gradcheck fast": partial(_torch, "gradcheck", fast_mode=True),
        "gradcheck strict": partial(_torch, "gradcheck", **STRICT_FIRST),
        "gradgradcheck": partial(_torch, "gradgradcheck"),
        "gradgradcheck fast": partial(_torch, "gradgradcheck", fast_mode=True),
        "gradgradcheck strict": partial(_torch, "gradgradcheck", **STRICT_SECOND),
    },
    "jax": {
        "check_grads": partial(_jax, dtype="float32"),
        "check_grads float64": partial(_jax, dtype="float64"),
    },
}
