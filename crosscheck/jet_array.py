"""Arrays of jets: what NumPy and SciPy do to them, by the functions' own names.

`JetArray` is an `ndarray` of dtype object. NumPy's shape functions (reshape, where, concatenate,
take_along_axis, sort, einsum, …) work on it as they are; mathematical functions are routed here by
name. A function that is not known raises `CannotDefine`, which names it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb

from crosscheck.evaluation import Evaluation
from crosscheck.jet import Jet
from crosscheck.jet_functions import SCALAR, UNARY
from crosscheck.precision import is_floating


class CannotDefine(TypeError):
    """A definition uses something that jets cannot do."""


class JetArray(np.ndarray):
    """An array whose entries are jets (or plain numbers, which are constants)."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        return apply_ufunc(ufunc, method, inputs, kwargs)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        try:
            result = super().__array_function__(func, types, args, kwargs)
            if type(result) is int and func.__name__ in _SUMS:  # of no entries at all
                result = np.asarray(result, dtype=object)
            return wrap(result)
        except TypeError as error:
            name = f"{func.__module__}.{func.__name__}"
            raise (
                error if isinstance(error, CannotDefine) else CannotDefine(_cannot(name))
            ) from error

    def __getitem__(self, index: Any) -> Any:
        return wrap(super().__getitem__(index))

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """Jets have no precision of their own: a cast to a float type changes nothing."""
        if is_floating(dtype) or np.dtype(dtype) == object:
            return self.copy()
        raise CannotDefine(_cannot(f"astype({np.dtype(dtype).name})"))


def seed(values: np.ndarray, terms: list[dict[int, float]], evaluation: Evaluation) -> JetArray:
    """The jets of an input: each entry's value and its coefficient of each infinitesimal.

    With noise the value moves too: an input is what it is to one rounding.
    """
    out = np.empty(values.size, dtype=object)
    for k, (value, linear) in enumerate(
        zip(values.astype(float).ravel().tolist(), terms, strict=True)
    ):
        moved = evaluation.rounded({(): arb(value)})
        out[k] = Jet(moved | {(i,): arb(c) for i, c in linear.items()}, evaluation)
    return out.reshape(values.shape).view(JetArray)


def wrap(result: Any) -> Any:
    """Object arrays and jets as JetArray, entry by entry in containers; the rest as it is."""
    if isinstance(result, Jet):
        return np.array(result, dtype=object).view(JetArray)
    if isinstance(result, np.ndarray) and result.dtype == object:
        return result.view(JetArray)
    if type(result) in (tuple, list):
        return type(result)(wrap(r) for r in result)
    return result


def apply_ufunc(
    ufunc: np.ufunc, method: str, inputs: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Apply a ufunc (or its reduce, accumulate, outer) to arrays of jets."""
    out = kwargs.pop("out", None)
    for ignored in ("dtype", "casting", "subok", "order"):
        kwargs.pop(ignored, None)
    result = getattr(_jet_ufunc(ufunc.__name__), method)(*(_plain(i) for i in inputs), **kwargs)
    if ufunc.__name__ in _BOOLEAN:
        return np.asarray(result, dtype=bool)[()]
    if out is None:
        return wrap(result if isinstance(result, tuple) else np.asarray(result, dtype=object))
    np.copyto(_plain(out[0]), _plain(result))
    return out[0]


def _plain(value: Any) -> Any:
    if isinstance(value, JetArray):
        return value.view(np.ndarray)
    if isinstance(value, Jet):
        return np.array(value, dtype=object)
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fiub":
        return value.astype(object)  # Python numbers, so that Jet's own operators meet them
    return value


def _jet_ufunc(name: str) -> Any:
    if name in _NATIVE or name in _COMPARISONS:
        return getattr(np, name)
    if name in UNARY:
        return np.frompyfunc(lambda x: Jet.lift(x).through(UNARY[name]), 1, 1)
    if name in SCALAR:
        function = SCALAR[name]
        return np.frompyfunc(function, function.__code__.co_argcount, 1, identity=None)
    raise CannotDefine(_cannot(name))


def _cannot(name: str) -> str:
    return (
        f"the definition uses {name}, which cannot be evaluated on jets; "
        "write it with NumPy arithmetic, np.where, or the functions in crosscheck/jet_functions.py"
    )


# Python's own operators on the entries do these.
_NATIVE = {
    "add",
    "subtract",
    "multiply",
    "negative",
    "positive",
    "power",
    "float_power",
}
_NATIVE |= {"matmul", "vecdot", "matvec", "vecmat"}
_COMPARISONS = {"greater", "greater_equal", "less", "less_equal", "equal", "not_equal"}
_SUMS = {"einsum", "sum", "dot", "vdot", "inner", "tensordot", "trace"}
_BOOLEAN = _COMPARISONS | {"isfinite", "isnan"}
