"""Attention beside its plain formula: blocks, groups, masks, emptiness, transforms."""

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.func import grad, jvp, vmap

import jaxlayers
import torchlayers
from layer_table import PACKAGES, Function, draw, each_framework

Shape = tuple[int, ...]
EVERY = (0, 1, 2)


class Case(NamedTuple):
    """Four heads of t queries, two of s keys."""

    t: int = 5
    s: int = 6
    mask: Shape | None = None
    causal: bool = False
    scale: float | None = None
    block: int = 2
    lead: Shape = ()

    def arrays(self) -> list[Any]:
        shapes = (4, self.t, 3), (2, self.s, 3), (2, self.s, 2)
        return [draw(*self.lead, *shape, seed=i) for i, shape in enumerate(shapes)]

    def given(self) -> Any:
        return None if self.mask is None else draw(*self.mask, seed=3) > -0.3

    def seen(self) -> Any:
        """What each query sees, written out."""
        seen = np.ones((*self.lead, 4, self.t, self.s), bool)
        for query in range(self.t if self.causal else 0):
            seen[..., query, query + 1 :] = False
        return seen if self.mask is None else seen & self.given()

    def layer(self, framework: str, block: int | None = None) -> Function:
        mask, rest = self.given(), (self.causal, self.scale, block or self.block)
        if framework == "torch" and mask is not None:
            mask = torch.tensor(mask)
        return lambda q, k, v: PACKAGES[framework].attention(q, k, v, mask, *rest)


CASES = {
    "all": Case(lead=(2,), mask=(2, 4, 5, 6), causal=True, scale=0.7),
    "more-keys": Case(t=3, s=7, causal=True),
    "fewer-keys": Case(t=5, s=2, causal=True, block=3),
    "rows-of-a-mask": Case(mask=(5, 6), block=4),
    "columns-of-a-mask": Case(mask=(6,), causal=True, scale=-2.0, block=128),
    "queries-left-out": Case(mask=(4, 5, 1), block=3),
    "heads-left-out": Case(lead=(2,), mask=(2, 4, 1, 1), block=1),
}
each_case = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def by_rows(case: Case) -> Any:
    """The value, query by query, in NumPy."""
    q, k, v = case.arrays()
    seen, y = case.seen(), np.zeros((*q.shape[:-1], 2))
    scale = 3**-0.5 if case.scale is None else case.scale
    for *lead, head, query in np.ndindex(q.shape[:-1]):
        at, own = (*lead, head, query), (*lead, head // 2)
        e = np.exp(scale * k[own][seen[at]] @ q[at])
        y[at] = e / max(e.sum(), 1e-300) @ v[own][seen[at]]
    return y


def plain(case: Case) -> Function:
    """The formula in torch, by torch's own derivatives."""
    seen, scale = torch.tensor(case.seen()), 3**-0.5 if case.scale is None else case.scale

    def f(q: Any, k: Any, v: Any) -> Any:
        k, v = (a.repeat_interleave(2, -3) for a in (k, v))
        e = (scale * q @ k.mT).exp() * seen
        total = e.sum(-1, keepdim=True)
        return e / (total + (total == 0)) @ v

    return f


def in_torch(f: Function, arrays: list[Any]) -> list[Any]:
    """The value, the gradients of the sum of its sines, and those of the sines of these."""
    x = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = f(*x)
    first = torch.autograd.grad(y.sin().sum(), x, create_graph=True)
    second = torch.autograd.grad(sum(d.sin().sum() for d in first), x, materialize_grads=True)
    return [a.detach().numpy() for a in (y, *first, *second)]


def in_jax(f: Function, arrays: list[Any]) -> list[Any]:
    """The same, in one program."""
    first = jax.grad(lambda *x: jnp.sin(f(*x)).sum(), EVERY)
    second = jax.grad(lambda *x: sum(jnp.sin(d).sum() for d in first(*x)), EVERY)
    with jax.enable_x64(True):
        y, d, dd = jax.jit(lambda *x: (f(*x), first(*x), second(*x)))(*arrays)
        return [*map(np.asarray, (y, *d, *dd))]


ASKED = {"jax": in_jax, "torch": in_torch}


def assert_same(got: list[Any], want: list[Any]) -> None:
    for a, b in zip(got, want, strict=True):
        assert (a.shape, a.dtype) == (b.shape, np.float64)
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@each_case
@each_framework
def test_derivatives(framework: str, case: Case) -> None:
    got = ASKED[framework](case.layer(framework), case.arrays())
    assert_same(got[:1], [by_rows(case)])
    assert_same(got, in_torch(plain(case), case.arrays()))
    gone = ~case.seen().any(-1)
    assert not any(a[gone].any() for a in (got[0], got[1], got[4]))  # to the bit


@each_case
def test_any_block_in_torch(case: Case) -> None:
    want = in_torch(case.layer("torch", 128), case.arrays())
    for block in range(1, case.t + 2):
        assert_same(in_torch(case.layer("torch", block), case.arrays()), want)


EMPTY = {
    "batch": ((0, 2, 3, 2), (0, 1, 4, 2), (0, 1, 4, 1)),
    "heads": ((0, 3, 2), (2, 4, 2), (2, 4, 1)),
    "queries": ((2, 0, 2), (1, 4, 2), (1, 4, 1)),
    "keys": ((2, 3, 2), (1, 0, 2), (1, 0, 1)),
    "features": ((2, 3, 0), (1, 4, 0), (1, 4, 1)),
    "features-of-v": ((2, 3, 2), (1, 4, 2), (1, 4, 0)),
}


@each_framework
@pytest.mark.parametrize("shapes", EMPTY.values(), ids=EMPTY)
def test_of_nothing(framework: str, shapes: tuple[Shape, ...]) -> None:
    layer, arrays = PACKAGES[framework].attention, [draw(*shape) for shape in shapes]
    y, *slopes = ASKED[framework](lambda *x: layer(*x, block=2), arrays)
    mean = 0 if shapes[0][-1] else arrays[2].mean(-2, keepdims=True)  # all keys are alike
    assert_same([y], [np.broadcast_to(mean, (*shapes[0][:-1], shapes[2][-1]))])
    assert [a.shape for a in slopes] == [*shapes, *shapes]
    assert all(np.isfinite(a).all() for a in slopes)


@pytest.mark.parametrize("moving", EVERY)
def test_torch_vmap_and_jvp_over_one_operand(moving: int) -> None:
    case = CASES["all"]
    f, x = case.layer("torch"), [torch.tensor(a) for a in case.arrays()]

    def slopes(a: Any) -> Any:
        given = (a if i == moving else b for i, b in enumerate(x))
        return grad(lambda *x: f(*x).sin().sum(), EVERY)(*given)

    at, h = x[moving], 1e-6
    mapped, alone = vmap(slopes)(torch.stack([at, -at])), zip(slopes(at), slopes(-at), strict=True)
    torch.testing.assert_close([*mapped], [*map(torch.stack, alone)], rtol=1e-12, atol=1e-13)
    up, down = slopes(at * (1 + h)), slopes(at * (1 - h))
    want = tuple((a - b) / (2 * h) for a, b in zip(up, down, strict=True))
    torch.testing.assert_close(jvp(slopes, (at,), (at,))[1], want, rtol=1e-6, atol=1e-7)


@pytest.mark.filterwarnings("ignore:.*Function'> should not be instantiated:DeprecationWarning")
def test_torch_compiled() -> None:
    torch._dynamo.reset()
    case = CASES["all"]
    f = torch.compile(case.layer("torch"), fullgraph=True, backend="aot_eager")
    x = [torch.tensor(a, requires_grad=True) for a in case.arrays()]
    y = f(*x)
    got = [a.detach().numpy() for a in (y, *torch.autograd.grad(y.sin().sum(), x))]
    assert_same(got, in_torch(plain(case), case.arrays())[:4])


def test_torch_vmap_over_masks() -> None:
    x, masks = [*map(torch.tensor, Case().arrays())], torch.tensor(draw(3, 5, 6) > 0)
    mapped = vmap(lambda mask: torchlayers.attention(*x, mask, block=2))(masks)
    alone = [torchlayers.attention(*x, mask) for mask in masks]
    torch.testing.assert_close(mapped, torch.stack(alone))


def test_jax_mapped_and_scanned_over_masks() -> None:
    masks = draw(3, 5, 6) > 0
    with jax.enable_x64(True):
        x = [*map(jnp.asarray, Case().arrays())]

        def slopes(mask: Any) -> Any:
            f = partial(jaxlayers.attention, mask=mask, block=2)
            return jax.grad(lambda *x: jnp.sin(f(*x)).sum(), EVERY)(*x)

        mapped, scanned = jax.jit(lambda m: (jax.vmap(slopes)(m), jax.lax.map(slopes, m)))(masks)
    for i, mask in enumerate(masks):
        f = partial(torchlayers.attention, mask=torch.tensor(mask))
        for got in (mapped, scanned):
            assert_same([np.asarray(a[i]) for a in got], in_torch(f, Case().arrays())[1:4])
