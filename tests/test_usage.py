"""Bad input to `check` and `Twin`: one clear sentence each, in the type that callers catch."""

import re

import numpy as np
import pytest
import scipy.special

from crosscheck import Twin, TwinError, UsageError, boolean, check, integer, real

FINE = {"torch": abs, "definition": np.abs, "inputs": {"x": real("n")}}
TWIN_ERRORS = {
    "no layer": ({"torch": None}, "expected a layer in at least one framework, got none"),
    "no real input": ({"inputs": {"m": boolean("n")}}, "expected at least one real input"),
    "integers for a real": ({"inputs": {"x": np.arange(3)}}, "expected at least one real input"),
    "text for a real": ({"inputs": {"x": "n d"}}, "x"),
    "inputs in a list": ({"inputs": ["x"]}, "inputs"),
    "complex": ({"inputs": {"x": real("n"), "c": np.array([1j])}}, "'c', got array"),
    "unknown standard": ({"standard": "strickt"}, "'strickt'"),
    "sound without reason": ({"sound": ["hessian"]}, "a budget of its own needs a reason"),
    "sound in no question": (
        {"sound": ["hess"], "budget_reason": "…"}, "expected sound as a list of value, vjp",
    ),
    "budget without reason": ({"budget": 99.0}, "a budget of its own needs a reason"),
    "kinks of an unknown input": ({"kinks": {"z": {0.0: ""}}}, "kinks name the input 'z'"),
    "limits of a matrix": ({"limits": {np.inf: 1.0}}, "limits are for elementwise layers"),
    "bounds crossed": ({"inputs": {"x": real("n", low=3, high=1)}}, "low"),
    "unknown axis": ({"inputs": {"x": real("n"), "i": integer("n", high="c")}}, "'c'"),
    "settings in a dict": ({"settings": {"a": 2.0}}, "write settings=[{'a': 2.0}]"),
    "settings that are no dicts": ({"settings": ["alpha"]}, "settings"),
    "no such module": ({"torch": "no_such_module:f"}, "'no_such_module'"),
    "no such layer": ({"torch": "torch:no_such"}, "expected a layer at 'torch:no_such'"),
    "not callable": ({"torch": 5}, "5"),
    "name": ({"name": ""}, "name"),
    "definition raises": ({"definition": lambda x: x @ np.ones(99)}, "raised ValueError: matmul"),
    "definition of other inputs": ({"definition": lambda: 1.0}, "raised TypeError"),
    "definition beyond jets": (
        {"definition": lambda x: np.hypot(x, 1)},
        "the definition uses hypot",
    ),
    "definition of a framework's own": (
        {"definition": lambda x: scipy.special.softmax(x)},
        "at `{\"definition\": lambda x: scipy.special.softmax(x)},`",
    ),
    "definition in words": ({"definition": "np.abs"}, "definition= as a function, got 'np"),
    "surrogate in words": ({"surrogate": "np.abs"}, "surrogate= as a function, got 'np"),
    "definition of nothing": ({"definition": lambda x: None}, "returned nothing"),
    "definition of text": ({"definition": lambda x: "y"}, "'y'"),
    "surrogate beyond jets": ({"surrogate": lambda x: np.hypot(x, 1)}, "hypot"),
}  # fmt: skip
USAGE_ERRORS = {
    "unknown question": (
        {"questions": ["hesian"]}, "unknown question 'hesian'; did you mean hessian?"),
    "question that is no name": ({"questions": [1]}, "unknown question 1; choose from: value"),
    "dtype that is no name": ({"dtypes": [np.float32]}, "'numpy.float32'>; did you mean float32"),
    "far question": ({"questions": ["zzz"]}, "choose from: value, vjp, jvp, jacobian, hessian"),
    "unknown dtype": ({"dtypes": ["float23"]}, "unknown dtype 'float23'; did you mean float32"),
    "unknown device": ({"device": "gpuu"}, "unknown device 'gpuu'; did you mean gpu"),
    "unknown case": ({"case": "ordinry-0"}, "unknown case 'ordinry-0'; did you mean ordinary-0"),
    "unknown variant": ({"variant": "egaer"}, "unknown variant 'egaer'; did you mean eager"),
    "questions in a string": ({"questions": "vjp"}, "questions=['vjp']"),
    "dtypes in a string": ({"dtypes": "float32"}, "got a string"),
    "negative seed": ({"seed": -1}, "got -1"),
    "seed in words": ({"seed": "one"}, "got 'one'"),
    "unknown field": ({"input": {}}, "'input'"),
}  # fmt: skip


@pytest.mark.parametrize("name", TWIN_ERRORS)
def test_twin_error(name):
    fields, sentence = TWIN_ERRORS[name]
    with pytest.raises(TwinError, match=re.escape(sentence)) as error:
        check(**FINE | {"name": "mine"} | fields)
    assert str(error.value).startswith("mine: ") or not fields.get("name", "mine")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", USAGE_ERRORS)
def test_usage_error(name):
    asked, sentence = USAGE_ERRORS[name]
    with pytest.raises(UsageError, match=re.escape(sentence)) as error:
        check(**FINE | asked)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("declare", [real, integer, boolean])
def test_axes_are_one_string(declare):
    with pytest.raises(UsageError, match=r"expected axes such as 'n d' or '3 4', got \(3, 4\)"):
        declare((3, 4))


def test_a_twin_or_its_fields():
    twin = Twin("mine", **FINE)
    with pytest.raises(UsageError, match="got both; drop the Twin or standard"):
        check(twin, standard="strict")
    with pytest.raises(UsageError, match="'elu'"):
        check("elu")


ASKED = {"questions": "at least one question", "dtypes": "at least one dtype"}


@pytest.mark.parametrize("field", ASKED)
def test_asking_nothing_is_an_error(field):
    with pytest.raises(UsageError, match=ASKED[field]):
        check(**FINE | {field: []})


def test_judging_nothing_is_no_success():
    report = check(**FINE, settings=[])
    assert not report.ok
    assert "nothing was judged, which is not a success" in str(report)
