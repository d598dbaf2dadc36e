"""No layer of JAX's mixes types: all trace where implicit promotion is an error."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import pytest

from crosscheck.catalog import catalog
from crosscheck.precision import PRECISIONS
from crosscheck.sample import sample


def is_real(a):
    return jnp.issubdtype(a.dtype, jnp.floating)


def total(tree):
    """The sum of all real leaves."""
    return sum(jnp.sum(a.astype("float32")) for a in jax.tree.leaves(tree) if is_real(a))


@pytest.mark.parametrize("name", catalog())
def test_value_gradient_and_its_gradient_trace_under_strict_promotion(name):
    for settings in catalog()[name].settings:
        traced(replace(catalog()[name], settings=[settings]))


def traced(twin):
    case = next(iter(sample(twin, PRECISIONS["bfloat16"], 0, False)))
    args = [jnp.asarray(case.inputs[name]) for name in twin.inputs]
    real = tuple(k for k, a in enumerate(args) if is_real(a))

    def loss(*args):
        return total(twin.layer("jax")(*args, **case.settings))

    def slope(*args):
        return total(jax.grad(loss, real)(*args))

    with jax.numpy_dtype_promotion("strict"):
        jax.eval_shape(jax.grad(slope, real), *args)
