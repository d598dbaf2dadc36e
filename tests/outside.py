"""What torch ships for testing autograd, read from the installed package: functions and samples."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.testing._internal.autograd_function_db import autograd_function_db
from torch.testing._internal.common_methods_invocations import op_db

Inputs = dict[str, Any]
FUNCTIONS = {info.name.removesuffix("AutogradFunction"): info for info in autograd_function_db}
OPERATIONS = {info.name: info for info in op_db if not info.variant_test_name}


class Sample(NamedTuple):
    """Arguments of one call, tensors among them as float64 or integer arrays."""

    arguments: list[Any]
    settings: dict[str, Any]


def samples(info: Any) -> list[Sample]:
    """The samples of an entry, the same in every run."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        drawn = list(info.sample_inputs("cpu", torch.float64))
    return [Sample([_array(a) for a in (s.input, *s.args)], s.kwargs) for s in drawn]


def _array(argument: Any) -> Any:
    if isinstance(argument, (list, tuple)):
        return [_array(a) for a in argument]
    return argument.numpy() if isinstance(argument, torch.Tensor) else argument


def inputs(sample: Sample) -> Inputs:
    """The arrays of a sample by name, in order."""
    arrays = [a for a in sample.arguments if isinstance(a, np.ndarray)]
    return dict(zip("xyz", arrays, strict=False))


def layer(function: Callable[..., Any], sample: Sample) -> Callable[..., Any]:
    """The function of its arrays alone; all else is as the sample has it."""

    def called(*tensors: torch.Tensor) -> Any:
        given = iter(tensors)
        arguments = [next(given) if isinstance(a, np.ndarray) else a for a in sample.arguments]
        return function(*arguments, **sample.settings)

    return called


def lettered(spec: str, operands: list[np.ndarray]) -> str:
    """An einsum's spec with letters for its dots, which NumPy does not sum over."""
    terms, _, output = spec.replace(" ", "").partition("->")
    pairs = zip(terms.split(","), operands, strict=True)
    named = ",".join(term.replace("...", "XYZ"[len(term) - x.ndim :]) for term, x in pairs)
    dots = "".join(letter for letter in "XYZ" if letter in named)
    return f"{named}->{output.replace('...', dots)}"
