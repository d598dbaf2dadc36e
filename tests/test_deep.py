"""What only the deeper kinds of case and the deeper variants can find: one planted bug for each."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from crosscheck import Twin, check, real
from crosscheck.answer import Fault
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.mutant import spoilt, subject
from crosscheck.backends.torch_transforms import same
from crosscheck.case import COTANGENTS
from crosscheck.catalog import catalog, layer
from crosscheck.kinds import KINDS, MOST_GIVEN, resizable
from crosscheck.precision import PRECISIONS
from crosscheck.sample import sample

BY_CASE = [  # layer, bug, side, the case that shows it
    ("sigmoid", "strided g", "torch", "strided-0"),
    ("sigmoid", "strided g", "torch", "transposed-0"),
    ("sigmoid", "expanded g", "torch", "expanded-0"),
    ("sigmoid", "huge g clamped", "jax", "huge-0"),
    ("sigmoid", "huge g clamped", "torch", "huge-0"),
    ("sigmoid", "tiny g flushed", "jax", "tiny-0"),
    ("sigmoid", "divides by g", "torch", "zero-0"),
    ("sigmoid", "divides by g", "jax", "one-hot-0"),
    ("sigmoid", "NaN at 0", "torch", "zeros-0"),
    ("sigmoid", "NaN at extremes", "jax", "edge-0"),
    ("mse", "zero where saturated", "torch", "saturated-0"),
    ("sigmoid", "tail of a block of 32", "torch", "prime-0"),
    ("sigmoid", "tail past 65536", "jax", "large-0"),
    ("linear", "tail past 65536", "torch", "large-0"),
    ("mse", "tail past 65536", "jax", "large-0"),  # where every row depends on all others
    ("mse", "NaN at extremes", "torch", "vast-0"),
    ("mse", "empty", "jax", "empty-0"),  # whose mean has no value, but gradients of no entries
]
BY_VARIANT = [
    ("sigmoid", "value under vmap", "jax", "value", "vmap"),
    ("sigmoid", "value under vmap", "torch", "value", "vmap-last-axis"),
    ("sigmoid", "gradient under vmap", "jax", "vjp", "vjp-of-vmap"),
    ("sigmoid", "gradient under vmap", "torch", "vjp", "vmap-of-vjp"),
    ("sigmoid", "gradient eagerly", "jax", "vjp", "eager"),
    ("sigmoid", "value under compile", "torch", "value", "compile"),
    ("sigmoid", "gradient under compile", "torch", "vjp", "compile"),
    ("sigmoid", "second backward", "torch", "vjp", "retained"),
    ("sigmoid", "two calls differ", "torch", "vjp", "twice"),
    ("sigmoid", "two calls differ", "jax", "vjp", "twice"),
    ("mse", "gradients for some", "torch", "vjp", "each-input"),
]


def wrong(name, kind, side):
    of = subject(layer(name))
    return replace(of.twin, **{side: spoilt(of, DEFECTS[kind], side)})


@pytest.mark.parametrize(("name", "kind", "side", "case"), BY_CASE)
def test_a_kind_of_case_shows_it(name, kind, side, case):
    asked = {"questions": ["vjp"], "dtypes": ["float64"], "deep": True}
    report = check(wrong(name, kind, side), case=case, **asked)
    assert {v.culprit for v in report.failures} == {side}, str(report)
    assert check(wrong(name, kind, side), case="ordinary-0", **asked | {"deep": False}).ok


@pytest.mark.parametrize(("name", "kind", "side", "question", "variant"), BY_VARIANT)
def test_a_variant_shows_it(name, kind, side, question, variant):
    asked = {"questions": [question], "dtypes": ["float64"], "case": "ordinary-0"}
    report = check(wrong(name, kind, side), variant=variant, deep=True, **asked)
    assert {v.culprit for v in report.failures} == {side}, str(report)
    assert check(wrong(name, kind, side), **asked).ok


@pytest.mark.parametrize("kind", ["writes into inputs", "writes into g", "an axis too many"])
def test_what_torch_would_hide_is_a_fault(kind):
    report = check(wrong("sigmoid", kind, "torch"), questions=["vjp"], dtypes=["float64"])
    assert report.failures
    assert {v.culprit for v in report.failures} == {"torch"}
    assert any("Fault" in v.messages.get("torch", "") for v in report.failures)


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_a_bug_in_one_16_bit_type_is_seen_there(name):
    report = check(wrong("sigmoid", f"zero in {name}", "jax"), questions=["vjp"])
    assert {v.dtype for v in report.failures} == {name}
    assert {v.culprit for v in report.failures} == {"jax"}


def test_an_output_that_is_not_used_gets_no_cotangent():
    import torch

    class Both(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.set_materialize_grads(False)
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, g, h):
            return 2 * g if h is None else 2 * g + 3 * h + 1e-3  # wrong only where both come

    twin = Twin(
        "both", torch=Both.apply, definition=lambda x: (2 * x, 3 * x), inputs={"x": real("n")}
    )
    asked = {"questions": ["vjp"], "dtypes": ["float64"], "deep": True, "variant": "autograd"}
    assert check(twin, case="unused-0", **asked).ok
    assert not check(twin, case="ordinary-0", **asked).ok


def test_every_kind_of_case_is_drawn_for_some_layer():
    drawn = {
        case.kind
        for twin in catalog().values()
        for case in sample(twin, PRECISIONS["float32"], deep=True)
    }
    assert drawn == {kind.name for kind in KINDS}
    assert {kind.cotangents for kind in KINDS} == set(COTANGENTS)


def test_the_same_array_is_passed_twice():
    cases = {case.id: case for case in sample(layer("mse"), PRECISIONS["float64"], deep=True)}
    x, y = cases["same-0"].inputs.values()
    assert x is y


def test_what_is_passed_twice_is_within_the_bounds_of_both():
    inputs = {"x": real("3"), "y": real("3", low=1), "z": real("3", high=2), "w": np.ones(3)}
    twin = Twin("bounded", torch=lambda *_: 0, definition=lambda *_: 0, inputs=inputs)
    cases = {case.id: case for case in sample(twin, PRECISIONS["float64"], deep=True)}
    x, y, z, w = cases["same-0"].inputs.values()
    assert x is y is z
    assert ((x >= 1) & (x <= 2)).all()
    assert (w == 1).all()


def test_a_claim_is_held_to():
    sigmoid = layer("sigmoid")
    asked = {"questions": ["jvp"], "dtypes": ["float64"], "case": "ordinary-0"}
    assert check(sigmoid, **asked).ok
    claims_all = check(replace(sigmoid, lacks={}), **asked)
    assert "claimed, and lacking" in claims_all.failures[0].messages["jax"]


def test_a_wrong_float64_answer_is_no_authority_for_itself():
    import torch

    def scaled(x):
        return x * torch.where(torch.arange(x.numel()).reshape(x.shape) > 900, 1.01, 1.0).to(x)

    twin = Twin("scaled", torch=scaled, definition=lambda x: 1 * x, inputs={"x": real()})
    asked = {"questions": ["value"], "deep": True}
    report = check(twin, case="large-0", dtypes=["float32", "float64"], **asked)
    assert {v.culprit for v in report.failures} == {"torch"}
    assert {v.dtype for v in report.failures} == {"float32", "float64"}


@pytest.mark.parametrize("name", [name for name, twin in catalog().items() if resizable(twin)])
def test_a_long_axis_is_one_that_derivatives_run_along(name):
    first = replace(catalog()[name], settings=catalog()[name].settings[:1])
    sizes = {case.kind: case.size for case in sample(first, PRECISIONS["float32"], deep=True)}
    assert sizes["prime"] > 100
    assert 250_000 < sizes["large"] < 1_100_000


@pytest.mark.parametrize(("case", "place"), [("prime-0", 40), ("large-0", 30000)])
def test_one_entry_of_a_float64_gradient_is_enough_to_name_the_culprit(case, place):
    import jax
    import jax.numpy as jnp

    @jax.custom_vjp
    def mean(x):
        return (x * x).mean()

    def backward(x, g):
        off = 1 + 1e-13 * (jnp.arange(x.size) == place).reshape(x.shape)
        return (g * 2 * x * off / x.size,)

    mean.defvjp(lambda x: ((x * x).mean(), x), backward)

    def right(x):
        return (x * x).mean()

    twin = Twin("mean", jax=mean, torch=right, definition=right, inputs={"x": real("n d")})
    asked = {"questions": ["vjp"], "dtypes": ["float64"], "deep": True, "case": case}
    report = check(twin, **asked)
    assert {v.culprit for v in report.failures} == {"jax"}, str(report)
    assert not any(v.weaker for v in report.verdicts)
    assert check(replace(twin, jax=right), **asked).ok


def test_large_arrays_that_are_given_are_judged_entry_by_entry():
    def off(x):
        y = 2.0 * x
        y[777] *= 1 + 1e-4
        return y

    given = np.random.default_rng(0).normal(size=3000)
    right = Twin("twice", torch=lambda x: 2.0 * x, definition=lambda x: 2 * x, inputs={"x": given})
    asked = {"questions": ["value"], "dtypes": ["float32"]}
    assert check(right, **asked).ok
    assert not check(replace(right, jax=lambda x: 2.0 * x, torch=off), **asked).ok


def test_rows_whose_gradients_depend_on_their_place_are_not_judged_alone():
    """Values of rows may be independent where what is dropped of their gradients is not."""
    asked = {"questions": ["vjp"], "dtypes": ["float64"], "case": "prime-1", "deep": True}
    assert check(layer("row_drop_relu"), seed=3, **asked).ok


@pytest.mark.parametrize("said", [np.nan, -0.0])
def test_two_calls_agree_to_the_bit(said):
    with pytest.raises(Fault, match="a second call gives another answer"):
        same([torch.tensor([0.0])], [torch.tensor([said])], "a second call")
    for dtype in (torch.bfloat16, torch.int32):
        twice = [torch.ones(2, dtype=dtype)], [torch.ones(2, dtype=dtype)]
        assert same(*twice, "a second call") is twice[0]


def test_given_arrays_too_large_to_be_asked_deeply_say_so():
    given = np.ones(MOST_GIVEN + 1)
    asked = {"inputs": {"x": given}, "questions": ["value"], "dtypes": ["float64"]}
    twin = {"torch": lambda x: 2.0 * x, "definition": lambda x: 2 * x}
    assert "not asked of either: deep cases and ways" in str(check(**twin, **asked, deep=True))
    assert not check(**twin, **asked).unsupported


@pytest.mark.parametrize("name", ["softmax", "cross_entropy", "linear_cross_entropy", "rope"])
def test_of_one_row_there_is_one(name):
    """Labels and positions have an axis too, which is that of the rows."""
    drawn = sample(layer(name), PRECISIONS["float64"], seed=0, deep=False)
    case = next(case for case in drawn if case.kind == "one")
    x = next(iter(case.inputs.values()))
    assert x.size == x.shape[-1] > 1
