"""Outputs as flat lists of leaves; one rule for every framework."""

from __future__ import annotations

from typing import Any


def flatten(tree: Any, path: str = "") -> list[tuple[str, Any]]:
    """The leaves of nested tuples, lists and dicts (by sorted key), each with its path.

    A lone output has the path ''.

    >>> flatten({"b": 2, "a": (1, [3])})
    [('[a][0]', 1), ('[a][1][0]', 3), ('[b]', 2)]
    """
    if isinstance(tree, dict):
        children = [(key, tree[key]) for key in sorted(tree)]
    elif isinstance(tree, (tuple, list)):
        children = list(enumerate(tree))
    elif tree is None:
        children = []
    else:
        return [(path, tree)]
    return [leaf for key, child in children for leaf in flatten(child, f"{path}[{key}]")]


def leaves(tree: Any) -> list[Any]:
    """The leaves alone."""
    return [leaf for _, leaf in flatten(tree)]
