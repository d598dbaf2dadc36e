"""`crosscheck bench lean`: what is kept, peaks, exponents."""

import json
import sys
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
import pytest
import torch

from crosscheck.bench.lean import command, in_jax, in_torch
from crosscheck.bench.lean.growth import exponent
from crosscheck.bench.lean.measure import Row
from crosscheck.bench.lean.passes import BACKWARD, FORWARD, PASSES, PRODUCT
from crosscheck.bench.lean.subjects import NARROW, OURS, SUBJECTS
from crosscheck.errors import UsageError
from crosscheck.report import text


def test_exponent_of_a_power():
    assert exponent({2: 12.0, 4: 48.0, 8: 192.0}) == pytest.approx(2)
    assert np.isnan(exponent({2: 1.0, 4: 0.0}))


@pytest.mark.parametrize("backend", ["jax", "torch"])
@pytest.mark.parametrize("name", SUBJECTS)
def test_every_subject_has_both_forms_and_they_agree(name, backend):
    subject = SUBJECTS[name]
    forms, arrays = subject.forms(backend), subject.draw(8)
    if backend == "torch" and ", 8 " in name:
        assert not forms  # stacks are about what XLA makes of them
        return
    given = [{"jax": jnp.asarray, "torch": torch.tensor}[backend](a) for a in arrays]
    said = {form: np.asarray(layer(*given)) for form, layer in forms.items()}
    assert {OURS, "built-in"} <= set(said)
    for form in said:
        np.testing.assert_allclose(said[form], said[OURS], rtol=1e-4, atol=1e-5)


def test_peaks_of_a_process_of_its_own():
    size = 1024
    peaks = in_torch.peaks(SUBJECTS["swiglu"], OURS, size)
    assert set(peaks) == set(PASSES)
    output = 4 * size * 1024
    assert output * 0.9 < peaks[FORWARD] < 4 * output
    assert peaks[BACKWARD] > 2 * output  # the gradients


def test_fused_attention_has_no_second_derivative(capsys):
    subject = SUBJECTS["attention"]
    forms, arrays = subject.forms("torch"), subject.draw(8)
    for form in (OURS, "built-in, unfused"):
        in_torch.calls(forms[form], arrays)[PRODUCT]()
    with pytest.raises(RuntimeError, match="derivative"):
        in_torch.calls(forms["built-in"], arrays)[PRODUCT]()
    seen = {FORWARD: 2**20, BACKWARD: 2**20}
    text.console().print(command.table([Row("attention", "torch", "built-in", 8, 0, seen, seen)]))
    assert "raises" in capsys.readouterr().out


def test_attention_keeps_its_inputs_alone():
    forms, arrays = SUBJECTS["attention"].forms("torch"), SUBJECTS["attention"].draw(8)
    kept = {form: in_torch.kept(layer, arrays) for form, layer in forms.items()}
    assert kept[OURS] == 0 < kept["built-in"] < kept["built-in, unfused"]


@pytest.mark.parametrize("name", [name for name in SUBJECTS if ", 8 " in name])
def test_stacks_keep_what_layers_made_and_no_matrices(name):
    forms, arrays = SUBJECTS[name].forms("jax"), SUBJECTS[name].draw(8)
    kept = {form: in_jax.kept(layer, arrays) for form, layer in forms.items()}
    assert kept[OURS] < kept["built-in"] < 2 * 4 * NARROW**2  # bytes of two matrices, not of eight
    if name == "softmax, 8 unrolled":
        assert kept[OURS] == 8 * arrays[0].nbytes  # the output of each


def test_figures_are_kept(tmp_path, capsys):
    file = tmp_path / "lean.json"
    asked = ["softmax", "--backend", "jax", "--sizes", "2", "--repeats", "1", "--json", str(file)]
    assert command.main(asked) == 0
    kept = json.loads(file.read_text())
    assert {row["form"] for row in kept["rows"]} == {"ours", "built-in"}
    ours = [row for row in kept["rows"] if row["form"] == OURS]
    assert [row["kept"] for row in ours] == [4 * row["size"] * 1024 for row in ours]
    assert kept["growth"][0][BACKWARD] == pytest.approx(1, abs=0.1)
    assert "softmax" in capsys.readouterr().out


@pytest.mark.parametrize(
    "asked", [["nothing"], ["--backend", "x"], ["--sizes", "0"], ["--backend", ","]]
)
def test_nonsense_is_refused(asked, capsys):
    assert command.main(asked) == 2
    assert capsys.readouterr().err.startswith("crosscheck.bench: ")


def test_a_process_that_dies_is_one_sentence(monkeypatch):
    dead = in_torch.subprocess.CompletedProcess([], -9, "", "")
    monkeypatch.setattr(in_torch.subprocess, "run", lambda *_, **__: dead)
    with pytest.raises(UsageError, match="it ended with -9: killed, or out of memory"):
        in_torch.peaks(SUBJECTS["swiglu"], OURS, 10)


ATTENTION = ["attention", "--backend", "torch", "--sizes", "1", "--repeats", "1"]


@pytest.fixture
def small(monkeypatch):
    """Eight places of attention, and no process to tell peaks."""
    subject = replace(SUBJECTS["attention"], sizes=(8,))
    monkeypatch.setitem(SUBJECTS, "attention", subject)
    monkeypatch.setattr(in_torch, "peaks", lambda *_: dict.fromkeys(PASSES, 2**20))
    return subject


def times(form, rows):
    (row,) = (row for row in rows if row["form"] == form)
    return row["times"]


def test_only_what_is_built_in_may_raise(small, tmp_path, capsys):
    file = tmp_path / "lean.json"
    assert command.main([*ATTENTION, "--json", str(file)]) == 0
    rows = json.loads(file.read_text())["rows"]
    assert set(times("built-in", rows)) == {FORWARD, BACKWARD}  # the fused form
    assert set(times("built-in, unfused", rows)) == set(PASSES)
    assert "failed" not in capsys.readouterr().out


def test_ours_that_raises_is_a_failure(small, monkeypatch, tmp_path, capsys):
    forms = small.forms("torch")
    swapped = {OURS: forms["built-in"], "built-in": forms["built-in, unfused"]}
    monkeypatch.setattr(type(small), "forms", lambda *_: swapped)
    file = tmp_path / "lean.json"
    assert command.main([*ATTENTION, "--json", str(file)]) == 1
    rows = json.loads(file.read_text())["rows"]
    assert set(times("built-in", rows)) == {FORWARD, BACKWARD}
    said = capsys.readouterr()
    assert "failed" in said.out
    assert "attention, torch, built-in, 8 places: time: Hessian-vector product: Runt" in said.err


def test_a_peak_that_nobody_tells_takes_no_other_figure_with_it(small, monkeypatch, capsys):
    def peaks(subject, form, size):
        if form == OURS:
            raise UsageError("the process died")
        return dict.fromkeys(PASSES, 2**20)

    monkeypatch.setattr(in_torch, "peaks", peaks)
    assert command.main(ATTENTION) == 1
    said = capsys.readouterr()
    assert said.out.count("failed") == len(PASSES)
    assert "built-in, unfused" in said.out
    assert said.err.count("\n") == 1
    assert "attention, torch, ours, 8 places: " in said.err
    assert "the process died" in said.err


def test_a_missing_framework_is_said_before_the_work(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "crosscheck.backends.torch", None)
    monkeypatch.setattr(command, "rows", lambda *_: pytest.fail("something was measured"))
    assert command.main(["softmax"]) == 2
    assert "torch is needed and cannot be imported" in capsys.readouterr().err
