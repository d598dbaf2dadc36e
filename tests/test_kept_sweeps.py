"""The sweeps in sweeps/: every number of float32, and nothing over its budget."""

import json
from pathlib import Path

import numpy as np
import pytest

from crosscheck.atlas.markdown import BEGIN, END
from crosscheck.catalog import layer
from crosscheck.sweep.stamp import stamp
from crosscheck.sweep.subject import subjects

ROOT = Path(__file__).parents[1]
KEPT, README = sorted(ROOT.joinpath("sweeps").glob("*.json")), ROOT / "README.md"
ORDERS = ("y", "y'", "y''")
TANH = {"approximate": "tanh"}
FAULTS = [  # by name: steps against the slope next to the least value, of roundings within budget
    (("gelu", TANH, "torch", 0), {"breaks": 649}),
    (("mish", {}, "jax", 0), {"breaks": 264}),
]
each_file = pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)


def test_some_are_kept():
    assert KEPT


def rows(path):
    return json.loads(path.read_text(encoding="utf-8"))["rows"]


@each_file
def test_every_number_is_within_the_budget(path):
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["complete"]
    assert all(each["ok"] for each in found["authority"])
    for row in found["rows"]:
        assert row["values"] == 2**32
        assert row["roundings"]["error"] <= row["budget"]
        faults = {name: f["count"] for name, f in row["faults"].items() if f["count"]}
        asked = row["layer"], row["settings"], row["backend"], row["order"]
        assert not faults or (asked, faults) in FAULTS


@each_file
def test_all_settings_were_swept_in_both_frameworks(path):
    name = rows(path)[0]["layer"]
    said = {(repr(row["settings"]), row["backend"], row["order"]) for row in rows(path)}
    asked = {(b, order) for _, b, order in said}
    assert asked == {(b, order) for b in ("jax", "torch") for order in (0, 1, 2)}
    assert len(said) == len(asked) * len(layer(name).settings)


def stale(path):
    """The frameworks whose code is another than that which was swept."""
    name = rows(path)[0]["layer"]
    [subject, *_] = subjects(name, "float32", (0, 1, 2), ("jax", "torch"), False)
    swept = {row["backend"]: row["source"] for row in rows(path)}
    return [backend for backend, source in swept.items() if source != stamp(subject, backend)]


@each_file
def test_it_is_of_the_layer_as_it_is(path):
    """Else it says nothing of it, and the atlas leaves it out."""
    name = path.stem
    if backends := stale(path):
        pytest.skip(f"{name} in {', '.join(backends)} is another now: "
                    f"crosscheck sweep {name} -j 2 --json sweeps/{name}.json")  # fmt: skip


@pytest.mark.slow
def test_none_is_stale():
    """Asked before a release: a sweep takes minutes, a change of a layer seconds."""
    assert not [path.stem for path in KEPT if stale(path)]


@each_file
def test_the_catalog_states_its_worst_errors(path):
    worst = {(row["backend"], row["order"]): 0.0 for row in rows(path)}
    for row in rows(path):
        asked = row["backend"], row["order"]
        worst[asked] = max(worst[asked], row["roundings"]["error"])
    said = (f"{y} {worst['jax', k]:.1f} · {worst['torch', k]:.1f}" for k, y in enumerate(ORDERS))
    assert f"(JAX · PyTorch): {', '.join(said)}." in " ".join(layer(path.stem).docstring().split())


@each_file
def test_the_readme_has_its_figures(path):
    """Or larger ones, of the types of 16 bits."""
    table = README.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    cells = [[cell.strip() for cell in line.split("|")] for line in table.splitlines()]
    of_it = [each for each in cells if len(each) > 4 and each[1].partition(",")[0] == path.stem]
    for column, backend in ((2, "jax"), (3, "torch")):
        said = np.array([each[column].split(" · ") for each in of_it], dtype=float).max(0)
        found = [(row["order"], row["roundings"]["error"]) for row in rows(path)
                 if row["backend"] == backend]  # fmt: skip
        assert all(error <= said[order] + 0.05 for order, error in found), (said, found)
