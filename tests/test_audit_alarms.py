"""Alarms of an audit: right layers are not blamed, and each is asked about cases of its own."""

from dataclasses import replace
from pathlib import Path

import pytest

from crosscheck import check, cli
from crosscheck.audit import alarms, built_in
from crosscheck.audit.alarms import Alarms
from crosscheck.audit.results import Audit
from crosscheck.catalog import catalog
from crosscheck.options import Options

DOUBLE = Options(dtypes=("float64",))


def test_right_layers_raise_no_alarm(monkeypatch):
    monkeypatch.setattr(alarms, "CASES", 1)
    *others, found = alarms.alarms(["mse"], 60, DOUBLE, jobs=1)
    assert found.verdicts >= 60 > others[-1].verdicts
    assert found.built_in > 0
    assert (found.failed, found.blind) == ((), 0)


def test_layers_that_are_named_come_first_and_built_in_ones_among_them():
    order = alarms.mixed([["a", "b", "c", "d"], ["x", "y"]], seed=1)
    assert sorted(order) == ["a", "b", "c", "d", "x", "y"]
    assert [name in "xy" for name in order] == [False, True, False, False, True, False]
    assert alarms.mixed([["relu"], ["x", "y"]], seed=1)[0] == "relu"
    assert len({tuple(alarms.mixed([["a", "b", "c", "d"], ["x"]], seed)) for seed in range(9)}) > 1


def test_layers_with_as_many_tasks_are_asked_about_other_cases(monkeypatch):
    asked = {}

    def judged(tasks, *_, **__):
        asked[tasks[0].twin.name] = {str(task).partition(" ")[2] for task in tasks}
        return []

    monkeypatch.setattr(alarms, "judged", judged)
    for name in ("elu", "celu"):
        alarms.on_right(name, DOUBLE)
    assert len(asked["elu"]) == alarms.CASES
    assert asked["elu"] != asked["celu"]


def test_alarms_are_asked_of_all_twins(monkeypatch):
    asked = []

    def on_right(target, options):
        asked.append(target)
        return Alarms(verdicts=1)

    monkeypatch.setattr(alarms, "on_right", on_right)
    monkeypatch.setattr(alarms, "everywhere", lambda work, items, jobs: map(work, items))
    wanted = len(catalog()) + len(built_in.twins)
    assert cli.main(["audit", "--kind", "none", "--alarms", str(wanted)]) == 0
    assert {"softmax-masked", "attention-causal", "kl_div-logs"} < set(catalog()) <= set(asked)


def test_a_right_layer_that_cannot_be_judged_is_an_alarm(tmp_path):
    path = tmp_path / "twins.py"
    path.write_text(REFUSED)
    found = alarms.on_right(str(path), DOUBLE)
    assert found.verdicts == 0
    (line,) = found.failed  # one line, however many cases were refused
    assert line.startswith("not judged: refused: the definition")
    assert "ValueError: no such layer" in line
    assert not Audit(alarms=found).ok


def test_alarms_without_bugs(monkeypatch, capsys):
    monkeypatch.setattr(alarms, "CASES", 1)
    assert cli.main(["audit", "relu", "--kind", "none", "--alarms", "5"]) == 0
    page = capsys.readouterr().out
    assert "verdicts on right layers" in page
    assert "0 mutants" in page


WRONG = """
from crosscheck import Twin, real
wrong = Twin("wrong", torch=lambda x: x * 1.001, definition=lambda x: x, inputs={"x": real("n")})
"""


REFUSED = """
from crosscheck import Twin, real

def definition(x):
    raise ValueError("no such layer")

refused = Twin("refused", torch=lambda x: x, definition=definition, inputs={"x": real("n")})
"""


def test_a_wrong_layer_would_raise_one(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # the draw depends on the path
    Path("twins.py").write_text(WRONG)
    found = alarms.on_right("twins.py", DOUBLE)
    assert 0 < len(found.failed) <= found.verdicts
    assert "culprit torch: crosscheck run" in found.failed[0]


def test_what_is_wrong_with_a_built_in_layer_is_named_by_place():
    (mse,) = (twin for twin in built_in.twins if twin.name == "mse")
    report = check(mse, questions=["jacobian"], case="empty-0", dtypes=["float64"], deep=True)
    assert {v.variant for v in report.failures if built_in.is_known(v)} == {"reverse"}
    assert not any(built_in.is_known(v) for v in report.verdicts if not v.failed)


@pytest.mark.parametrize("where", [where for _, where, _ in built_in.FAULTS], ids=str)
def test_a_known_fault_excuses_only_those_who_blame_the_faulty(where):
    (name,) = (layer for layer, place, _ in built_in.FAULTS if place is where)
    (twin,) = (twin for twin in built_in.twins if twin.name == name)
    some = check(twin, questions=["value"], case="ordinary-0", dtypes=["float64"]).verdicts[0]
    blaming = replace(some, ok=False, **where)
    other = "jax" if where["culprit"] == "torch" else "torch"
    assert built_in.is_known(blaming)
    assert not built_in.is_known(replace(blaming, culprit=other))
    assert not built_in.is_known(replace(blaming, culprit="both"))
    assert not built_in.is_known(replace(blaming, ok=True))
