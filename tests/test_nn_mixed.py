"""Modules where torch's own would work: under checkpoint, in mixed types, under autocast."""

from typing import Any

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from torchlayers import nn
from torchlayers.modules import recomputation

# Raised by torch at itself, under torch.compile and where a checkpoint looks for devices.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*Function'> should not be instantiated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings(
        "ignore:The .grad attribute of a Tensor that is not a leaf:UserWarning"
    ),
]

# ---- Dropout that is computed again in the backward pass


def checkpointed(reentrant: bool, **options: Any) -> Any:
    return lambda f: lambda x: checkpoint(f, x, use_reentrant=reentrant, **options)


each_checkpoint = pytest.mark.parametrize("reentrant", [True, False])


def two_segments(wrap: Any, d: Any) -> torch.Tensor:
    """The gradient where one module draws several masks a segment, and segments do not end."""
    x = torch.linspace(1, 2, 64, dtype=torch.float64).requires_grad_()
    y = wrap(lambda x: d(d(x.sin()) + x))(x)
    z = wrap(lambda x: d(x * x))(x)
    (wrap(lambda a: d(a * a))(y) * z).sum().backward()
    assert d.counter == 4
    return x.grad


@each_checkpoint
def test_a_checkpoint_draws_its_masks_again(reentrant: bool) -> None:
    want = two_segments(lambda f: f, nn.Dropout(0.5, seed=3))
    got = two_segments(checkpointed(reentrant), nn.Dropout(0.5, seed=3))
    torch.testing.assert_close(got, want, rtol=1e-14, atol=0)


@each_checkpoint
def test_a_checkpoint_of_a_compiled_module_draws_its_masks_again(reentrant: bool) -> None:
    torch._dynamo.reset()
    module = torch.compile(nn.Dropout(0.5, seed=3), backend="aot_eager", fullgraph=True)
    x = torch.ones(64, requires_grad=True)
    a, b = (checkpointed(reentrant)(lambda x: module(x * 1))(x) for _ in range(2))
    (a * a + 3 * b * b).sum().backward()
    assert not torch.equal(a, b)
    assert torch.equal(x.grad, 4 * a.detach() + 12 * b.detach())


def test_checkpoints_in_each_other_draw_their_masks_again() -> None:
    inner = checkpointed(False)
    got = two_segments(lambda f: inner(inner(f)), nn.Dropout(0.5, seed=3))
    want = two_segments(lambda f: f, nn.Dropout(0.5, seed=3))
    torch.testing.assert_close(got, want, rtol=1e-14, atol=0)


@each_checkpoint
def test_modules_of_one_state_of_torch_stay_apart(reentrant: bool) -> None:
    """Seeding torch anew before each is what a comparison does."""
    losses, wants = [], []
    for seed in (3, 4):
        torch.manual_seed(0)
        x = torch.ones(64, requires_grad=True)
        y = checkpointed(reentrant)(nn.Dropout(0.5, seed=seed))(x * 1)
        losses.append((x, (y * y).sum()))
        wants.append(4 * y.detach())
    for (x, loss), want in zip(losses, wants, strict=True):
        loss.backward()
        assert torch.equal(x.grad, want)


def pending(d: Any, **options: Any) -> torch.Tensor:
    x = torch.ones(64, requires_grad=True)
    return (checkpointed(False, **options)(lambda x: d(x * x))(x) ** 2).sum()


def test_calls_that_cannot_be_told_apart_are_refused() -> None:
    d, losses = nn.Dropout(0.5, seed=3), []
    for _ in range(2):
        torch.manual_seed(0)
        losses.append(pending(d))
    with pytest.raises(RuntimeError, match="Dropout: expected one call"):
        losses[0].backward()


def test_a_mask_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(RuntimeError, match=r"Dropout: expected one call .* got 0"):
        pending(nn.Dropout(0.5), preserve_rng_state=False).backward()
    monkeypatch.setattr(recomputation, "KEPT", 2)
    d = nn.Dropout(0.5)
    old, *_ = (pending(d) for _ in range(3))
    assert len(recomputation._streams) <= 2
    with pytest.raises(RuntimeError, match=r"Dropout: expected one call .* got 0"):
        old.backward()


def test_calls_without_a_checkpoint_leave_the_generator_of_torch_alone() -> None:
    d, before = nn.Dropout(0.5, seed=3), torch.get_rng_state()
    d(torch.ones(8, requires_grad=True))
    assert torch.equal(torch.get_rng_state(), before)


@each_checkpoint
def test_vmap_in_a_checkpoint_is_refused(reentrant: bool) -> None:
    d = nn.Dropout(0.5)
    y = checkpointed(reentrant)(torch.func.vmap(lambda x: d(x * x)))(
        torch.ones(2, 8, requires_grad=True)
    )
    with pytest.raises(RuntimeError, match=r"Dropout: expected one call .* got 0"):
        (y * y).sum().backward()
