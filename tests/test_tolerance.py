"""The units errors are counted in: by hand, and calibrated on honest layers."""

import numpy as np
import pytest

from crosscheck import Twin, check, real
from crosscheck.backends import load
from crosscheck.precision import PRECISIONS
from crosscheck.question import QUESTIONS
from crosscheck.run import Options, examine
from crosscheck.sample import sample
from crosscheck.task import Task
from crosscheck.truth import Truth
from truths import cotangents, judged, truth_of

U = {"float64": 2.0**-53, "float32": 2.0**-24}
TINY = {"float64": 2.0**-1022, "float32": 2.0**-126}


# the strict unit, by hand -------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", U)
@pytest.mark.parametrize("question", QUESTIONS)
def test_strict_unit_of_a_cube(question, dtype):
    """y = x³: u·|entry| + Σ|how it moves with x, g, t|·u·|x, g, t| + η, entry by entry."""
    x = np.array([2.0, -0.5, 1.25])
    truth = truth_of(lambda x: x**3, dtype, x=x)
    [g], [t] = (
        [np.abs(a).astype(float) for a in arrays]
        for arrays in (cotangents(truth), truth.case.tangents())
    )
    size = np.abs(x)
    by_hand = {
        "value": (1 + 3) * size**3,
        "vjp": (3 + 6 + 3) * g * size**2,
        "jvp": (3 + 6 + 3) * t * size**2,
        "jacobian": np.diag((3 + 6) * size**2),
        "hessian": np.diag((6 + 6 + 6) * g * size),
    }[question]
    scale = {"vjp": g, "hessian": g, "jvp": t}.get(question, np.ones(1)).max()
    [block] = truth.blocks(question, "", cotangents(truth))
    eta = TINY[dtype] * max(1, scale)
    np.testing.assert_allclose(block.unit, U[dtype] * by_hand + eta, rtol=1e-9, atol=0)


def test_strict_unit_of_a_product():
    """y = x w: two inputs, and mixed second derivatives."""
    x, w, u = 3.0, -0.75, U["float64"]
    truth = truth_of(lambda x, w: x * w, x=x, w=w)
    g = float(abs(cotangents(truth)[0]))
    tx, tw = (float(t) for t in truth.case.tangents())
    moved = 2 * (abs(tx * w) + abs(tw * x))
    by_hand = {
        "value": {"y": 3 * abs(x * w)},
        "vjp": {"dx": 3 * g * abs(w), "dw": 3 * g * abs(x)},
        "jvp": {"ty": abs(tx * w + tw * x) + moved},
        "jacobian": {"dy/dx": 2 * abs(w), "dy/dw": 2 * abs(x)},
        "hessian": {"d2/dx dx": 0, "d2/dx dw": 2 * g, "d2/dw dx": 2 * g, "d2/dw dw": 0},
    }
    for question, units in by_hand.items():
        found = {b.label: b for b in truth.blocks(question, "", cotangents(truth))}
        assert list(found) == list(units)
        for label, unit in units.items():
            assert float(found[label].unit) == pytest.approx(u * unit, rel=1e-9, abs=1e-290)


# the sound unit -----------------------------------------------------------------------------------


def sound_units(definition, x, dtype="float64"):
    """The unit of the value, in u."""
    [block] = truth_of(definition, dtype, "sound", x=x).blocks("value", "", [])
    assert np.unique(block.unit).size == 1
    return float(block.unit.flat[0]) / U[dtype]


def test_sound_unit_of_what_cannot_round():
    """u·max|x|, and the rounding of the input itself."""
    assert 8 * 1.1 < sound_units(lambda x: x, [3.0, -8.0, 0.5]) <= 8 * 2


@pytest.mark.parametrize("shift", [2.0**20, 2.0**30])
def test_sound_unit_grows_with_cancellation(shift):
    """x + shift rounds by u·shift; the uniform noise of 8 replays reaches a good part of that."""
    assert 0.3 < (sound_units(lambda x: (x + shift) - shift, [1.5, 2.5]) - 2.5) / shift < 1.7


def test_sound_unit_is_the_same_for_every_type():
    definition = lambda x: np.log(np.exp(x).sum())  # noqa: E731
    single, double = (sound_units(definition, [1.5, -2.5], dtype) for dtype in U)
    assert single == pytest.approx(double, rel=1e-9)


def test_sound_replays_take_the_same_branches():
    """At this tie noise alone would choose between 0 and 100 x."""
    assert sound_units(lambda x: np.where(x * 4 / 4 >= x, 0 * x, 100 * x), [1.5, 0.75]) < 1e-9


def test_sound_units_are_more_than_the_width_of_balls():
    """At 160 bits exp(x) - 1 is a ball around 0 here."""
    assert 3e-77 < sound_units(np.expm1, [-3e-77, 2e-77]) < 1e-76


@pytest.mark.parametrize("standard", ["strict", "sound"])
def test_inputs_round_too(standard):
    """exp(x - logsumexp(x)) is right for inputs one rounding away, which at 10⁴ is much."""
    import torch

    report = check(
        torch=lambda x: torch.logsumexp(x, -1), definition=HONEST["logsumexp"][0],
        inputs={"x": np.array([1e4, 1e4 - 3, -1e4])}, standard=standard, dtypes=["float64"],
    )  # fmt: skip
    assert report.ok, str(report)


# calibration --------------------------------------------------------------------------------------


def np_softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


def np_layer_norm(x, w, b):
    c = x - x.mean(axis=-1, keepdims=True)
    return c / np.sqrt((c * c).mean(axis=-1, keepdims=True) + 1e-5) * w + b


def jax_layers():
    import jax

    return {
        "softmax": jax.nn.softmax,
        "logsumexp": lambda x: jax.nn.logsumexp(x, -1),
        "layer_norm": lambda x, w, b: (x - x.mean(-1, keepdims=True))
        / jax.numpy.sqrt(x.var(-1, keepdims=True) + 1e-5) * w + b,
        "linear": lambda x, w, b: x @ w + b,
        "mse": lambda x, y: ((x - y) ** 2).mean(),
    }  # fmt: skip


def torch_layers():
    import torch

    return {
        "softmax": lambda x: torch.softmax(x, -1),
        "logsumexp": lambda x: torch.logsumexp(x, -1),
        # not F.layer_norm: its mixed Hessian is wrong under torch.func in torch 2.13
        "layer_norm": lambda x, w, b: (x - x.mean(-1, keepdim=True))
        / torch.sqrt(x.var(-1, keepdim=True, correction=0) + 1e-5) * w + b,
        "linear": lambda x, w, b: x @ w + b,
        "mse": torch.nn.functional.mse_loss,
    }  # fmt: skip


HONEST = {  # plain definitions: a stabilised one does not show how reverse mode cancels
    "softmax": (np_softmax, {"x": real("2 4")}),
    "logsumexp": (lambda x: np.log(np.exp(x).sum(axis=-1)), {"x": real("2 4")}),
    "layer_norm": (np_layer_norm, {"x": real("2 3"), "w": real("3"), "b": real("3")}),
    "linear": (lambda x, w, b: x @ w + b, {"x": real("2 3"), "w": real("3 2"), "b": real("2")}),
    "mse": (lambda x, y: ((x - y) ** 2).mean(), {"x": real("2 4"), "y": real("2 4")}),
}
DRAWS = [(seed, k) for seed in range(10) for k in range(5)]  # the ordinary and the wide ones


def draw(twin, seed, k):
    return sample(twin, PRECISIONS["float32"], seed)[k]


@pytest.fixture
def _one_thread():
    """Threads cost more than they save on six numbers, much more where others use the cores."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("_one_thread")
@pytest.mark.parametrize("name", HONEST)
def test_honest_layers_stay_far_within_the_sound_budget(name):
    definition, inputs = HONEST[name]
    twin = Twin(
        name, jax=jax_layers()[name], torch=torch_layers()[name],
        definition=definition, inputs=inputs,
    )  # fmt: skip
    backends = {backend: load(backend) for backend in twin.backends}
    found = {question: [] for question in QUESTIONS}
    for seed, k in DRAWS[:30]:
        for v in examine(Task(twin, draw(twin, seed, k)), backends, Options()).verdicts:
            found[v.question] += v.errors.values()
            assert v.ok, v
            assert v.floor < 1e-2
    for question, errors in found.items():
        assert max(errors) <= 8, question
        assert np.median(errors) < 1, question


@pytest.mark.parametrize("name", HONEST)
def test_honest_numpy_values_stay_within_the_sound_budget(name):
    definition, inputs = HONEST[name]
    twin = Twin(name, torch=abs, definition=definition, inputs=inputs)
    for seed, k in DRAWS:
        case = draw(twin, seed, k)
        said = np.asarray(definition(*case.inputs.values()), dtype=np.float32)
        verdict = judged(Truth(twin, case), said)
        assert verdict.ok
        assert verdict.errors["torch"] < 4
