"""Embedding: rows of a table, chosen by number: y[n] = table[ids[n]].

    dtable[r] = Σ g[n] over all n with ids[n] = r       and in forward mode ty[n] = ttable[ids[n]]

It is linear in the table, the product with a matrix of zeros and ones that is never made; backward
is the product with its transpose. All second derivatives are 0.

A number outside [0, rows) names no row: y[n] is NaN, and g[n] goes nowhere. Negative numbers do not
count from the end. Sums are taken in float32 where g is of 16 bits, and rounded once.

Kept for the backward pass: ids.
Reference: Bengio et al., "A neural probabilistic language model", 2003.
"""

import numpy as np

from crosscheck.inputs import integer, real
from crosscheck.twin import Twin


def definition(ids: np.ndarray, table: np.ndarray) -> np.ndarray:
    return table[ids]


twin = Twin(
    "embedding",
    jax="jaxlayers:embedding",
    torch="torchlayers:embedding",
    definition=definition,
    inputs={"ids": integer("b n", high="rows"), "table": real("rows d")},
    standard="strict",
    keeps=["ids"],
)
