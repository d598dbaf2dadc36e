"""torch.compile around torch.func, where PyTorch forgets rules, or takes inputs for constants."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.func import grad, hessian, jacrev, vmap

import torchlayers

# torch raises it at itself.
pytestmark = pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")

Loss = Callable[[Tensor, Tensor], Tensor]
# Of an input as it came, and of one that was worked out; a rule that is not forward's derivative.
LOSSES: dict[str, Loss] = {
    "relu": lambda a, b: (torchlayers.relu(a - 1) * torchlayers.relu(b - 2)).sum(),
    "gradient_reversal": lambda a, b: (torchlayers.gradient_reversal(a) * b).sum(),
    "straight_through_round": lambda a, b: (torchlayers.straight_through_round(a * 1.3) * b).sum(),
    "linear": lambda a, b: torchlayers.linear(torch.ones(2, 3), a.diag(), b).square().sum(),
    "rms_norm": lambda a, b: torchlayers.rms_norm(a * a, b).square().sum(),
    "mse": lambda a, b: torchlayers.mse(a * 3, b),
}
A, B = torch.ones(3), torch.tensor([2.0, 3.0, 2.0])
each_loss = pytest.mark.parametrize("name", LOSSES)


def compiled(f: Loss, fullgraph: bool = True) -> Loss:
    torch._dynamo.reset()
    return torch.compile(f, backend="aot_eager", fullgraph=fullgraph)


def same(f: Loss, fullgraph: bool = True) -> bool:
    """Whether it gives compiled what it gives eagerly."""
    pairs = zip(f(A, B), compiled(f, fullgraph)(A, B), strict=True)
    return all(torch.allclose(a, b) for a, b in pairs)


@each_loss
def test_gradients_are_those_of_the_rule(name: str) -> None:
    assert same(grad(LOSSES[name], (0, 1)))
    assert same(jacrev(LOSSES[name], (0, 1)))


@each_loss
def test_beyond_the_first_derivative_nothing_is_compiled(name: str) -> None:
    second = hessian(LOSSES[name], (0, 1))
    assert same(lambda a, b: torch.cat([torch.cat(row) for row in second(a, b)]), fullgraph=False)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="loses the rule"):
        compiled(second)(A, B)


def test_batches_of_gradients_are_not_compiled() -> None:
    def each(a: Tensor, b: Tensor) -> Tensor:
        return vmap(grad(LOSSES["gradient_reversal"]), (0, None))(torch.stack([a, b]), b)

    assert same(each, fullgraph=False)
    with pytest.raises(torch._dynamo.exc.Unsupported, match="loses the rule"):
        compiled(each)(A, B)
