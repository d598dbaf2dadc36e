"""Modules where torch's own would work: under checkpoint, in mixed types, under autocast."""

import inspect
from typing import Any

import pytest
import torch
from torch.utils.checkpoint import checkpoint

from test_nn import DETERMINISTIC, pair
from torchlayers import nn
from torchlayers.modules import recomputation

# Raised by torch at itself, under torch.compile and in its own RMSNorm.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*Function'> should not be instantiated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not:UserWarning"),
    pytest.mark.filterwarnings("ignore:Mismatch dtype between input and weight:UserWarning"),
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


# ---- Types that torch's modules mix

SIXTEEN = [torch.bfloat16, torch.float16]
NORMS = {
    "RMSNorm": ({"normalized_shape": 4}, (5, 4)),
    "LayerNorm": ({"normalized_shape": (3, 4)}, (5, 3, 4)),
    "GroupNorm": ({"num_groups": 2, "num_channels": 4}, (5, 4, 3)),
    "BatchNorm1d": ({"num_features": 4}, (5, 4, 3)),
    "BatchNorm2d": ({"num_features": 4}, (5, 4, 3, 2)),
}


@pytest.mark.parametrize("dtype", [*SIXTEEN, torch.float32, torch.float64])
def test_the_eps_of_rms_norm_is_that_of_torch(dtype: torch.dtype) -> None:
    x = torch.full((4,), 1e-4 if dtype.itemsize < 8 else 1e-8, dtype=dtype)
    torch.testing.assert_close(nn.RMSNorm(4).to(dtype)(x), torch.nn.RMSNorm(4).to(dtype)(x))


def answer(module: Any, inputs: list[torch.Tensor], autocast: bool) -> list[torch.Tensor]:
    """Value, gradients and buffers."""
    leaves = [a.clone().requires_grad_() for a in inputs]
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        y = module(*leaves)
    (y.float().sin() * torch.linspace(1, 2, y.numel()).reshape(y.shape)).sum().backward()
    return [y, *(a.grad for a in (*leaves, *module.parameters())), *module.buffers()]


def compare(ours: Any, theirs: Any, *inputs: torch.Tensor, autocast: bool = False) -> None:
    """To a few roundings of 16 bits, and the types exactly."""
    theirs.load_state_dict(ours.state_dict())
    got, want = (answer(module, list(inputs), autocast) for module in (ours, theirs))
    torch.testing.assert_close(got, want, rtol=2**-6, atol=2**-6)


def draw(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(dtype)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", SIXTEEN)
@pytest.mark.parametrize("name", NORMS)
def test_norms_of_16_bits_with_parameters_of_32(
    name: str, dtype: torch.dtype, training: bool
) -> None:
    settings, shape = NORMS[name]
    modules = [getattr(package, name)(**settings).train(training) for package in (nn, torch.nn)]
    compare(*modules, draw(*shape, dtype=dtype))


AFTER = {
    "PReLU": lambda package: package.PReLU(),
    "Linear": lambda package: package.Linear(4, 2),
    "LayerNorm": lambda package: package.LayerNorm(4),
    "RMSNorm": lambda package: package.RMSNorm(4),
    "GroupNorm": lambda package: package.GroupNorm(2, 4),
    "BatchNorm1d": lambda package: package.BatchNorm1d(4),
}


@pytest.mark.parametrize("name", AFTER)
@pytest.mark.parametrize("first", [nn.Linear, torch.nn.Linear], ids=["ours", "torch"])
def test_autocast_after_a_linear_layer(name: str, first: Any) -> None:
    ours = nn.Sequential(first(3, 4), AFTER[name](nn))
    theirs = nn.Sequential(torch.nn.Linear(3, 4), AFTER[name](torch.nn))
    compare(ours, theirs, draw(6, 3), autocast=True)


def test_autocast_after_a_convolution() -> None:
    ours, theirs = (
        nn.Sequential(nn.Conv2d(3, 4, 1), package.BatchNorm2d(4)) for package in (nn, torch.nn)
    )
    compare(ours, theirs, draw(2, 3, 4, 4), autocast=True)


def test_linear_under_autocast_rounds_once() -> None:
    """torch adds the bias to a product that is rounded or not, as its kernel has it."""
    module, x = nn.Linear(64, 8), draw(5, 64)
    with torch.autocast("cpu", torch.bfloat16):
        y = module(x)
    a, w, b = (a.bfloat16().double() for a in (x, module.weight, module.bias))
    torch.testing.assert_close(y, (a @ w.T + b).bfloat16(), rtol=2**-8, atol=1e-6)


PAIRED = ["MSELoss", "L1Loss", "BCEWithLogitsLoss", "KLDivLoss", "CosineSimilarity"]
TYPES = [torch.bfloat16, torch.float32, torch.float64]


@pytest.mark.parametrize("autocast", [True, False])
@pytest.mark.parametrize("other", TYPES)
@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("name", PAIRED)
def test_losses_of_two_types(
    name: str, dtype: torch.dtype, other: torch.dtype, autocast: bool
) -> None:
    x, y = draw(2, 5, 4).sigmoid()
    compare(*pair(name), x.to(dtype), y.to(other), autocast=autocast)


@pytest.mark.parametrize("autocast", [True, False])
@pytest.mark.parametrize("other", TYPES)
@pytest.mark.parametrize("dtype", TYPES)
def test_huber_of_two_types(dtype: torch.dtype, other: torch.dtype, autocast: bool) -> None:
    """The value alone: torch's own gradient raises."""
    ours, theirs = pair("HuberLoss")
    x, y = draw(2, 5, 4)
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        got, want = (module(x.to(dtype), y.to(other)) for module in (ours, theirs))
    torch.testing.assert_close(got, want, rtol=2**-6, atol=0)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("name", ["CrossEntropyLoss", "LinearCrossEntropyLoss"])
def test_cross_entropies_under_autocast(name: str, dtype: torch.dtype) -> None:
    ours, theirs = pair(name)
    theirs.load_state_dict(ours.state_dict())
    x = draw(4, 3 if name.startswith("Linear") else 4, dtype=dtype)
    with torch.autocast("cpu", torch.bfloat16):
        got, want = (module(x, torch.tensor([0, 1, 2, 3])) for module in (ours, theirs))
    torch.testing.assert_close(got, want, rtol=2**-6, atol=0)
    assert got.dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
@pytest.mark.parametrize("name", DETERMINISTIC)
def test_types_under_autocast_are_those_of_torch(name: str, dtype: torch.dtype) -> None:
    ours, theirs = pair(name)
    inputs = draw(len(inspect.signature(theirs.forward).parameters), 5, 4, dtype=dtype)
    with torch.autocast("cpu", torch.bfloat16):
        assert ours(*inputs).dtype == theirs(*inputs).dtype


def test_autocast_compiles() -> None:
    torch._dynamo.reset()
    model = nn.Sequential(nn.Linear(3, 4), nn.LayerNorm(4))
    compiled = torch.compile(model, backend="aot_eager", fullgraph=True)
    x = draw(6, 3)
    with torch.autocast("cpu", torch.bfloat16):
        torch.testing.assert_close(compiled(x), model(x))
