"""Several processes: what one finds, in the same order; what was finished is kept."""

import json
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest
import torch

from crosscheck import check, jobs, real
from crosscheck.cli import main
from crosscheck.errors import MissingFramework
from crosscheck.options import Options
from crosscheck.run import plan
from crosscheck.targets import resolve
from crosscheck.task import Outcome

TWINS = """
    import numpy as np
    from crosscheck import Twin, real

    def square(x, scale=1.0, by=None):
        return scale * x * x

    def undecided(x):
        return np.where(np.cos(x) ** 2 + np.sin(x) ** 2 > 1, x, 2 * x)

    common = {"inputs": {"x": real("n")}, "settings": [{}, {"scale": 2.0, "by": lambda: 3}]}
    right = Twin("right", torch=lambda x, **s: square(x, **s), definition=square, **common)
    wrong = Twin("wrong", torch=lambda x, **s: 1.001 * square(x, **s), definition=square, **common)
    refused = Twin("refused", torch=lambda x: x, definition=undecided, inputs={"x": real("n")})
    last = Twin("last", torch=lambda x: 1.001 * x, definition=lambda x: x, inputs={"x": real("n")})
"""
FAST = ["--question", "value,vjp"]


@pytest.fixture
def twins(tmp_path, monkeypatch):
    """The path of a file with these twins, in the working folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "jobs_twins", raising=False)
    (tmp_path / "jobs_twins.py").write_text(dedent(TWINS))
    return "jobs_twins.py"


def told(command, tmp_path, capsys):
    """Exit status, the report but for its seconds, and what was printed to stderr."""
    file = tmp_path / "report.json"
    status = main([*command, "--json", str(file)])
    report = json.loads(file.read_text())
    assert set(report.pop("seconds")) == {"compile", "ask", "truth", "judge"}
    for verdict in report["verdicts"]:
        verdict["settings"].pop("by", None)  # an address
    return status, report, capsys.readouterr().err


ASKED = {
    "the catalog's layers": ["relu", "mse", "--dtype", "float32", "--question", "value,hessian"],
    "a module": ["jobs_twins", *FAST],
    "the first failure in a file": ["jobs_twins.py", *FAST, "--first-failure"],
    "one case of one twin": [
        "jobs_twins.py:wrong",
        *FAST,
        "--case",
        "ordinary-3",
        "--seed",
        "3",
        "--variant",
        "autograd",
    ],
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_two_processes_find_what_one_finds(asked, twins, tmp_path, capsys):
    one, two = (told(["run", *asked, "-j", n], tmp_path, capsys) for n in ("1", "2"))
    assert one[1]["verdicts"]
    assert one == two
    assert one[2].count("refused: ") <= 1  # once a twin, not once a case


HERE = """
    import os, torch
    from crosscheck import Twin, real

    def there(x):
        with open("pids", "a") as file:
            file.write(f"{os.getpid()}\\n")
        return x * torch.get_num_threads()

    there = Twin("there", torch=there, definition=lambda x: x, inputs={"x": real("n")})
"""


@pytest.mark.parametrize("n", [1, 2])
def test_each_process_has_one_thread(n, twins, tmp_path, capsys):
    (tmp_path / "jobs_here.py").write_text(dedent(HERE))
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        assert main(["run", "jobs_here.py", *FAST, "-j", str(n)]) == 0
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
    pids = {int(pid) for pid in (tmp_path / "pids").read_text().split()}
    assert (pids == {os.getpid()}) == (n == 1)
    assert len(pids) == n
    capsys.readouterr()


def test_a_check_has_one_thread():
    def there(x):
        return x * torch.get_num_threads()

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        fields = {"definition": lambda x: x, "inputs": {"x": real("n")}}
        assert check(torch=there, **fields, questions=["value"], dtypes=["float32"]).ok
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


INTERRUPTED = """
    import signal
    from crosscheck import Twin, real

    def interrupted(x):
        signal.raise_signal(signal.SIGINT)
        return x

    twin = Twin("it", torch=interrupted, definition=lambda x: x, inputs={"x": real("n")})
"""


def test_only_the_first_process_heeds_an_interruption(twins, tmp_path, capsys):
    (tmp_path / "jobs_interrupted.py").write_text(dedent(INTERRUPTED))
    assert main(["run", "jobs_interrupted.py", *FAST, "-j", "2"]) == 0
    assert main(["run", "jobs_interrupted.py", *FAST, "-j", "1"]) == 130
    capsys.readouterr()


def test_a_chunk_is_a_twin_a_type_and_a_setting(twins):
    tasks = plan(resolve([twins]), Options())
    together = jobs.chunks(tasks)
    assert sorted(place for places in together for place in places) == list(range(len(tasks)))
    kinds = [
        {(tasks[p].twin.name, tasks[p].case.precision.name, tasks[p].case.settings.get("scale"))
         for p in places}
        for places in together
    ]  # fmt: skip
    assert [len(kind) for kind in kinds] == [1] * 24


def test_few_tasks_stay_in_one_process(twins, monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 3)
    few, many = (plan(resolve(named), Options()) for named in ([twins], []))
    assert len(few) == 144
    assert jobs.sensible(few[: jobs.FEW], Options()) == 1
    assert jobs.sensible(many, Options()) == 3
    assert jobs.sensible(many, Options(device="gpu")) == 1
    assert jobs.sensible(few[:2], Options(), asked=8) == 1


def test_no_processes_at_all_is_2(twins, capsys):
    assert main(["run", twins, "-j", "0"]) == 2
    assert "from 1 on, got 0" in capsys.readouterr().err


def test_the_first_failure_waits_for_what_comes_before_it():
    class Bad(Outcome):
        ok = False

        def until_failure(self):
            return self

    assert jobs.up_to_failure({0: Outcome(), 1: Outcome()}) is None
    assert jobs.up_to_failure({0: Outcome(), 2: Bad()}) is None
    assert set(jobs.up_to_failure({0: Outcome(), 1: Bad(), 2: Bad(), 3: Outcome()})) == {0, 1}


SLOW = """
    import os, time
    from crosscheck import Twin, real

    def fast(x):
        return x * x

    def slow(x):
        with open("log", "a") as file:
            file.write(f"{os.getpid()}\\n")
        time.sleep(60)
        return x

    fast = Twin("fast", torch=lambda x: x * x, definition=fast, inputs={"x": real("n")})
    slow = Twin("slow", torch=lambda x: x, definition=slow, inputs={"x": real("n")})
"""


def started(*more):
    """A run in two processes, which both come to stand in the slow twin."""
    Path("slow_twins.py").write_text(dedent(SLOW))
    command = [sys.executable, "-m", "crosscheck", "run", "slow_twins.py", "-j", "2", *FAST, *more]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes, start_new_session=True)


def in_the_slow_twin(process, log):
    """The ids of the two, once they are there."""
    while not log.exists() or len(log.read_text().split()) < 2:
        assert process.poll() is None
        time.sleep(0.02)
    return [int(pid) for pid in log.read_text().split()]


def stop(process, worker, sent):
    """Ctrl-C reaches the whole group; SIGKILL is for a worker, as when memory runs out."""
    if sent == signal.SIGINT:
        os.killpg(process.pid, sent)
    else:
        os.kill(worker if sent == signal.SIGKILL else process.pid, sent)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_was_finished_is_kept(twins, tmp_path, sent):
    log, file = tmp_path / "log", tmp_path / "report.json"
    with started("--json", str(file)) as process:
        workers = in_the_slow_twin(process, log)
        stop(process, workers[0], sent)
        out, err = process.communicate(timeout=60)
    report = json.loads(file.read_text())
    assert process.returncode == 130
    assert not report["complete"]
    assert {v["layer"] for v in report["verdicts"]} == {"fast"}
    assert "INTERRUPTED" in out
    assert err == "" or sent == signal.SIGKILL
    assert ("a worker process died (SIGKILL(-9)" in err) == (sent == signal.SIGKILL)
    assert err.count("\n") <= 1


def test_none_outlives_the_first_process(twins, tmp_path):
    with started() as process:
        workers = in_the_slow_twin(process, tmp_path / "log")
        process.kill()
        process.wait()
        deadline = time.monotonic() + 30  # they sleep for longer
        while any(map(alive, workers)):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_missing_framework_is_said_by_a_process_too():
    """What a process raises is pickled; else its end would be taken for a crash."""
    error = MissingFramework("jax", "No module named 'jax'")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert "jax is needed and cannot be imported (No module named 'jax')" in str(error)
