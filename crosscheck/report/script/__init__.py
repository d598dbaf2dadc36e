"""A failing case as a script that runs as pasted: layers, numbers, question and truth.

The question is asked by the very function that the backend asks it with, so that no second table of
ways can differ from the first.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator, Mapping
from keyword import iskeyword
from math import isfinite
from typing import TYPE_CHECKING, Any

from crosscheck.question import asked_of
from crosscheck.report.script.dialect import DIALECTS, values
from crosscheck.report.script.layer_import import layer_import
from crosscheck.report.script.source import Source, is_plain, uses

if TYPE_CHECKING:
    from crosscheck.shrink import Shrunk

MOST_ENTRIES = 1000
CONTIGUOUS = "contiguous"
RESERVED = ("g", "t", "at", "ask", "layer", "leaves", "compare", "truth", "twin", "sys")
HEAD = """\
import numpy as np

truth = {{{truth}}}


def leaves(tree):
    if isinstance(tree, dict):
        tree = [tree[key] for key in sorted(tree)]
    if isinstance(tree, (tuple, list)):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [] if tree is None else [tree]


def compare(side, said):
    if len(said) != len(truth):
        print(f"{{side}}: {{len(said)}} blocks in place of {{len(truth)}}")
    for (name, true), y in zip(truth.items(), said):
        true, y = np.array(true), np.asarray(y, dtype=float)
        print(f"{{side}} {{name}}: {{y.tolist()}}, true {{true.tolist()}}")
        if y.shape != true.shape:
            print(f"    shape {{y.shape}} in place of {{true.shape}}")
        elif y.size:
            print(f"    off by {{np.max(np.abs(y - true)):.3g}}")
"""
ASK = """\
def ask({given}):
    def at({reals}):
        return {outputs}

    return {way}(at, [{reals}], {g}, {t})
"""


def script(shrunk: Shrunk) -> str:
    """The script; the side that is wrong comes last, since it may raise."""
    v, case = shrunk.verdict, shrunk.task.case
    entries = sum(a.size for a in (*case.inputs.values(), *shrunk.truth.values()))
    if entries > MOST_ENTRIES or shrunk.asked == "product":
        return f"# {entries} entries are too many for a script; {v.repro}\n"
    truth = ", ".join(f"{name!r}: {values(block)}" for name, block in shrunk.truth.items())
    sides = sorted(
        shrunk.task.twin.backends, key=lambda side: not v.errors.get(side, 0) <= v.budget
    )
    sections = ["\n\n".join(filter(None, _section(shrunk, side))) for side in sides]
    return "\n\n".join([_heading(shrunk), HEAD.format(truth=truth), *sections]) + "\n"


def _heading(shrunk: Shrunk) -> str:
    v = shrunk.verdict
    line = f"# {v.layer}: {v.question} in {v.dtype}, variant {v.variant}; wrong: {v.culprit}"
    cause = f"# likely cause, at the size it was found: {shrunk.cause}"
    return "\n".join([line, cause] if shrunk.cause else [line])


def _section(shrunk: Shrunk, side: str) -> Iterator[str]:
    """One framework: imports, the layer, the numbers, the question, the comparison."""
    v, dialect = shrunk.verdict, DIALECTS[side]
    backend = importlib.import_module(f"crosscheck.backends.{side}")
    ways = backend.WAYS[shrunk.asked] | backend.DEEP.get(shrunk.asked, {})
    variant = v.variant if v.variant in ways else next(iter(ways))
    way, source, used = _way(ways[variant], side, shrunk.asked, variant)
    layout = shrunk.task.case.draw.layout if side == "torch" else CONTIGUOUS
    if layout != CONTIGUOUS:
        source.add(importlib.import_module("crosscheck.backends.torch_arrays").laid_out)
    taken = (*RESERVED, "np", "jax", "jnp", "torch", *source.definitions)
    names = _names(shrunk.task.case.inputs, taken)
    given = ", ".join([*names.values(), *used])
    yield "\n".join([f"# {side}", *dict.fromkeys((*dialect.imports, *source.imports))])
    yield "\n".join(dialect.setup(v.dtype, v.device))
    yield "\n".join(layer_import(shrunk.task, side))
    yield from source.definitions.values()
    yield "\n".join(_numbers(shrunk, side, layout, names, used))
    yield _ask(shrunk, names, given, way, used)
    compiled = side == "jax" and variant != "eager" and shrunk.traced
    said = f"leaves({'jax.jit(ask)' if compiled else 'ask'}({given}))"
    yield f"compare({side!r}, {dialect.answer.format(said)})"


def _way(way: Any, side: str, asked: str, variant: str) -> tuple[str, Source, list[str]]:
    """How to call a way of asking, what must be there for that, and the directions it uses."""
    source = Source()
    if is_plain(way):
        source.add(way)
        return way.__name__, source, [which for which in ("g", "t") if which in uses(way)]
    source.imports[f"from crosscheck.backends.{side} import DEEP, WAYS"] = None
    return f"(WAYS[{asked!r}] | DEEP.get({asked!r}, {{}}))[{variant!r}]", source, ["g", "t"]


def _names(inputs: Collection[str], taken: Collection[str]) -> dict[str, str]:
    """Names for the inputs that Python and the script leave free."""
    usable = {name: name if name.isidentifier() else f"x{k}" for k, name in enumerate(inputs)}
    return {
        name: f"{word}_" if word in taken or iskeyword(word) else word
        for name, word in usable.items()
    }


def _numbers(
    shrunk: Shrunk, side: str, layout: str, names: Mapping[str, str], used: list[str]
) -> Iterator[str]:
    case, where = shrunk.task.case, (shrunk.verdict.device, layout)
    for name, x in case.inputs.items():
        yield f"{names[name]} = {DIALECTS[side].literal(x, *where)}"
    directions = {"g": shrunk.cotangents, "t": case.tangents()}
    for which in used:
        arrays = ", ".join(DIALECTS[side].literal(a, *where) for a in directions[which])
        yield f"{which} = [{arrays}]"


def _ask(shrunk: Shrunk, names: Mapping[str, str], given: str, way: str, used: list[str]) -> str:
    case = shrunk.task.case
    settings = [f"{name}={_setting(value)}" for name, value in case.settings.items()]
    outputs = f"leaves(layer({', '.join([*names.values(), *settings])}))"
    asked = [k for k, y in enumerate(shrunk.outputs) if asked_of(shrunk.asked, [y])]
    if len(asked) < len(shrunk.outputs):
        outputs = f"[{outputs}[k] for k in {asked}]"
    reals = ", ".join(names[name] for name in case.differentiable)
    g, t = (which if which in used else "[]" for which in ("g", "t"))
    return ASK.format(given=given, reals=reals, outputs=outputs, way=way, g=g, t=t)


def _setting(value: Any) -> str:
    special = isinstance(value, float) and not isfinite(value)
    return f"float({str(value)!r})" if special else repr(value)
