"""Shrinking: minimal cases, bounded and deterministic, and scripts that run as pasted."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from crosscheck import Twin, UsageError, check, integer, key, real
from crosscheck.audit.side_torch import torch_rule
from crosscheck.cli import main
from crosscheck.precision import PRECISIONS
from crosscheck.report.script.dialect import values
from crosscheck.report.script.source import Source
from crosscheck.shrink import smallest
from crosscheck.shrink.search import MOST_TRIED
from crosscheck.shrink.simpler import entries, fewest, wholes
from planted_bugs import BUGS
from planted_layers import LAYERS, SIDES, twin

ANY = {"inputs": {"x": real("n d")}}


def wrong_sigmoid(name, side, **fields):
    """A planted bug of the sigmoid, over axes that may be shorter."""
    bug = BUGS[name]
    given = LAYERS[bug.layer] | ANY | fields
    return Twin("sigmoid", **{side: bug.wrong(SIDES[side])}, **given)


def shrunk(planted, question, case="ordinary-0", dtype="float64", nth=0):
    report = check(planted, questions=[question], dtypes=[dtype], case=case)
    return smallest(planted, report.failures[nth])


def tidy(arrays):
    return [np.asarray(a).tolist() for a in arrays]


@pytest.mark.parametrize("side", SIDES)
def test_abs_g_needs_one_element_and_a_negative_cotangent(side):
    found = shrunk(wrong_sigmoid("abs(g)", side), "vjp")
    assert tidy(found.task.case.inputs.values()) == [[[0.0]]]
    assert tidy(found.cotangents) == [[[-1.0]]]
    assert (found.verdict.culprit, found.verdict.values[side]) == (side, 0.25)
    assert found.cause == "|g| in place of g"


def test_clamped_g_needs_a_large_one():
    found = shrunk(wrong_sigmoid("g clamped", "torch"), "vjp")
    assert tidy(found.cotangents) == [[[2.0]]]


def test_a_jvp_needs_one_tangent():
    found = shrunk(wrong_sigmoid("torch jvp doubled", "torch"), "jvp")
    assert tidy(found.task.case.tangents()) == [[[1.0]]]


def test_a_missing_sum_needs_two_rows():
    backward = BUGS["batch averaged"].wrong(SIDES["torch"])
    inputs = {"x": real("n d"), "w": real("d k"), "b": real("k")}
    layer = Twin(
        "linear", torch=backward, **LAYERS[BUGS["batch averaged"].layer] | {"inputs": inputs}
    )
    found = shrunk(layer, "vjp")
    shapes = [x.shape for x in found.task.case.inputs.values()]
    assert shapes == [(2, 1), (1, 1), (1,)]
    assert sorted(np.ravel(found.cotangents)) == [0, 1]


def test_free_axes_vanish():
    found = shrunk(twin(BUGS["wrong at the kink only"].layer, {
        "torch": BUGS["wrong at the kink only"].wrong(SIDES["torch"]), "jax": None,
    }), "vjp", "kink-0")  # fmt: skip
    assert tidy(found.task.case.inputs.values()) == [0.0]


def scaled(x, alpha=1.0, beta=0.0, offset=0.0):
    return x * alpha * (1.001 if alpha == 2 else 1) + beta + offset


def test_settings_that_do_not_matter_are_left_out():
    planted = Twin(
        "scaled", torch=scaled, inputs={"x": real("n")},
        definition=lambda x, alpha=1.0, beta=0.0, offset=0.0: x * alpha + beta + offset,
        settings=[{"beta": 3.0, "alpha": 2.0, "offset": 1.0}],
    )  # fmt: skip
    found = shrunk(planted, "value")
    assert found.task.case.settings == {"alpha": 2.0}
    assert "layer(x, alpha=2.0)" in found.script


def test_inputs_stay_inside_their_bounds():
    planted = Twin(
        "root", definition=lambda x, i: np.sqrt(x[i] + 1),
        torch=lambda x, i: 1.01 * torch.sqrt(x[i.long()] + 1),
        inputs={"x": real("c", low=0.25), "i": integer("n", low=0, high="c")},
    )  # fmt: skip
    case = shrunk(planted, "value").task.case
    assert {name: x.tolist() for name, x in case.inputs.items()} == {"x": [1.0], "i": [0]}


def test_an_edge_stays_an_edge():
    def backward(g, x):
        d = 2 * g * x
        d[3:] = 0
        return (d,)

    planted = Twin("square", torch=torch_rule(lambda x: x * x, backward),
                   definition=lambda x: x * x, inputs={"x": np.arange(1.0, 7)})  # fmt: skip
    assert shrunk(planted, "vjp", "given-0").task.case.inputs["x"].shape == (4,)


def test_infinite_inputs_shrink_with_their_limits():
    planted = Twin(
        "identity", torch=lambda x: torch.where(x == torch.inf, 0, x), definition=lambda x: 1 * x,
        inputs={"x": real()}, limits={-np.inf: -np.inf, np.inf: np.inf, np.nan: np.nan},
    )  # fmt: skip
    assert shrunk(planted, "value", "limits-0").task.case.inputs["x"].tolist() == [np.inf]


def test_without_a_definition_both_sides_are_asked():
    planted = Twin("double", torch=lambda x: x * 2, jax=lambda x: x * 2.001, **ANY)
    report = check(planted, questions=["value"], dtypes=["float32"], case="ordinary-0")
    with pytest.raises(UsageError, match="expected a verdict with a culprit, got 'unknown'"):
        smallest(planted, report.failures[0])


def test_a_verdict_within_its_budget_is_refused():
    right = twin(next(iter(LAYERS)), {"jax": None})
    [*_, verdict] = check(right, questions=["value"], dtypes=["float32"]).verdicts
    with pytest.raises(UsageError, match="shrink a failing one"):
        smallest(right, verdict)


def test_the_search_is_bounded_and_always_the_same():
    planted = Twin(
        "noise", torch=lambda x: x * (1 + 1e-6 * torch.sin(1e3 * x)), definition=lambda x: 1 * x,
        **ANY,
    )  # fmt: skip
    first, second = (shrunk(planted, "value") for _ in range(2))
    assert first.tried <= MOST_TRIED
    assert (first.script, first.tried) == (second.script, second.tried)
    assert first.task.case.size == 1


def test_one_place_of_a_million_is_found_soon():
    tried = []

    def works(places):
        tried.append(len(places))
        return 123_456 in places

    assert fewest(range(10**6), works) == [123_456]
    assert len(tried) < 100


def test_what_was_found_when_enough_was_tried_is_kept(monkeypatch):
    monkeypatch.setattr("crosscheck.shrink.search.MOST_TRIED", 4)
    found = shrunk(wrong_sigmoid("sign", "torch"), "vjp")
    assert found.tried == 4
    assert found.task.case.size == 1
    assert found.task.case.inputs["x"].all()  # the numbers were not reached


@given(st.sets(st.integers(0, 40), min_size=1, max_size=4), st.integers(41, 60))
def test_what_must_stay_is_found_exactly(needed, count):
    kept = fewest(range(count), lambda places: needed <= set(places))
    assert set(kept) == needed


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_simpler_numbers_end(number):
    """Taking the last, least simple offer over and over comes to an end."""
    steps = 0
    while offers := list(entries(None, np.array([number]), 0)):
        number, steps = float(offers[-1][0]), steps + 1
    assert number == 0
    assert steps < 40


def test_keys_and_truths_are_simplified_whole():
    assert next(wholes(key(), np.array([7, 9], np.uint32))).tolist() == [0, 0]
    assert next(wholes(None, np.array([True, False]))).tolist() == [True, True]
    assert list(entries(key(), np.array([7, 9], np.uint32), 0)) == []


@given(st.lists(st.floats(width=32), max_size=3))
def test_numbers_are_written_exactly(numbers):
    written = eval(values(np.array(numbers, np.float32)))
    assert np.array_equal(
        np.array(written, np.float32), np.array(numbers, np.float32), equal_nan=True
    )


def strided_wrong(g, x):
    return (2 * x * g * (1 if g.is_contiguous() else 2),)


def test_memory_and_kind_stay_only_where_they_matter():
    square = {"definition": lambda x: x * x, "inputs": {"x": real("n d")}}
    layer = Twin("square", torch=torch_rule(lambda x: x * x, strided_wrong), **square)
    found = shrunk(layer, "vjp", "strided-0")
    assert "def laid_out(" in found.script
    assert (
        "g = [laid_out(torch.tensor([[0.0, 1.0]], dtype=torch.float64), 'strided')]" in found.script
    )
    assert "laid_out" not in shrunk(wrong_sigmoid("sign", "torch"), "vjp", "strided-0").script


class WrongUnderVmap(torch.autograd.Function):
    @staticmethod
    def forward(x):
        return 1 * x

    @staticmethod
    def setup_context(ctx, inputs, output):
        pass

    @staticmethod
    def vmap(info, dims, x):
        return 3 * x, dims[0]


def test_deep_variants_are_asked_by_their_own_source():
    layer = Twin("under", torch=WrongUnderVmap.apply, definition=lambda x: 1 * x, **ANY)
    asked = {"questions": ["value"], "dtypes": ["float64"], "case": "ordinary-0"}
    failing = check(layer, **asked, variant="vmap", deep=True).failures
    script = smallest(layer, failing[0]).script
    assert "variant vmap; wrong: torch" in script
    assert "torch.func.vmap(" in script


FILE = """
import sys
sys.path.insert(0, {tests!r})
import jax.numpy as jnp
import numpy as np
import torch
from crosscheck import Twin, real
from planted_bugs import BUGS
from planted_layers import JAX, LAYERS, TORCH, embedding, right, sigmoid

def doubled(x, w, np):
    return {{"b": x @ w, "a": (torch.argmax(x), 2 * x * np)}}

def definition(x, w, np_):
    return {{"b": x @ w, "a": (np.argmax(x), 3 * x * np_)}}

vjp = Twin("vjp", jax=right(sigmoid, "jax"), torch=BUGS["abs(g)"].wrong(TORCH), **LAYERS[sigmoid])
hessian = Twin("hessian", jax=BUGS["detached second order"].wrong(JAX),
               torch="torchlayers:sigmoid", **LAYERS[sigmoid])
jacobian = Twin("jacobian", jax=BUGS["repeated rows overwritten"].wrong(JAX),
                torch=right(embedding, "torch"), **LAYERS[embedding])
jvp = Twin("jvp", torch=doubled, definition=definition,
           inputs={{"x": real("n"), "w": real("n k"), "np": real("n")}})
value = Twin("value", jax=lambda x: jnp.array([v + 1e-3 for v in x.tolist()]),
             torch=lambda x: 1 * x, definition=lambda x: 1 * x, inputs={{"x": real("n")}})
"""
WRONG = {"value": "jax", "vjp": "torch", "jvp": "torch", "jacobian": "jax", "hessian": "jax"}
RIGHT = {"value": "torch", "vjp": "jax", "jacobian": "torch", "hessian": "torch"}


def test_scripts_run_as_pasted_and_show_who_is_wrong(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "pasted.py"
    file.write_text(FILE.format(tests=str(Path(__file__).parent)))
    running = {}
    for question in WRONG:
        target = f"{file}:{question}"
        asked = ["--question", question, "--dtype", "float64", "--case", "ordinary-0"]
        assert main(["run", target, *asked]) == 1
        printed = capsys.readouterr().out
        script = printed[printed.index(f"# {question}: {question} in float64") :]
        command = [sys.executable, "-"]
        running[question] = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
        )
        running[question].stdin.write(script)
        running[question].stdin.close()
    for question, process in running.items():
        said = process.stdout.read()
        assert process.wait() == 0, said
        off = dict(_errors(said))
        assert off[WRONG[question]] > 1e-4, said
        assert off.get(RIGHT.get(question), 0.0) < 1e-12, said
        assert set(off) == {WRONG[question], RIGHT.get(question, WRONG[question])}
        process.stdout.close()


def _errors(said):
    """The largest error that each side shows."""
    found = re.findall(r"^(jax|torch) .*\n    off by (\S+)$", said, re.MULTILINE)
    for side in dict(found):
        yield side, max(float(error) for name, error in found if name == side)


def test_scripts_in_every_type():
    for dtype in set(PRECISIONS) - {"float64"}:
        found = shrunk(wrong_sigmoid("sign", "torch"), "vjp", dtype=dtype)
        assert f"dtype=torch.{dtype})" in found.script


def countdown(start):
    return [start, *countdown(start - 1)] if start else []


def twice(countdown):
    def inside(values):
        return np.array(values + values)

    return inside(countdown)


def test_the_source_of_a_function_is_whole(monkeypatch):
    monkeypatch.setattr("crosscheck.report.script.source.OURS", __name__)
    source = Source()
    for function in (countdown, twice, twice):
        source.add(function)
    text = "\n".join([*source.imports, *source.definitions.values()])
    scope = {}
    exec(text, scope)
    assert scope["twice"](scope["countdown"](2)).tolist() == [2, 1, 2, 1]
    assert list(source.imports) == ["import numpy as np"]


def test_layers_without_a_name_are_to_be_pasted():
    found = shrunk(
        Twin("mine", torch=lambda x: 1.1 * x, definition=lambda x: 1 * x, **ANY), "value"
    )
    assert "paste the torch layer of the Twin 'mine' here" in found.script


def test_large_cases_are_not_written_out(monkeypatch):
    wide = {"inputs": {"x": real("70")}}
    found = shrunk(wrong_sigmoid("wrong second derivative", "torch", **wide), "hessian")
    assert found.script.startswith("# 140 entries are too many for a script; crosscheck.check(")
    monkeypatch.setattr("crosscheck.report.script.MOST_ENTRIES", 1)
    assert "too many" in shrunk(wrong_sigmoid("sign", "torch"), "vjp").script


def test_the_command_prints_as_many_as_it_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "tripled.py").write_text(
        "from crosscheck import Twin, real\n"
        "tripled = Twin('tripled', torch=lambda x: 3 * x, definition=lambda x: 2 * x,"
        " inputs={'x': real('n')})\n"
    )
    for more, count in ([], 1), (["--shrink", "0"], 0), (["--shrink", "2"], 2):
        asked = ["--question", "value,vjp", "--dtype", "float32", "--case", "ordinary-0"]
        assert main(["run", str(tmp_path / "tripled.py"), *asked, *more]) == 1
        assert capsys.readouterr().out.count("as a script") == count
