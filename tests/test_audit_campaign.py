"""Where an audit plants its bugs: in all twins of each layer, under all of their settings."""

from collections import defaultdict

import pytest

from crosscheck.audit import command
from crosscheck.audit.campaign import batches, tried
from crosscheck.audit.court import CROSSCHECK, Court
from crosscheck.audit.defects import DEFECTS
from crosscheck.audit.mutant import Mutant, drawn, mutants, subject
from crosscheck.catalog import catalog, layer
from crosscheck.options import Options

DOUBLE = Options(dtypes=("float64",))


def test_several_hundred_mutants_of_at_least_25_kinds():
    every = [m for twin in catalog().values() for m in mutants(subject(twin), list(DEFECTS))]
    assert len({m.kind for m in every}) == len(DEFECTS) >= 25
    assert len(every) > 500
    assert len(set(every)) == len(every)


def test_the_twins_of_a_layer_are_together_unless_named():
    together = command.layers([])
    assert ["kl_div", "kl_div-logs", "kl_div-targets"] in together
    assert sorted(name for names in together for name in names) == sorted(catalog())
    assert command.layers(["mse", "softmax-masked"]) == [["mse"], ["softmax-masked"]]


def planted(layers, seed=0):
    """(target, setting) → kinds and sides, as an audit of these layers has them."""
    found = defaultdict(set)
    for batch in batches(layers, list(DEFECTS), [CROSSCHECK], Options(seed=seed)):
        found[batch.target, batch.setting] |= {(kind, batch.side) for kind in batch.kinds}
    return found


def test_every_twin_has_bugs_under_every_setting():
    found = planted(command.layers([]))
    every = {(name, k) for name, twin in catalog().items() for k in range(len(twin.settings))}
    assert every - set(found) == {("dropout", 3), ("row_drop_relu", 3)}  # they drop everything
    assert all(subject(layer(name), setting=3).silent for name, _ in every - set(found))


def test_a_layer_has_each_bug_once_whichever_twin_has_it():
    twins = ["softmax", "softmax-masked"]
    bugs = [bug for some in planted([twins]).values() for bug in some]
    possible = mutants(subject(layer("softmax")), list(DEFECTS))
    assert sorted(bugs) == sorted((m.kind, m.side) for m in possible)


def test_a_twin_tried_by_itself_has_its_bugs_again():
    among, alone = planted([["softmax", "softmax-masked"]]), planted([["softmax-masked"]])
    assert len(alone) == 2
    assert all(among[place] < bugs for place, bugs in alone.items())


def test_another_seed_plants_elsewhere():
    assert planted([["softmax"]]) != planted([["softmax"]], seed=1)


def test_a_mutant_says_its_twin_and_setting():
    every = batches([["softmax-masked"]], ["sign"], [CROSSCHECK], DOUBLE)
    assert [(batch.setting, batch.side) for batch in every] == [(1, "jax"), (1, "torch")]
    (found,) = tried(every[1])
    assert found.outcome(CROSSCHECK) == "caught"
    assert str(found.mutant) == "softmax-masked(axis=0) / sign / torch"


def test_a_layer_that_returns_what_it_is_given_can_have_a_bug():
    """Torch refuses a rule that keeps an input which is its output too."""
    unchanged = Court(subject(layer("dropout"), setting=2), DOUBLE)
    found = unchanged.tried(Mutant("dropout", "sign", "torch"), [CROSSCHECK])
    assert found.outcome(CROSSCHECK) == "caught"


@pytest.mark.parametrize(
    ("name", "setting", "kind"),
    [
        ("dropout", 2, "mask redrawn"),  # nothing is dropped
        ("dropout", 2, "1/(1-p) missing"),
        ("dropout", 4, "mask redrawn"),  # not in training
        ("log_softmax-masked", 0, "output for input"),
    ],
)
def test_what_is_no_bug_at_a_setting_is_not_planted(name, setting, kind):
    assert drawn([subject(layer(name), setting=setting)], kind) is None
