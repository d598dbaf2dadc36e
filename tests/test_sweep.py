"""Sweeps: planted faults at single numbers are found, units match, interruptions are resumed."""

import json
import os
import signal
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from crosscheck import cli
from crosscheck.catalog import catalog, layer
from crosscheck.errors import UsageError
from crosscheck.native import BUILT_IN, built_in
from crosscheck.sweep import command, values
from crosscheck.sweep.kept import Kept
from crosscheck.sweep.part import Part, tried
from crosscheck.sweep.subject import subjects
from crosscheck.sweep.tally import FAULTS

ALL = (0, 1, 2)
PLANTED = """
import numpy as np
import torch
from crosscheck import Twin, real

def planted(x):
    y = x.sigmoid()
    if x.dtype is torch.float64:
        return y
    return torch.where(x == 1.5, {said}, y)

twin = Twin("planted", torch=planted, definition=lambda x: 1 / (1 + np.exp(-x)),
            inputs={{"x": real()}}, limits={{np.inf: 1.0, -np.inf: 0.0, np.nan: np.nan}})
"""
SIGMOID = 0.8175744761936437  # at 1.5
COLUMNS = {"layer", "native", "settings", "dtype", "backend", "source", "order", "budget", "ok",
           "confirmed", "values", "roundings", "ulp", "flushed", "faults"}  # fmt: skip
SAYS = {  # in float16 at 1.5, where the unit is u (y + 1.5 y') + η
    "right": ("y", ""),
    "zero": ("0 * y", "false zeros"),
    "NaN": ("torch.nan * y", "false NaNs"),
    "sign": ("-y", "wrong signs"),
    "ten roundings": ("y + 10 * 2.0**-11 * (y + 1.5 * y * (1 - y))", ""),
}


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def swept(tmp_path, *argv):
    """Exit status and document of a sweep."""
    path = tmp_path / "sweep.json"
    status = cli.main(["sweep", *argv, "--json", str(path)])
    return status, json.loads(path.read_text())


def planted(tmp_path, said):
    path = tmp_path / "planted.py"
    path.write_text(PLANTED.format(said=said))
    return swept(tmp_path, str(path), "--dtype", "float16", "--order", "0")


@pytest.mark.parametrize("kind", SAYS)
def test_a_fault_at_one_number_is_found(kind, tmp_path, capsys):
    said, name = SAYS[kind]
    status, document = planted(tmp_path, said)
    (row,) = document["rows"]
    assert row["values"] == 65536
    assert status == (0 if kind == "right" else 1)
    found = {FAULTS[fault]: f["at"] for fault, f in row["faults"].items() if f["count"]}
    assert found.get(name) == (1.5 if name else None)
    assert (row["roundings"]["at"] == 1.5) == (kind not in ("right", "NaN"))
    assert row["confirmed"] is None or row["confirmed"] == pytest.approx(row["roundings"]["error"])
    assert name in capsys.readouterr().out


def test_ten_roundings_are_ten(tmp_path):
    _, document = planted(tmp_path, SAYS["ten roundings"][0])
    assert document["rows"][0]["roundings"]["error"] == pytest.approx(
        10, abs=1
    )  # y and the sum round


def test_every_number_is_tried_once():
    for dtype in ("float16", "bfloat16"):
        (block,) = values.blocks(dtype, 0)
        assert len({x.tobytes() for x in block[:-1]}) == 65536
    assert values.parts("float32") * values.PART == 2**32
    first = next(values.blocks("float32", 1))
    assert (first.view(np.uint32)[0], len(first)) == (values.PART, values.BLOCK + 1)
    blocks = list(values.blocks("float32", 3))
    assert all(a[-1] == b[0] for a, b in pairwise(blocks))
    assert values.mixed("float32", 5) == values.mixed("float32", 5)
    assert len(set(values.mixed("float32", 4 * values.PART + 1))) == 5
    assert values.mixed("float16", None) == [0]


def test_a_slice_of_float32():
    (subject,) = subjects("sigmoid", "float32", ALL, ("jax", "torch"))
    tallies = tried(Part(subject, 252)).tallies
    for (_, order), tally in tallies.items():
        assert tally.values == values.PART
        assert 0.5 < tally.roundings.error <= (4, 4, 6)[order]
        assert not any(fault.count for fault in tally.faults.values())


def test_built_in_layers_stand_beside_ours(tmp_path):
    status, document = swept(tmp_path, "elu", "--dtype", "bfloat16", "--native", "--order", "1")
    jax = [row for row in document["rows"] if row["backend"] == "jax"]
    assert status == 1
    assert all(row["native"] and row["faults"]["zeros"]["at"] == -6.25 for row in jax)
    status, document = swept(tmp_path, "elu", "--dtype", "bfloat16", "--order", "1")
    assert status == 0


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_layers_exist(name, backend):
    import torch

    one = np.ones(1, np.float32) if backend == "jax" else torch.ones(1)
    assert built_in(name, backend)(one, **layer(name).settings[0]).shape == (1,)


def test_built_in_layers_are_given_our_defaults():
    written = [s.written_out for s in subjects("elu", "float16", ALL, ("jax",), native=True)]
    assert written == [{"alpha": 1.0}, {"alpha": 0.5}, {"alpha": 1.7}]


def test_settings_reach_the_built_in_layers():
    import torch

    x = {"jax": np.float32([-1.0]), "torch": torch.tensor([-1.0])}
    given = {"leaky_relu": {"negative_slope": 0.3}, "elu": {"alpha": 0.5}, "celu": {"alpha": 0.5},
             "softplus": {"beta": 2.0}, "gelu": {"approximate": "tanh"}}  # fmt: skip
    for name, settings in given.items():
        said = [np.asarray(built_in(name, b)(x[b], **settings)).item() for b in x]
        plain = [np.asarray(built_in(name, b)(x[b])).item() for b in x]
        assert said[0] == pytest.approx(said[1], rel=1e-5)
        assert said[0] != pytest.approx(plain[0], rel=1e-5)


def test_an_interrupted_sweep_is_resumed(monkeypatch, tmp_path, capsys):
    asked = ("elu", "--dtype", "float16", "--order", "0")
    calls = []

    def interrupted(part):
        if calls:
            os.kill(os.getpid(), signal.SIGINT)
        calls.append(part)
        return tried(part)

    monkeypatch.setattr(command, "tried", interrupted)
    status, document = swept(tmp_path, *asked)
    assert (status, document["complete"], document["parts"]["finished"]) == (130, False, 1)
    assert "INTERRUPTED" in capsys.readouterr().out
    monkeypatch.setattr(command, "tried", lambda part: calls.append(part) or tried(part))
    status, document = swept(tmp_path, *asked)
    assert (status, document["complete"], document["parts"]["resumed"]) == (0, True, 1)
    assert document["values"] == 3 * 65536
    assert [part.subject.setting for part in calls] == [0, 1, 2]
    status, document = swept(tmp_path, *asked)  # an ended one leaves nothing behind
    assert document["parts"]["resumed"] == 0


def test_what_is_finished_is_kept_until_it_is_written(monkeypatch, tmp_path, capsys):
    def full(*_):
        raise UsageError("no room")

    asked = ("relu", "--dtype", "float16", "--order", "0", "--backend", "torch")
    with monkeypatch.context() as on_a_full_disk:
        on_a_full_disk.setattr("crosscheck.report.files.write", full)
        assert cli.main(["sweep", *asked, "--json", str(tmp_path / "s.json")]) == 2
    said = capsys.readouterr()
    assert ("relu" in said.out, said.err.splitlines()[-1]) == (True, "crosscheck: no room")
    assert swept(tmp_path, *asked)[1]["parts"]["resumed"] == 1


def test_what_is_kept_comes_back_whole():
    (subject,) = subjects("sigmoid", "float16", ALL, ("torch",))
    kept, result = Kept([subject], [0]), tried(Part(subject, 0))
    assert list(kept.results()) == []
    kept.add(result)
    with kept.path.open("a") as file:
        file.write('{"subject": 0, "par')  # an interrupted line
    assert list(Kept([subject], [0]).results()) == [result]
    kept.clear()
    assert list(kept.results()) == []


def test_what_is_kept_of_other_code_is_not_read(tmp_path):
    path = tmp_path / "planted.py"
    before = {}
    for said in ("y", "0 * y"):
        path.write_text(PLANTED.format(said=said))
        (subject,) = subjects(str(path), "float16", (0,), ("torch",))
        before[said] = Kept([subject], [0]).path
    other = Kept(subjects(str(path), "float16", (1,), ("torch",)), [0]).path
    assert len({*before.values(), other}) == 3


def test_what_is_kept_of_another_module_beside_it_is_not_read(tmp_path):
    twin, helper = tmp_path / "with_helper.py", tmp_path / "helper_of_a_layer.py"
    planted = PLANTED.format(said="rule(y)")
    twin.write_text("from helper_of_a_layer import rule\n" + planted)
    paths = set()
    for rule in ("y", "0 * y"):
        helper.write_text(f"def rule(y):\n    return {rule}\n")
        paths.add(Kept(subjects(str(twin), "float16", (0,), ("torch",)), [0]).path)
    assert len(paths) == 2


def test_a_sample_has_a_file_of_its_own():
    some = subjects("relu", "float32", (0,), ("torch",))
    asked = [values.mixed("float32", number) for number in (None, values.PART, values.PART + 1)]
    assert [len(numbers) for numbers in asked] == [1024, 1, 2]
    assert len({Kept(some, numbers).path for numbers in asked}) == 3


def test_processes_say_the_same(tmp_path):
    asked = ("sigmoid", "--dtype", "bfloat16", "--backend", "torch")
    rows = [swept(tmp_path, *asked, "-j", jobs)[1]["rows"] for jobs in ("1", "2")]
    assert rows[0] == rows[1]


def test_the_json_is_versioned_and_complete(tmp_path):
    status, document = swept(tmp_path, "relu", "--dtype", "float16")
    assert (status, document["schema"], document["ok"], document["complete"]) == (0, 1, True, True)
    assert document["command"].startswith("crosscheck sweep relu --dtype float16")
    assert set(document["seconds"]) == {"layers", "authority", "judge", "all"}
    assert document["parts"] == {"finished": 1, "resumed": 0, "asked": 1, "of": 1}
    assert len(document["rows"]) == 6
    for row in document["rows"]:
        assert set(row) == COLUMNS
        assert set(row["faults"]) == set(FAULTS)
    (authority,) = document["authority"]
    assert (authority["backend"], authority["ok"]) == ("jax", True)


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["relu", "--dtype", "float64"], "float64, which has 2^64"),
        (["relu", "--dtype", "float31"], "did you mean float32"),
        (["rellu"], "did you mean relu"),
        (["linear"], "expected an elementwise layer"),
        (["relu", "--order", "3"], "unknown order '3'; choose from: 0, 1, 2"),
        (["relu", "--order", ""], "expected at least one order"),
        (["relu", "--backend", "tensorflow"], "unknown backend"),
        (["relu", "-j", "0"], "expected -j as a whole number from 1 on, got 0"),
        (["relu", "--sample", "0"], "expected --sample as a whole number"),
        (["relu", "--json", "/nowhere/a.json"], "expected a file in an existing folder"),
        (["bessel_j0", "--native", "--dtype", "float16"], "that jax has built in, got bessel_j0"),
        (["bessel_j0", "--dtype", "float16"], "ask for less: --order 0,1"),
    ],
)
def test_what_cannot_be_asked_is_said(argv, sentence, capsys):
    assert cli.main(["sweep", *argv]) == 2
    assert sentence in capsys.readouterr().err


def test_one_layer_at_a_time_of_a_framework_that_has_it(tmp_path, capsys):
    path = tmp_path / "planted.py"
    twin = PLANTED.format(said="y")
    path.write_text(twin + "\nother = Twin('other', torch=planted, inputs={'x': real()})\n")
    assert cli.main(["sweep", str(path), "--dtype", "float16"]) == 2
    assert "expected one layer" in capsys.readouterr().err
    one = [f"{path}:planted", "--dtype", "float16"]
    assert cli.main(["sweep", *one, "--backend", "jax"]) == 2
    assert "expected a framework that has" in capsys.readouterr().err
    assert cli.main(["sweep", *one]) == 1  # the second derivative of sigmoid is not ours here


def test_numbers_beyond_the_bounds_are_not_judged(tmp_path):
    status, document = swept(tmp_path, "bessel_j0", "--dtype", "float16", "--order", "0,1")
    assert status == 0, document["rows"]


def test_every_setting_of_an_elementwise_layer_is_swept():
    for name in (name for name, twin in catalog().items() if twin.is_elementwise):
        found = subjects(name, "float16", ALL, ("jax", "torch"))
        assert [subject.settings for subject in found] == list(layer(name).settings)


def test_no_framework_is_imported_before_it_is_needed():
    code = "import crosscheck.sweep.command, sys; print({'jax', 'torch'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "set()"
