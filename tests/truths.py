"""Definitions on jets, and the truth of given inputs, in a line each."""

import numpy as np

from crosscheck import Twin
from crosscheck.answer import Answer
from crosscheck.jet import Evaluation, Jet
from crosscheck.jet_array import seed
from crosscheck.judge import judge
from crosscheck.precision import PRECISIONS
from crosscheck.sample import sample
from crosscheck.truth import Truth


def jets(function, *arrays, order=3):
    """The function on jets, each input entry with an infinitesimal: flat jets, evaluation."""
    evaluation, arguments, first = Evaluation(order), [], 0
    for a in (np.asarray(a, dtype=float) for a in arrays):
        arguments.append(seed(a, [{first + k: 1.0} for k in range(a.size)], evaluation))
        first += a.size
    out = np.asarray(function(*arguments), dtype=object).ravel()
    return [Jet.lift(entry) for entry in out], evaluation


def derivatives(jet, size):
    """Value, gradient and Hessian of a jet, as float64."""
    gradient = [float(jet.derivative((i,))) for i in range(size)]
    hessian = [
        [float(jet.derivative(tuple(sorted((i, j))))) for j in range(size)] for i in range(size)
    ]
    return float(jet.value), np.array(gradient), np.array(hessian)


def truth_of(definition, dtype="float64", standard="strict", kinks=None, **arrays):
    """The truth of a definition at given inputs."""
    inputs = {name: np.asarray(array, dtype=float) for name, array in arrays.items()}
    twin = Twin(
        "given", torch=abs, definition=definition, inputs=inputs, standard=standard,
        kinks=kinks or {},
    )  # fmt: skip
    [case] = sample(twin, PRECISIONS[dtype])
    return Truth(twin, case)


def cotangents(truth):
    """The cotangents of its case."""
    return truth.case.cotangents([output.shape for output in truth.outputs])


def judged(truth, said, standard="sound", budget=16.0):
    """The verdict on one value."""
    answer = Answer("torch", "value", "eager", "cpu", {"y": np.asarray(said)})
    blocks = truth.blocks("value", "", [])
    return judge("given", truth.case, blocks, [answer], standard=standard, budget=budget)
