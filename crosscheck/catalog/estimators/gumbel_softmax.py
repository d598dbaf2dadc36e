"""Gumbel softmax: p = softmax(z), z = (x + n) / τ row by row, with noise n of a key.

    n = -log(-log(u)),  u = (b + 1/2) 2⁻²³ for 23 random bits b
    dx = p (g - Σ p g) / τ          and in forward mode the same
    second derivatives are those of softmax, over τ²

Hard, y is 1 where z is largest, the first of several, and 0 elsewhere: an index is drawn with the
probability softmax(x). The true derivative is 0. The backward pass promises that of the surrogate,
p.

`crosscheck.random` draws b here, `jax.random` and `torchlayers.random` in the layers.

Kept for the backward pass: logits, key. p is computed again, from the same noise.
Reference: Jang, Gu and Poole, "Categorical reparameterization with Gumbel-softmax", 2017; Maddison,
Mnih and Teh, "The concrete distribution", 2017.
"""

import numpy as np

from crosscheck.inputs import key, real
from crosscheck.random import uniform
from crosscheck.twin import Twin


def _noisy(logits: np.ndarray, key: np.ndarray, tau: float) -> np.ndarray:
    u = uniform(key, logits.shape) + 2.0**-24 + 0 * logits  # as exact as the logits are
    return (logits - np.log(-np.log(u))) / tau


def surrogate(
    logits: np.ndarray, key: np.ndarray, tau: float = 1.0, hard: bool = False
) -> np.ndarray:
    e = np.exp(_noisy(logits, key, tau))
    return e / np.sum(e, -1, keepdims=True)


def definition(
    logits: np.ndarray, key: np.ndarray, tau: float = 1.0, hard: bool = False
) -> np.ndarray:
    if not hard:
        return surrogate(logits, key, tau)
    largest = np.argmax(_noisy(logits, key, tau), -1)
    return np.where(np.arange(logits.shape[-1]) == largest[..., None], 1, 0 * logits)


# Of few rows: of a million some have two entries so alike that roundings decide which is larger.
twin = Twin(
    "gumbel_softmax",
    jax="jaxlayers:gumbel_softmax",
    torch="torchlayers:gumbel_softmax",
    definition=definition,
    surrogate=surrogate,
    inputs={"logits": real("3 4"), "key": key()},
    settings=[{}, {"tau": 0.5, "hard": True}, {"tau": 0.25}],
    standard="strict",
    sound=["value", "vjp", "jvp", "jacobian", "hessian"],
    budget_reason="the noise is rounded, which moves p as much as roundings of the logits do",
    keeps=["logits", "key"],
)
