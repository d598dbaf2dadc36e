"""What a framework cannot be asked of a layer is listed; the rest is judged."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

from crosscheck import check, real
from crosscheck.backends import torch_arrays

quick = partial(check, dtypes=["float64"], case="ordinary-0")


class OldStyle(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        return g * 3 * ctx.saved_tensors[0] ** 2


class OldStyleWrong(OldStyle):
    @staticmethod
    def backward(ctx, g):
        return g * 2.9 * ctx.saved_tensors[0] ** 2


class OnceDifferentiable(OldStyle):
    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx, g):
        return g * 3 * ctx.saved_tensors[0] ** 2


def untraceable(x):
    return x**3 if float(x.sum()) < 1e9 else x


def through_numpy(x):
    return jnp.asarray(np.asarray(x) ** 3)


def on_the_host(x):
    return jax.pure_callback(lambda x: x**3, jax.ShapeDtypeStruct(x.shape, x.dtype), x)


class NumpyInside(OldStyle):
    @staticmethod
    def forward(x):
        return torch.from_numpy(x.detach().numpy() ** 3)

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.save_for_backward(*inputs)


def stopping_in_numpy(x):
    """Right in value only: what goes through NumPy has no derivative in torch."""
    return torch.from_numpy(x.detach().numpy() ** 3)


CUBE = {"definition": lambda x: x**3, "inputs": {"x": real("n")}}
PARTIAL = {  # layer, what is judged, a word of the reason for the rest
    "old-style Function": ("torch", OldStyle.apply, {"value", "vjp", "jacobian", "hessian"}, "old"),
    "once_differentiable": (
        "torch", OnceDifferentiable.apply, {"value", "vjp", "jacobian"}, "once_differentiable"),
    "Python branch on a value": ("jax", untraceable, {"value"}, "trace"),
    "a callback": ("jax", on_the_host, {"value"}, "callback without a derivative rule"),
    "NumPy inside": ("jax", through_numpy, {"value"}, "trace"),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTIAL)
def test_what_cannot_be_asked_is_listed_and_the_rest_judged(name):
    side, layer, judged, reason = PARTIAL[name]
    report = quick(**{side: layer}, **CUBE)
    assert report.ok, str(report)
    assert {v.question for v in report.verdicts} == judged
    assert any(reason in u.reason and u.backend == side for u in report.unsupported)
    assert reason in str(report)


def test_old_style_and_wrong_is_caught():
    report = quick(torch=OldStyleWrong.apply, **CUBE)
    assert {v.question for v in report.failures} == {"vjp", "jacobian", "hessian"}
    assert {v.culprit for v in report.failures} == {"torch"}


def test_numpy_inside_is_not_asked_of_torch_func():
    report = quick(torch=stopping_in_numpy, **CUBE)
    assert {v.variant for v in report.failures} == {"autograd"}  # where it answers 0
    assert any("NumPy" in u.reason for u in report.unsupported)
    assert quick(torch=NumpyInside.apply, **CUBE).ok


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_a_part_of_a_tensor_without_storage_has_numbers(dtype):
    """As zero Hessians of torch.func; torch itself crashes the process on it."""
    whole = torch._efficientzerotensor((4, 3), dtype=getattr(torch, dtype))
    assert torch_arrays.array(whole[2:]).tolist() == [[0, 0, 0], [0, 0, 0]]


def test_second_derivatives_that_torch_leaves_out_are_zeros():
    """The Hessian of |x| is a tensor without storage, which is no fault of the layer's."""
    report = check(
        torch=torch.abs, definition=np.abs, inputs={"x": np.array(2.0)}, questions=["hessian"]
    )
    assert report.ok, str(report)


@pytest.mark.parametrize("question", ["value", "vjp"])
def test_not_implemented_is_a_failure_and_nothing_judged_is_no_success(question):
    def layer(x):
        raise NotImplementedError("forward mode AD is not implemented")

    report = quick(torch=layer, **CUBE, questions=[question])
    assert not report.ok
    assert not quick(torch=layer, **CUBE, questions=["jvp"]).ok
