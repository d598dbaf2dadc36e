"""The audit: planted bugs are caught, right layers are not blamed, and what survives is named."""

import json
import signal
from contextlib import suppress
from dataclasses import replace
from functools import cache, partial
from importlib.metadata import Distribution, PackageNotFoundError

import numpy as np
import pytest
import torch

from crosscheck import cli
from crosscheck.audit import command, floor
from crosscheck.audit.alarms import Alarms
from crosscheck.audit.court import CROSSCHECK, Court
from crosscheck.audit.defects import DEFECTS, GROUPS
from crosscheck.audit.examiner import Examiner
from crosscheck.audit.mutant import Mutant, control, spoilt, subject
from crosscheck.audit.results import Audit, as_dict
from crosscheck.audit.sides import side as load_side
from crosscheck.audit.text import show
from crosscheck.audit.witness import _differ_on_one_array, difference
from crosscheck.backends import load
from crosscheck.bench.record import record
from crosscheck.catalog import layer
from crosscheck.kinds import KINDS
from crosscheck.options import Options
from crosscheck.processes import everywhere
from crosscheck.report.text import console

SIDES = ("jax", "torch")
DOUBLE = Options(dtypes=("float64",))


@cache
def court(name, options=DOUBLE):
    return Court(subject(layer(name)), options)


def outcome(name, kind, side, tool=CROSSCHECK, options=DOUBLE):
    tried = court(name, options).tried(Mutant(name, kind, side), [tool])
    return tried.outcome(tool), tried


CAUGHT = {
    "cotangents": [("relu", "abs of g"), ("relu", "divides by g")],
    "gradients": [("dropout", "mask redrawn"), ("mse", "one argument forgotten")],
    "derivatives": [("mse", "saved intermediate"), ("mse", "tangent doubled")],
    "places": [("relu", "wrong at a kink"), ("relu", "NaN at infinity")],
    "sizes": [("relu", "one row")],
    "modes": [("relu", "batched cotangent")],
    "values": [("relu", "one value off"), ("relu", "value where recorded")],
}
EACH = [(*bug, side) for group in CAUGHT.values() for bug in group for side in SIDES]


@pytest.mark.parametrize(("name", "kind", "side"), EACH)
def test_caught_with_the_right_culprit(name, kind, side):
    said, tried = outcome(name, kind, side)
    assert said == "caught", tried
    assert not tried.equivalent


def test_each_group_has_its_example():
    assert list(CAUGHT) == list(GROUPS)
    assert all(
        kind in {d.name for d in GROUPS[g]} for g, bugs in CAUGHT.items() for _, kind in bugs
    )


def test_wrong_in_one_type_is_seen_in_that_type():
    _, tried = outcome("relu", "zero in bfloat16", "torch", options=Options(dtypes=("bfloat16",)))
    assert tried.said[0].reason == "vjp functional bfloat16 ordinary-0"


@pytest.mark.parametrize("seen", ["", "value eager ordinary-0"])  # nowhere, and a wrong place
def test_what_slips_through_the_plain_depth_is_asked_deeply(seen, monkeypatch):
    monkeypatch.setitem(DEFECTS, "huge g clamped", replace(DEFECTS["huge g clamped"], seen=seen))
    said, tried = outcome("relu", "huge g clamped", "torch")
    assert said == "caught"
    assert tried.said[0].reason == "vjp functional float64 huge-0"
    assert "huge" in tried.witness


@pytest.mark.parametrize("defect", [d for d in DEFECTS.values() if d.seen], ids=lambda d: d.name)
def test_where_a_bug_mostly_shows_exists(defect):
    question, variant, case = defect.seen.split()
    backends = [load(name) for name in defect.sides]
    assert any(variant in (*b.variants[question], *b.deep.get(question, ())) for b in backends)
    assert case.removesuffix("-0") in {kind.name for kind in KINDS if question in kind.questions}


def test_a_bug_is_found_at_once_where_it_mostly_shows():
    said, tried = outcome("relu", "huge g clamped", "torch")
    assert (said, tried.compared) == ("caught", 0)


@pytest.mark.parametrize(("kind", "both"), [("sign", True), ("second backward", False)])
def test_a_catch_says_whether_both_frameworks_were_asked(kind, both, capsys):
    """The same graph used again is a way of asking that torch alone has."""
    said, tried = outcome("relu", kind, "torch")
    assert (said, tried.both) == ("caught", both)
    show(Audit((tried,)), console())
    page = capsys.readouterr().out
    assert f"{both:d} of 1 caught by asking both frameworks" in page
    assert ("the others in ways that one alone has" in page) == (not both)


@pytest.mark.parametrize(
    ("kind", "said"), [("sign", "wrong culprit"), ("second backward", "caught")]
)
def test_what_does_not_fail_again_beside_the_other_framework_is_no_catch(kind, said, monkeypatch):
    monkeypatch.setattr(Examiner, "_beside", lambda self, *_: self.subject.twin)  # right ones
    assert outcome("relu", kind, "torch")[0] == said


@pytest.mark.parametrize(
    ("kind", "side"), [("sign", "jax"), ("sign", "torch"), ("tangent doubled", "jax")]
)
def test_right_layers_pass_however_wrapped(side, kind):
    of = court("mse")
    right = control(of.subject, DEFECTS[kind], side)
    assert of.examiner.first_failure(side, right, of.subject.twin.layer(side), deep=False) is None


def test_equivalent_mutants_are_recognised():
    said, tried = outcome("relu", "saved intermediate", "torch")  # its slope has no derivative
    assert (said, tried.equivalent) == ("missed", True)
    assert tried.compared > 50


@pytest.mark.parametrize(
    "kind",
    ["strided g", "expanded g", "tiny g flushed", "NaN at extremes", "scalar", "empty",
     "tail past 65536", "value under vmap", "second backward", "zero in float16"],
)  # fmt: skip
def test_a_witness_tells_each_from_the_right_layer(kind):
    of = subject(layer("relu"))
    right = control(of, DEFECTS[kind], "torch")
    witness, _ = difference(of, "torch", right, spoilt(of, DEFECTS[kind], "torch"))
    assert witness


def test_a_witness_sees_all_outputs():
    """Of one array given twice it compares directly."""
    of = subject(layer("add_rms_norm"))
    right = of.twin.layer("torch")

    def wrong(*x, **settings):
        y, total = right(*x, **settings)
        return y, total * 1.001

    assert not _differ_on_one_array(of, "torch", right, right)
    assert _differ_on_one_array(of, "torch", right, wrong)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("kind", ["tangent doubled", "tangent forgotten"])
def test_a_wrong_tangent_is_that_of_a_layer_of_several_outputs_too(kind, side):
    """Where the rule raises, so does the right layer's, and the mutant is called equivalent."""
    assert outcome("add_rms_norm", kind, side)[0] == "caught"


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("kind", [kind for kind, d in DEFECTS.items() if d.call or d.recorded])
def test_a_wrong_value_is_that_of_the_first_output(kind, side):
    """Of several outputs; no mutant is caught because it raises or returns others."""
    of = subject(layer("add_rms_norm"))
    if not DEFECTS[kind].applies(of) or side not in DEFECTS[kind].sides:
        pytest.skip(f"not planted there: {kind}")
    x, _, w = (load_side(side).array(a.astype(np.float32)) for a in of.case.inputs.values())
    wrong = partial(spoilt(of, DEFECTS[kind], side), **of.case.settings)
    if side == "torch" and kind.endswith("compile"):
        wrong = torch.compile(wrong, fullgraph=True, backend="aot_eager")
    doubled = 2 * np.asarray(x)
    y, total = wrong(x, x, w)
    assert y.shape == x.shape
    np.testing.assert_array_equal(np.asarray(total), doubled)


@pytest.mark.parametrize(
    ("tool", "side", "kind", "said"),
    [
        ("gradcheck", "torch", "sign", "caught"),
        ("gradcheck", "torch", "abs of g", "missed"),
        ("gradgradcheck fast", "torch", "saved intermediate", "caught"),
        ("gradcheck strict", "torch", "tangent doubled", "caught"),
        ("check_grads float64", "jax", "sign", "caught"),
        ("check_grads float64", "jax", "huge g clamped", "missed"),
    ],
)
def test_rivals_notice_what_they_can(tool, side, kind, said):
    assert outcome("mse", kind, side, tool)[0] == said


def test_the_word_of_a_tool_that_rejects_the_right_layer_means_nothing():
    said, _ = outcome("straight_through_round", "sign", "torch", "gradcheck")
    assert said == "alarm"


def test_rates_leave_out_the_layers_that_a_tool_rejects():
    right, rejected = (
        outcome(name, "sign", "torch", "gradcheck")[1] for name in ("mse", "straight_through_round")
    )
    audit = Audit((right, rejected))
    assert audit.rate("gradcheck") == audit.rate("gradcheck", "sign") == (1, 1)
    assert audit.rejected("gradcheck") == ["straight_through_round (torch)"]


def run(*argv):
    return cli.main(["audit", "relu", "--tool", "crosscheck", "--alarms", "0", *argv])


def test_all_caught_exits_0(tmp_path, capsys):
    path = tmp_path / "audit.json"
    assert run("--kind", "strided x,abs of g,output for input", "--json", str(path)) == 0
    page = capsys.readouterr().out
    assert "5 mutants, 2 equivalent, 0 survivors" in page
    assert "3 of 3 caught by asking both frameworks\n" in page
    assert "output for input in relu (jax), relu (torch)" in page
    kept = json.loads(path.read_text())
    assert (kept["schema"], kept["ok"]) == (1, True)
    assert kept["rates"]["crosscheck"]["all"] == {"caught": 3, "of": 3}
    assert kept["caught_with_both_sides_asked"] == 3
    assert kept["equivalents"] == [f"relu / output for input / {side}" for side in SIDES]
    assert kept["mutants"][0]["tools"]["crosscheck"]["outcome"] == "caught"


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_audit_keeps_what_it_finished(sent, monkeypatch, tmp_path, capsys):
    right, batches = command.tried, []

    def interrupted(batch):
        if batches:
            signal.raise_signal(sent)
        batches.append(batch)
        return right(batch)

    monkeypatch.setattr(command, "tried", interrupted)
    path = tmp_path / "audit.json"
    assert run("--kind", "sign", "--json", str(path)) == 130
    assert "INTERRUPTED, this is what was finished" in capsys.readouterr().out
    kept = json.loads(path.read_text())
    assert (kept["complete"], len(kept["mutants"])) == (False, 1)


@pytest.mark.parametrize("stage", ["alarms", "floors"])
def test_an_interruption_that_a_library_swallows_ends_every_stage(stage, monkeypatch, capsys):
    went_on = []

    def swallowing(*_):
        for k in range(3):
            went_on.append(k)
            with suppress(KeyboardInterrupt):
                signal.raise_signal(signal.SIGINT)
            yield Alarms() if stage == "alarms" else floor.Floor(floor.GAUGES[0], 10, None)

    monkeypatch.setattr(command, stage, swallowing)
    assert run("--kind", "none", "--floor") == 130
    assert went_on == [0]
    assert "INTERRUPTED, this is what was finished" in capsys.readouterr().out


def test_a_mutant_that_crosscheck_raises_on_survives_and_the_others_go_on(monkeypatch, capsys):
    right = Examiner.first_failure

    def raising(self, side, *layers, **how):
        if side == "jax":
            raise IndexError("no such entry")
        return right(self, side, *layers, **how)

    monkeypatch.setattr(Examiner, "first_failure", raising)
    assert run("--kind", "sign") == 1
    page = capsys.readouterr().out
    assert "survives: relu / sign / jax: crosscheck could not judge it and raised IndexErr" in page
    assert "2 mutants, 0 equivalent, 1 survivors" in page
    assert "1/2" in page


def test_a_toothless_tool_shows_survivors(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(Examiner, "first_failure", lambda *_, **__: None)
    path = tmp_path / "audit.json"
    assert run("--kind", "sign", "--json", str(path)) == 1
    assert "survives: relu / sign / torch, which differs at: vjp" in capsys.readouterr().out
    assert json.loads(path.read_text())["survivors"] == [f"relu / sign / {s}" for s in SIDES]


def test_a_wrong_culprit_is_no_catch(monkeypatch, capsys):
    monkeypatch.setattr(Examiner, "_again", lambda self, side, layer, task, verdict: verdict)
    monkeypatch.setattr("crosscheck.judge._culprit", lambda wrong, blind: "both")
    assert run("--kind", "sign") == 1
    assert "wrong culprit: relu / sign / jax: vjp functional float64" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--kind", "sgn"], "unknown kind of bug 'sgn'; did you mean sign?"),
        (["--tool", "gradchek"], "unknown tool 'gradchek'; did you mean"),
        (["--kind", ","], "expected at least one kind of bug, got none; leave it out for all"),
        (["--tool", ","], "expected at least one tool, got none; leave it out for all"),
        (["--kind", "mask redrawn"], "expected bugs that these layers can have"),
        (["--kind", "none"], "expected bugs, alarms or floors to ask for, got none of them"),
        (["-j", "0"], "expected -j as a whole number from 1 on, got 0"),
        (["--json", "no/such/folder.json"], "expected a file in an existing folder"),
    ],
)
def test_usage_errors_exit_2(argv, sentence, capsys):
    assert run(*argv) == 2
    assert sentence in capsys.readouterr().err


def test_where_crosscheck_is_not_asked_nothing_is_said_of_it(tmp_path, capsys):
    path = tmp_path / "audit.json"
    assert run("--kind", "sign", "--tool", "gradcheck", "--json", str(path)) == 1
    page = capsys.readouterr().out
    assert "crosscheck was not asked" in page
    assert "survivors" not in page
    kept = json.loads(path.read_text())
    assert (kept["ok"], kept["crosscheck_asked"]) == (False, False)


def test_an_unknown_layer_exits_2(capsys):
    assert cli.main(["audit", "rellu"]) == 2
    assert "unknown layer 'rellu'; did you mean relu" in capsys.readouterr().err


def test_the_floor_is_found_by_bisection():
    assert floor.smallest(lambda error: error > 1e-5) == pytest.approx(1e-5, rel=0.2)
    assert floor.smallest(lambda error: False) is None
    assert floor.smallest(lambda error: True) == 0


def test_floors_and_their_plot(tmp_path):
    gauges = [floor.Gauge(CROSSCHECK, "torch", 10), floor.Gauge("gradcheck", "torch", 10)]
    ours, theirs = list(floor.floors(gauges))
    assert ours.error < 1e-13
    assert 1e-6 < theirs.error < 1e-1
    floor.plot([ours, theirs], tmp_path / "floor.png")
    assert (tmp_path / "floor.png").read_bytes().startswith(b"\x89PNG")


def test_processes_do_the_same_work():
    assert sorted(everywhere(len, [[1], [], [1, 2]], jobs=2)) == [0, 1, 2]


def test_a_framework_that_is_not_installed_costs_no_result(monkeypatch):
    right = Distribution.from_name

    def from_name(name):
        if name == "jax":
            raise PackageNotFoundError(name)
        return right(name)

    monkeypatch.setattr(Distribution, "from_name", from_name)
    for document in (as_dict(Audit(), ""), record([], {})):
        assert document["versions"]["jax"] == "not installed"
        assert document["versions"]["torch"] != "not installed"
