"""The sweeps in sweeps/: every number of float32, and nothing over its budget."""

import json
from pathlib import Path

import pytest

from crosscheck.catalog import layer
from crosscheck.sweep.stamp import stamp
from crosscheck.sweep.subject import subjects

KEPT = sorted(Path(__file__).parents[1].joinpath("sweeps").glob("*.json"))
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


@each_file
def test_it_is_of_the_layer_as_it_is(path):
    """Else it says nothing of it, and the atlas leaves it out."""
    name = rows(path)[0]["layer"]
    [subject, *_] = subjects(name, "float32", (0, 1, 2), ("jax", "torch"), False)
    swept = {row["backend"]: row["source"] for row in rows(path)}
    stale = [backend for backend, source in swept.items() if source != stamp(subject, backend)]
    if stale:
        pytest.skip(f"{name} in {', '.join(stale)} is another now: "
                    f"crosscheck sweep {name} -j 2 --json sweeps/{name}.json")  # fmt: skip
