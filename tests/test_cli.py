"""The command line: exit codes, messages, the JSON, reproduction, interruption."""

import json
import signal
import subprocess
import sys
import time

import pytest

from conftest import missing_gpu
from crosscheck import latest
from crosscheck.catalog import catalog
from crosscheck.cli import main
from crosscheck.report import Report
from crosscheck.targets import resolve

RIGHT = """
    import numpy as np
    from crosscheck import Twin, real

    def definition(x):
        return x * x

    right = Twin("right", torch=lambda x: x * x, definition=definition, inputs={"x": real("n")})
"""
WRONG = (
    RIGHT
    + """
    wrong = Twin(
        "wrong", torch=lambda x: x * x * 1.001, definition=definition, inputs={"x": real("n")}
    )
"""
)
FAST = ["--question", "value", "--dtype", "float32"]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def twins(tmp_path):
    """Writes a file of twins and returns its path."""

    def write(text, name="my_twins.py"):
        lines = [line.removeprefix("    ") for line in text.splitlines()]
        (tmp_path / name).write_text("\n".join(lines))
        return str(tmp_path / name)

    return write


def test_all_within_budget_is_0(twins, capsys):
    assert main(["run", twins(RIGHT), *FAST]) == 0
    assert "0 failed, 0 blind" in capsys.readouterr().out


def test_a_mismatch_is_1_and_names_the_culprit(twins, capsys):
    assert main(["run", twins(WRONG), *FAST]) == 1
    out = capsys.readouterr().out
    assert "✗ wrong-value-float32" in out
    assert "culprit torch" in out
    assert "✗ right" not in out


USAGE = {
    "unknown layer": (["run", "sigmod"], "unknown layer 'sigmod'; did you mean sigmoid"),
    "unknown layer to show": (["show", "rleu"], "did you mean relu"),
    "unknown question": (["run", "elu", "--question", "vpj"], "did you mean"),
    "unknown dtype": (["run", "elu", "--dtype", "float31"], "did you mean float32"),
    "no question": (["run", "elu", "--question", ","], "expected at least one question"),
    "unknown device": (["run", "elu", "--device", "tpu"], "unknown device 'tpu'"),
    "unknown case": (["run", "elu", "--case", "ordinary-99"], "unknown case 'ordinary-99'"),
    "unknown variant": (["run", "elu", "--variant", "eagre"], "did you mean eager"),
    "negative seed": (["run", "elu", "--seed", "-1"], "expected a seed"),
    "no such file": (["run", "nowhere.py"], "expected a file at nowhere.py"),
    "no such folder": (["run", "elu", "--json", "nowhere/r.json"], "existing folder"),
    "module without twins": (["run", "json"], "expected json to define a Twin"),
    "variant of another question": (
        ["run", "elu", "--question", "value", "--variant", "reverse"],
        "unknown variant 'reverse'",
    ),
}


@pytest.mark.parametrize(("arguments", "says"), USAGE.values(), ids=USAGE)
def test_a_usage_error_is_2_in_one_sentence(arguments, says, capsys):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert says in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_an_unknown_option_is_2():
    with pytest.raises(SystemExit, match="2"):
        main(["run", "--nonsense"])


def test_bench_takes_its_own_options(capsys):
    assert main(["bench", "--repeats", "0"]) == 2
    assert "at least 1 repeat" in capsys.readouterr().err


def test_no_gpu_is_2(capsys):
    if not missing_gpu("torch"):
        pytest.skip("there is a GPU")
    assert main(["run", "relu", "--device", "gpu"]) == 2
    assert "no GPU that" in capsys.readouterr().err


def test_a_missing_framework_is_2_with_the_command(twins, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.delitem(sys.modules, "crosscheck.backends.torch", raising=False)
    assert main(["run", twins(RIGHT), *FAST]) == 2
    assert "pip install 'crosscheck-layers[torch]'" in capsys.readouterr().err


def test_a_file_that_raises_is_2(twins, capsys):
    assert main(["run", twins("    1 / 0\n")]) == 2
    assert "ZeroDivisionError" in capsys.readouterr().err


def test_json_is_versioned_and_small(twins, tmp_path, capsys):
    file = tmp_path / "report.json"
    assert main(["run", twins(WRONG), "--dtype", "float32", "--json", str(file)]) == 1
    report = json.loads(file.read_text())
    assert (report["schema"], report["ok"], report["complete"]) == (1, False, True)
    assert "torch" in report["environment"]
    fields = "layer case kind question variant dtype device standard errors disagreement budget"
    fields += " floor ok culprit worst_index values repro"
    assert all(set(fields.split()) <= set(verdict) for verdict in report["verdicts"])
    assert {v["culprit"] for v in report["verdicts"]} == {"none", "torch"}
    assert len(file.read_bytes()) < 2000 * len(report["verdicts"]) + 2000
    capsys.readouterr()


def test_a_failure_is_reproduced_by_its_command(twins, tmp_path, capsys):
    file = tmp_path / "report.json"
    main(["run", twins(WRONG), "--json", str(file)])
    failures = [v for v in json.loads(file.read_text())["verdicts"] if not v["ok"]]
    command = failures[-1]["repro"].split()
    assert command[0] == "crosscheck"
    assert main([*command[1:], "--json", str(file)]) == 1
    assert json.loads(file.read_text())["verdicts"] == [failures[-1]]
    capsys.readouterr()


def test_first_failure_stops(twins, tmp_path, capsys):
    file = tmp_path / "report.json"
    assert main(["run", twins(WRONG), "--first-failure", "--json", str(file)]) == 1
    verdicts = json.loads(file.read_text())["verdicts"]
    assert [v["ok"] for v in verdicts] == [True] * (len(verdicts) - 1) + [False]
    capsys.readouterr()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_it_finished(twins, tmp_path, sent):
    log, file = tmp_path / "log", tmp_path / "report.json"
    slow = f"open({str(log)!r}, 'a').write('.'); import time; time.sleep(0.05); return x * x"
    target = twins(RIGHT.replace("return x * x", slow))
    command = [sys.executable, "-m", "crosscheck", "run", target, "--json", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while not log.exists() or len(log.read_text()) < 60:  # in the second case
            time.sleep(0.02)
        process.send_signal(sent)
        out, _ = process.communicate()
    report = json.loads(file.read_text())
    assert process.returncode == 130
    assert not report["complete"]
    assert not report["ok"]
    assert report["verdicts"]
    assert "INTERRUPTED" in out


@pytest.mark.parametrize("says", ["1 / 0", "def", "raise SystemExit(3)", "import nowhere"])
def test_a_package_that_raises_is_2(says, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "raising_package"
    package.mkdir()
    (package / "__init__.py").write_text(says)
    for target in ("raising_package", "raising_package.twins:square"):
        assert main(["run", target]) == 2
        assert "importing raising_package raised" in capsys.readouterr().err


def test_a_twin_whose_name_has_a_colon(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "colons.py").write_text(
        "from crosscheck import Twin, real\n"
        "twin = Twin('dense:v2.py', torch=abs, definition=abs, inputs={'x': real()})\n"
    )
    [(target, twin)] = resolve(["colons.py"])
    assert resolve([target])[0][1].name == twin.name == "dense:v2.py"


def test_the_colon_of_a_drive_picks_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.py").write_text("")  # a module of that name
    for target in ("c:\\my.py", "c:\\my.py:square"):
        assert main(["run", target]) == 2
        assert "expected a file at c:\\my.py" in capsys.readouterr().err


def test_modules_and_single_twins_are_targets(twins, monkeypatch, tmp_path):
    path = twins(WRONG, "some_twins.py")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [twin.name for _, twin in resolve(["some_twins"])] == ["right", "wrong"]
    assert [name for name, _ in resolve([f"{path}:wrong"])] == [f"{path}:wrong"]


def test_list_names_every_layer(tmp_path, capsys):
    file = tmp_path / "list.json"
    assert main(["list", "--json", str(file)]) == 0
    layers = {entry["name"]: entry for entry in json.loads(file.read_text())["layers"]}
    assert layers["elu"]["family"] == "activations"
    assert set(layers["linear"]["inputs"]) == {"x", "w", "b"}
    assert set(layers) == set(catalog())
    assert "relu_residual" in capsys.readouterr().out


def test_show_prints_the_derivation_and_the_latest_errors(capsys):
    main(["show", "relu"])
    assert "none yet; crosscheck run relu" in capsys.readouterr().out
    main(["run", "relu", "--question", "value,jvp", "--dtype", "float32"])
    main(["show", "relu"])
    out = capsys.readouterr().out
    assert "def definition(x" in out
    assert "slope 0" in out
    assert "value float32: jax 0.0, torch 0.0" in out
    assert "jvp float32: jax 0.0, torch 0.0" in out


@pytest.mark.parametrize("only", [["--case", "ordinary-0"], ["--variant", "reverse"]])
def test_a_reproduced_case_leaves_the_latest_errors(only, capsys):
    latest.save(Report(()), ["relu"])
    before = latest.load("relu")
    assert main(["run", "relu", "--question", "jacobian", "--dtype", "float32", *only]) == 0
    assert latest.load("relu") == before


def test_doctor_names_what_is_missing(capsys, monkeypatch):
    main(["doctor"])
    assert "fp32_precision: ieee" in capsys.readouterr().out
    monkeypatch.setitem(sys.modules, "jax", None)
    monkeypatch.delitem(sys.modules, "crosscheck.backends.jax", raising=False)
    assert main(["doctor"]) == 1
    assert "pip install 'crosscheck-layers[jax]'" in capsys.readouterr().out
