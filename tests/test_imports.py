"""Importing one package never drags in the other's framework, and changes nothing for its host.

Each question is asked in a fresh process, since this one has long imported both frameworks.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

JAX, TORCH = ["jax", "jaxlib"], ["torch"]
FORBIDDEN = {
    "jaxlayers": TORCH,
    "torchlayers": JAX,
    "crosscheck": JAX + TORCH,
    "crosscheck.pytest_plugin": JAX + TORCH,
    "crosscheck.cli": JAX + TORCH,
}
# Each package's own framework. JAX itself sets variables on import (TPU_SKIP_MDS_QUERY,
# TF_CPP_MIN_LOG_LEVEL), which is not our doing: the environment is looked at once it is loaded.
FRAMEWORK = {"jaxlayers": "jax", "torchlayers": "torch"}

LOADED = "import {module}, json, sys; print(json.dumps(sorted(sys.modules)))"
ENVIRONMENT = """
import {framework}, json, os
before = dict(os.environ)
import {module}
print(json.dumps(sorted(dict(os.environ).items() ^ before.items())))
"""
X64 = """
import jax, json
before = jax.config.jax_enable_x64
import {module}
print(json.dumps([before, jax.config.jax_enable_x64]))
"""


def run_fresh(code: str, folder: Path) -> Any:
    """Run code in a new process and return the JSON that it prints last.

    -P and the empty folder keep a source tree in the current directory from standing in for the
    installed packages; modules planted in the folder are found, since it joins the path.
    """
    code = f"import sys; sys.path.append({str(folder)!r})\n{code}"
    command = [sys.executable, "-P", "-W", "error", "-c", code]
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout.splitlines()[-1])


def dragged_in(module: str, forbidden: list[str], folder: Path) -> list[str]:
    """The forbidden packages that are loaded once the module is."""
    loaded = run_fresh(LOADED.format(module=module), folder)
    assert module in loaded
    return [name for name in forbidden if name in loaded]


def changed_variables(module: str, folder: Path) -> list[list[str]]:
    """The environment variables that importing the module adds, changes or removes."""
    framework = FRAMEWORK.get(module, "sys")
    return run_fresh(ENVIRONMENT.format(framework=framework, module=module), folder)


@pytest.mark.parametrize("module", FORBIDDEN)
def test_import_is_isolated(module: str, tmp_path: Path) -> None:
    assert dragged_in(module, FORBIDDEN[module], tmp_path) == []


@pytest.mark.parametrize("framework", ["jax", "torch"])
def test_isolation_check_can_fail(framework: str, tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("import planted_helper\n")
    (tmp_path / "planted_helper.py").write_text(f"import {framework}\n")
    assert dragged_in("planted", [framework], tmp_path) == [framework]


@pytest.mark.parametrize("module", FORBIDDEN)
def test_import_leaves_the_environment_alone(module: str, tmp_path: Path) -> None:
    assert changed_variables(module, tmp_path) == []


def test_environment_check_can_fail(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text("import os\nos.environ['PLANTED'] = 'yes'\n")
    assert changed_variables("planted", tmp_path) == [["PLANTED", "yes"]]


@pytest.mark.parametrize("x64", [False, True])
@pytest.mark.parametrize("module", FORBIDDEN)
def test_import_leaves_x64_alone(
    module: str, x64: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAX_ENABLE_X64", str(int(x64)))
    assert run_fresh(X64.format(module=module), tmp_path) == [x64, x64]


def test_x64_check_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JAX_ENABLE_X64", "0")
    planted = "import jax\njax.config.update('jax_enable_x64', True)\n"
    (tmp_path / "planted.py").write_text(planted)
    assert run_fresh(X64.format(module="planted"), tmp_path) == [False, True]
