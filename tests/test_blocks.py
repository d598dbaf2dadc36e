"""Blocks change no bit, and are used only where nobody looks on."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.func import grad, vmap

import torchlayers
from torchlayers import blocks

N = 1001
LAYERS: dict[str, Callable[[Tensor], Tensor]] = {
    name: getattr(torchlayers, name)
    for name in ("tanh", "sigmoid", "log_sigmoid", "silu", "gelu", "mish", "elu", "hard_swish")
}


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 64 entries: a multiple of what the kernels take at once."""
    monkeypatch.setattr(blocks, "SIZE", 64)


def both(f: Callable[[Tensor], Tensor], x: Tensor, g: Tensor) -> list[Tensor]:
    """Value and gradient, in plain eager code."""
    x = x.detach().requires_grad_()
    y = f(x)
    return [y.detach(), *torch.autograd.grad(y, x, g)]


def numbers(dtype: torch.dtype) -> Tensor:
    return (100 * torch.randn(N, generator=torch.Generator().manual_seed(0))).to(dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("name", LAYERS)
def test_no_bit_changes(name: str, dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch) -> None:
    x, g = numbers(dtype), torch.tensor(-3.0, dtype=dtype).expand(N)
    whole = both(LAYERS[name], x, g)
    monkeypatch.setattr(blocks, "SIZE", 64)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    assert all(map(torch.equal, both(LAYERS[name], x, g), whole))
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("small_blocks")
def test_large_tensors_go_in_blocks() -> None:
    sizes: list[int] = []

    def f(x: Tensor) -> Tensor:
        sizes.append(x.numel())
        return 2 * x

    x = torch.randn(N)
    with torch.no_grad():
        assert torch.equal(blocks.pointwise(f, x), 2 * x)
        assert torch.equal(blocks.product(f, x, x), 2 * x * x)
    assert sum(sizes) == 2 * N
    assert max(sizes) == 64 * torch.get_num_threads()


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["silu", "gelu"])
def test_transforms_see_the_whole(name: str) -> None:
    f, x = LAYERS[name], torch.randn(3, 300)
    (want,) = torch.autograd.grad(f(x.requires_grad_()).sum(), x)
    torch.testing.assert_close(vmap(grad(lambda x: f(x).sum()))(x.detach()), want)
    with torch.enable_grad():
        assert not blocks.unwatched(x)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("name", ["silu", "tanh"])
def test_batched_gradients_see_the_whole(name: str) -> None:
    x, g = numbers(torch.float32).requires_grad_(), torch.randn(3, N)
    y = LAYERS[name](x)
    (together,) = torch.autograd.grad(y, x, g, retain_graph=True, is_grads_batched=True)
    alone = [torch.autograd.grad(y, x, row, retain_graph=True)[0] for row in g]
    # g is multiplied in at another place; three roundings after that, in either way.
    torch.testing.assert_close(together, torch.stack(alone), rtol=6 * 2.0**-24, atol=2.0**-126)


@pytest.mark.parametrize("other", [-2.0, float("nan"), -float("inf")])
def test_what_is_far_changes_no_neighbour(other: float) -> None:
    x = torch.tensor([-1.0, 0.0, 5.0, other])
    with torch.no_grad():
        alone = blocks.above(x[:3], -1.0, torch.exp, torch.zeros_like)
        beside = blocks.above(x, -1.0, torch.exp, torch.zeros_like)
    assert torch.equal(alone, x[:3].exp())
    assert torch.equal(beside, torch.cat([alone, torch.zeros(1)]))
