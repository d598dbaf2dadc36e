"""Every layer of the catalog against the truth: one test for each layer, question and dtype."""

import pytest

from crosscheck import check
from crosscheck.catalog import catalog
from crosscheck.precision import PRECISIONS
from crosscheck.question import QUESTIONS

ASKED = [
    pytest.param(name, question, dtype, id=f"{name}-{question}-{dtype}")
    for name in catalog()
    for question in QUESTIONS
    for dtype in PRECISIONS
]


@pytest.mark.parametrize(("name", "question", "dtype"), ASKED)
def test_layer(check_twin, name, question, dtype):
    coarse = dtype in ("bfloat16", "float16")  # where all verdicts on a question may be blind
    ask = check if coarse else check_twin
    report = ask(catalog()[name], questions=[question], dtypes=[dtype])
    assert not report.failures, str(report)
    assert {backend for v in report.verdicts for backend in v.errors} == {"jax", "torch"}
    assert coarse or not report.blind


@pytest.mark.gpu
@pytest.mark.parametrize(("name", "question", "dtype"), ASKED)
def test_layer_on_gpu(check_twin, name, question, dtype):
    report = check_twin(catalog()[name], questions=[question], dtypes=[dtype], device="gpu")
    assert {v.device for v in report.verdicts} == {"gpu"}


def test_elementwise_layers_are_strict():
    strict = {name for name, twin in catalog().items() if twin.standard == "strict"}
    assert {name for name, twin in catalog().items() if twin.is_elementwise} <= strict
    assert all(twin.budget_reason for twin in catalog().values() if twin.budget is not None)


def test_kinks_are_drawn_and_judged(check_twin):
    report = check_twin(catalog()["elu"], questions=["hessian"], dtypes=["float32"])
    assert "kink" in {verdict.kind for verdict in report.verdicts}
