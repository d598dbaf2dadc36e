"""The truth of single entries is the whole truth's, whatever else is worked out beside it."""

import flint
import numpy as np
import pytest

from crosscheck.case import Case
from crosscheck.evaluation import Evaluation
from crosscheck.expansion import Expansion
from crosscheck.precision import PRECISIONS
from crosscheck.spotted import Spotted

X = {"a": np.array([[0.5, -1.25, 2.0], [1.5, 0.25, -0.75]]), "b": np.array([0.5, 3.0, -1.0])}
CASE = Case("ordinary-0", X, ("a", "b"), {}, PRECISIONS["float64"], (1, 2))
G = [np.array([[1.0, -2.0, 0.5], [0.25, 1.0, 3.0]]), np.array(-1.5)]
OUTPUTS, INPUTS = ([0, 4], [0]), ([0, 1, 5], [2])
SPOTS = {"value": OUTPUTS, "jvp": OUTPUTS, "vjp": INPUTS, "product": ([1, 2, 4], [0, 1])}


def layer(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows and inputs depend on one another, through products, quotients and functions."""
    e = np.exp(a * b) / np.sum(np.exp(a * b), axis=-1, keepdims=True)
    return e * np.tanh(a) ** 3, np.sum(e * b / (2 + a * a)) ** 2


@pytest.mark.parametrize("questions", [[q] for q in SPOTS] + [list(SPOTS), ["vjp", "jvp"]])
def test_as_in_the_whole(questions: list[str]) -> None:
    spots = {q: [np.array(at) for at in SPOTS[q]] for q in questions}
    with flint.ctx.workprec(160):
        whole = Expansion(layer, CASE, Evaluation(order=3))
        spotted = Spotted(layer, CASE, spots)
        for question in questions:
            entries = spotted.entries(question, G)
            for part, at, balls in zip(
                whole.parts(question, G), spots[question], entries, strict=True
            ):
                assert np.all([b.overlaps(part.balls()[k]) for k, b in zip(at, balls, strict=True)])
                assert max(ball.rad() for ball in balls) < 1e-40
