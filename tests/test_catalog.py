"""Every layer of the catalog against the truth, in every type; in double precision in all ways.

What is compiled anew is what costs. Marked slow, and left out unless asked for (`pytest -m slow`),
is what differs least from what is not: elementwise layers, which all go one way, in all ways and in
float16, and a layer's second and further twins in all shapes. `crosscheck run --deep` asks it too.
"""

from dataclasses import replace

import pytest

from crosscheck import check
from crosscheck.backends import forget
from crosscheck.catalog import catalog, function
from crosscheck.options import Options
from crosscheck.precision import PRECISIONS
from crosscheck.question import QUESTIONS
from crosscheck.run import connect, examine
from crosscheck.sample import sample
from crosscheck.task import Task

SIDES = {"jax", "torch"}
EVERYONE = {(question, side) for question in QUESTIONS for side in SIDES}
LAYERS = {function(twin): twin for twin in reversed(catalog().values())}
ALIKE = {name for name, twin in LAYERS.items() if twin.is_elementwise} - {"relu", "gelu"}
each_twin = pytest.mark.parametrize("name", catalog())
each_dtype = pytest.mark.parametrize("dtype", PRECISIONS)


@pytest.fixture(autouse=True)
def forgotten():
    """JAX keeps all that it compiles, gigabytes over a catalog."""
    yield
    forget()


def rows(names, slow):
    return [pytest.param(n, marks=pytest.mark.slow) if n in slow else n for n in names]


@pytest.mark.parametrize("name", rows(catalog(), catalog().keys() - LAYERS.keys()))
def test_layer(check_twin, name):
    """Every shape under the first settings; the other settings for the first shapes."""
    twin = catalog()[name]
    report = check_twin(under_first_settings(twin), dtypes=["float64"])
    assert not report.failures, str(report)
    others = replace(twin, settings=twin.settings[1:])
    verdicts = of_one_shape(others, "float64", QUESTIONS) if others.settings else []
    assert not any(v.blind for v in [*report.verdicts, *verdicts])
    assert answered(report.verdicts) == EVERYONE


@pytest.mark.parametrize("name", LAYERS)
def test_layer_in_float32(name):
    verdicts = of_one_shape(under_first_settings(LAYERS[name]), "float32", QUESTIONS)
    assert not any(v.blind for v in verdicts)
    assert answered(verdicts) == EVERYONE


@pytest.mark.parametrize("name", LAYERS)
def test_layer_in_bfloat16(name):
    in_sixteen_bits(name, "bfloat16")


@pytest.mark.parametrize("name", rows(LAYERS, ALIKE))
def test_layer_in_float16(name):
    in_sixteen_bits(name, "float16")


def in_sixteen_bits(name, dtype):
    """Where all verdicts on a question may be blind."""
    asked = ("value", "vjp")
    verdicts = of_one_shape(under_first_settings(LAYERS[name]), dtype, asked)
    assert answered(verdicts) == {(question, side) for question in asked for side in SIDES}


def of_one_shape(twin, dtype, questions):
    """Verdicts on one case of each kind and settings that has the first one's shapes; none fails.

    `crosscheck run` asks all shapes of all settings and types.
    """
    drawn = sample(twin, PRECISIONS[dtype])
    alike = [c for c in drawn if shapes(c) == shapes(drawn[0])]
    cases = {(c.kind, repr(c.settings)): c for c in reversed(alike)}.values()
    options = Options(dtypes=(dtype,), questions=tuple(questions))
    backends = connect([twin], options)
    verdicts = [v for c in cases for v in examine(Task(twin, c), backends, options).verdicts]
    assert not [v for v in verdicts if v.failed]
    return verdicts


def shapes(case):
    return [x.shape for x in case.inputs.values()]


def under_first_settings(twin):
    return replace(twin, settings=twin.settings[:1])


def answered(verdicts):
    """Who answered which question."""
    return {(v.question, backend) for v in verdicts for backend in v.errors}


@pytest.mark.parametrize("name", rows(LAYERS, ALIKE))
def test_layer_in_all_ways(check_twin, name):
    """Batched, scanned, compiled, twice, over one input, in all orders of forward and reverse."""
    report = check_twin(LAYERS[name], dtypes=["float64"], case="ordinary-0", deep=True)
    asked = {(v.question, v.variant) for v in report.verdicts for _ in v.errors}
    assert {("vjp", "vmap-of-vjp"), ("vjp", "compile"), ("vjp", "scan")} <= asked
    assert {("hessian", "reverse-over-forward"), ("hessian", "vmap")} <= asked


@pytest.mark.gpu
@each_twin
@each_dtype
def test_layer_on_gpu(check_twin, name, dtype):
    report = check_twin(catalog()[name], dtypes=[dtype], device="gpu")
    assert {v.device for v in report.verdicts} == {"gpu"}


def test_elementwise_layers_are_strict():
    strict = {name for name, twin in catalog().items() if twin.standard == "strict"}
    assert {name for name, twin in catalog().items() if twin.is_elementwise} <= strict
    assert all(twin.budget_reason for twin in catalog().values() if twin.budget is not None)


def test_questions_that_a_strict_layer_is_sound_in():
    report = check(catalog()["softmax"], dtypes=["float64"], case="ordinary-0")
    held_to = {(v.question == "hessian", v.standard, v.budget) for v in report.verdicts}
    assert held_to == {(False, "strict", 8.0), (True, "sound", 16.0)}


def test_kinks_are_drawn_and_judged(check_twin):
    report = check_twin(catalog()["elu"], questions=["hessian"], dtypes=["float32"])
    assert "kink" in {verdict.kind for verdict in report.verdicts}
