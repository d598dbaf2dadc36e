"""Modules that stand in for torch's: constructors, state, values; and a model trained in both."""

import copy
import inspect
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import jaxlayers
from torchlayers import dropout, nn
from torchlayers.init import kaiming
from torchlayers.random import fold_in, key

MODULES = {
    "ReLU": {},
    "ELU": {"alpha": 0.5},
    "CELU": {"alpha": 0.5},
    "SELU": {},
    "LeakyReLU": {"negative_slope": 0.3},
    "PReLU": {"num_parameters": 4},
    "ReLU6": {},
    "Hardtanh": {},
    "Hardsigmoid": {},
    "Hardswish": {},
    "Softsign": {},
    "Sigmoid": {},
    "SiLU": {},
    "Tanh": {},
    "LogSigmoid": {},
    "Mish": {},
    "Softplus": {"beta": 2.0},
    "GELU": {"approximate": "tanh"},
    "Linear": {"in_features": 4, "out_features": 3},
    "Dropout": {"p": 0.25},
    "CosineSimilarity": {"dim": -1},
    "MSELoss": {"reduction": "sum"},
    "L1Loss": {"reduction": "none"},
    "HuberLoss": {"delta": 0.5},
    "BCEWithLogitsLoss": {},
    "KLDivLoss": {"reduction": "batchmean", "log_target": True},
    "CrossEntropyLoss": {"ignore_index": 1, "label_smoothing": 0.1},
    "LinearCrossEntropyLoss": {
        "in_features": 3,
        "num_classes": 4,
        "ignore_index": 1,
        "label_smoothing": 0.1,
    },
    "Softmax": {"dim": -1},
    "LogSoftmax": {"dim": 1},
    "RMSNorm": {"normalized_shape": (5, 4)},
    "LayerNorm": {"normalized_shape": (5, 4)},
    "BatchNorm1d": {"num_features": 4},
    "BatchNorm2d": {"num_features": 4},
    "GroupNorm": {"num_groups": 2, "num_channels": 4},
    "Embedding": {"num_embeddings": 5, "embedding_dim": 4, "padding_idx": 1},
}
OF_OTHER_INPUTS = ("Dropout", "CrossEntropyLoss", "BatchNorm2d", "Embedding")
OF_OTHER_INPUTS += ("LinearCrossEntropyLoss",)  # see below
DETERMINISTIC = [name for name in MODULES if name not in OF_OTHER_INPUTS]


def pair(name):
    return getattr(nn, name)(**MODULES[name]), getattr(torch.nn, name)(**MODULES[name])


def test_every_module_is_tested():
    classes = {k for k, v in vars(nn).items() if inspect.isclass(v) and v is not Any}
    assert classes == set(nn.__all__) == set(MODULES)


def test_an_import_line_is_all_that_changes():
    """A model as it stands in a file that says `from torch import nn`, with the other import."""

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.layers = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.ELU())

        def forward(self, x):
            return nn.functional.relu(self.layers(x))

    assert isinstance(Model().layers[0], nn.Linear)
    assert Model()(torch.ones(1, 2)).shape == (1, 3)
    with pytest.raises(AttributeError, match="'ELUU'"):
        nn.ELUU  # noqa: B018
    assert not hasattr(nn, "__path__")  # or torchlayers.nn.functional would be a copy of torch's


@pytest.mark.parametrize("name", MODULES)
def test_constructor_takes_what_torch_takes(name):
    ours, theirs = (
        [(p.name, p.default, p.kind) for p in inspect.signature(type(m)).parameters.values()]
        for m in pair(name)
    )
    assert ours[: len(theirs)] == theirs


@pytest.mark.parametrize("name", MODULES)
def test_state_loads_strictly_both_ways(name):
    ours, theirs = pair(name)
    theirs.load_state_dict(ours.state_dict(), strict=True)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    assert isinstance(ours, type(theirs))


@pytest.mark.parametrize("name", DETERMINISTIC)
def test_value_is_that_of_torch(name):
    ours, theirs = (module.double() for module in pair(name))
    theirs.load_state_dict(ours.state_dict())
    count = len(inspect.signature(theirs.forward).parameters)
    inputs = torch.randn(
        count, 5, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )
    torch.testing.assert_close(ours(*inputs), theirs(*inputs), rtol=1e-14, atol=1e-15)


def test_other_bounds_of_hardtanh_are_those_of_torch():
    x = torch.linspace(-4, 4, 9)
    assert torch.equal(nn.Hardtanh(-2, 3)(x), torch.nn.Hardtanh(-2, 3)(x))


def test_other_bounds_of_hardtanh_change_nothing_in_place():
    x = torch.tensor([-5.0, 5.0])
    nn.Hardtanh(-2, 2, inplace=True)(x)
    assert x.tolist() == [-5, 5]


def test_a_model_changes_its_import_line_only():
    def model(nn):
        layers = (
            nn.Linear(4, 8),
            nn.ELU(),
            nn.Dropout(0.5),
            nn.Linear(8, 1, bias=False),
            nn.Sigmoid(),
        )
        return torch.nn.Sequential(*layers).eval()

    ours, theirs = model(nn), model(torch.nn)
    ours.load_state_dict(theirs.state_dict(), strict=True)
    x = torch.linspace(-1, 1, 12).reshape(3, 4)
    torch.testing.assert_close(ours(x), theirs(x))


def test_dropout_draws_the_masks_of_its_seed_in_order():
    module, x = nn.Dropout(0.5, seed=7), torch.ones(64)
    first, second = module(x), module(x)
    assert (module.seed, module.counter) == (7, 2)
    assert not torch.equal(first, second)
    assert torch.equal(first, dropout(x, fold_in(key(7), 0), 0.5))
    assert torch.equal(second, dropout(x, fold_in(key(7), 1), 0.5))


def test_dropout_repeats_from_a_counter():
    module, x = nn.Dropout(0.5, seed=7), torch.ones(64)
    masks = [module(x) for _ in range(3)]
    module.counter = 1
    assert torch.equal(module(x), masks[1])
    module.seed = 8
    assert not torch.equal(module(x), masks[2])
    assert module.counter == 3


def test_dropout_copies_and_rests_in_eval_mode():
    module, x = nn.Dropout(0.5, seed=7), torch.ones(64)
    twin = copy.deepcopy(module)
    assert torch.equal(module(x), twin(x))
    assert torch.equal(module.eval()(x), x)
    assert module.counter == 1


def test_dropout_counts_where_its_buffers_are_lent():
    module, x = nn.Dropout(0.5, seed=7), torch.ones(64)
    lent = {name: buffer.clone() for name, buffer in module.named_buffers()}
    first, second = (torch.func.functional_call(module, ({}, lent), x) for _ in range(2))
    assert lent["stream"].tolist() == [7, 2]
    assert not torch.equal(first, second)
    assert torch.equal(module(x), first)
    assert torch.equal(module(x), second)


def test_dropout_counts_in_derivatives_and_batches():
    x, own, other = torch.ones(64), nn.Dropout(0.5, seed=7), nn.Dropout(0.5, seed=7)
    lent = {"stream": own.stream.clone()}
    ask = {
        "grad": lambda f: torch.func.grad(lambda x: f(x).sum())(x),
        "jvp": lambda f: torch.func.jvp(f, (x,), (x,))[1],
        "vmap": lambda f: torch.func.vmap(f)(x[None])[0],
        "vmap of grad": lambda f: torch.func.vmap(torch.func.grad(lambda x: f(x).sum()))(x[None])[
            0
        ],
    }
    for number, asked in enumerate(ask.values(), 1):
        masks = [asked(own), asked(lambda x: torch.func.functional_call(other, ({}, lent), x))]
        assert own.counter == lent["stream"][1] == number
        assert torch.equal(*masks)
    assert other.counter == 0


def test_dropout_made_in_inference_mode_counts_outside():
    with torch.inference_mode():
        module = nn.Dropout(0.5, seed=7)
    x = torch.ones(64)
    assert not torch.equal(module(x), module(x))
    assert module.counter == 2


def test_dropout_of_no_device_begins_when_it_has_one():
    with torch.device("meta"):
        module = nn.Sequential(nn.Dropout(0.5, seed=7), nn.Dropout())
    placed = module.to_empty(device="cpu")
    assert (placed[0].seed, placed[0].counter) == (7, 0)
    assert 0 <= placed[1].seed < 2**32
    assert torch.equal(placed[0](torch.ones(64)), nn.Dropout(0.5, seed=7)(torch.ones(64)))


def test_torch_manual_seed_decides_the_seed():
    torch.manual_seed(3)
    first, second = nn.Dropout().seed, nn.Dropout().seed
    torch.manual_seed(3)
    assert nn.Dropout().seed == first != second


@pytest.mark.parametrize("seed", [-1, 2**32, 0.5])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises((TypeError, ValueError), match="seed"):
        nn.Dropout(seed=seed)


def test_an_embedding_learns_all_rows_but_the_one_of_padding():
    ours, theirs = pair("Embedding")
    ours.load_state_dict(theirs.state_dict(), strict=True)
    ids = torch.tensor([[4, 1], [0, 4]])
    a, b = ours(ids), theirs(ids)
    torch.testing.assert_close(a, b)
    for y in (a, b):
        y.sin().sum().backward()
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad)


@pytest.mark.parametrize("axes", [(), (5,), (5, 2)])
def test_cross_entropy_has_its_classes_where_torch_has_them(axes):
    ours, theirs = pair("CrossEntropyLoss")
    generator = torch.Generator().manual_seed(0)
    shape = (*axes[:1], 4, *axes[1:])
    logits = torch.randn(shape, dtype=torch.float64, generator=generator)
    labels = torch.randint(2, 4, axes, generator=generator)
    labels.ravel()[1:2] = 1
    torch.testing.assert_close(ours(logits, labels), theirs(logits, labels), rtol=1e-14, atol=0)


def test_cross_entropy_without_logits_is_that_of_torch():
    ours, theirs = (module.double() for module in pair("LinearCrossEntropyLoss"))
    ours.load_state_dict(theirs.state_dict(), strict=True)
    x = torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    losses = [module(x, torch.tensor([0, 1, 2, 3, 2])) for module in (ours, theirs)]
    for loss in losses:
        loss.backward()
    torch.testing.assert_close(*losses, rtol=1e-14, atol=0)
    torch.testing.assert_close(ours.linear.weight.grad, theirs.linear.weight.grad)


@pytest.mark.parametrize("reduction", ["batchmean", "mean", "sum"])
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4)])
@pytest.mark.filterwarnings("ignore:reduction.*divides the total loss:UserWarning")
def test_kl_div_takes_probabilities_as_torch_does(reduction, shape):
    q, p = torch.randn(2, *shape, dtype=torch.float64).softmax(-1)
    p.ravel()[0] = 0
    ours, theirs = (
        package.KLDivLoss(reduction=reduction)(q.log(), p) for package in (nn, torch.nn)
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-13, atol=0)


REFUSED = {
    "KLDivLoss": ({"reduction": "none"}, 'expected reduction to be "mean", "batchmean" or "sum"'),
    "CrossEntropyLoss": ({"weight": torch.ones(2)}, "expected weight to be None"),
    "BCEWithLogitsLoss": ({"pos_weight": torch.ones(2)}, "expected pos_weight to be None"),
    "LinearCrossEntropyLoss": (
        {"in_features": 2, "num_classes": 2, "bias": True},
        "expected no bias",
    ),
    "Embedding": ({"num_embeddings": 2, "embedding_dim": 1, "sparse": True}, "expected no sparse"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_ours_lack_is_refused(name):
    options, sentence = REFUSED[name]
    with pytest.raises(ValueError, match=f"{name}: {sentence}"):
        getattr(nn, name)(**options)


@pytest.mark.parametrize("module", [nn.Softmax, nn.LogSoftmax])
def test_an_axis_that_is_not_named_is_refused(module):
    with pytest.raises(ValueError, match="expected dim to be an int, got None"):
        module()


# a two-layer model, trained in both frameworks ----------------------------------------------------

STEPS, RATE, SEED = 25, 0.05, 42


def data():
    rng = np.random.default_rng(0)
    return rng.normal(size=(20, 6)), rng.normal(size=(20, 1))


def start():
    weights = [kaiming(key(k), shape, torch.float64) for k, shape in enumerate([(6, 8), (8, 1)])]
    return [weights[0], torch.zeros(8).double(), weights[1], torch.zeros(1).double()]


def trained_by_torch(rate):
    x, y = map(torch.as_tensor, data())
    layers = nn.Linear(6, 8), nn.ReLU(), nn.Dropout(rate, seed=SEED), nn.Linear(8, 1)
    model = torch.nn.Sequential(*layers).double()
    for p, w in zip(model.parameters(), start(), strict=True):
        p.data = w.T.clone() if w.ndim == 2 else w
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE)
    for _ in range(STEPS):
        optimizer.zero_grad()
        nn.MSELoss()(model(x), y).backward()
        optimizer.step()
    return [p.detach().T.numpy() if p.ndim == 2 else p.detach().numpy() for p in model.parameters()]


def trained_by_jax(rate):
    with jax.enable_x64(True):
        x, y = map(jnp.asarray, data())

        def loss(parameters, step):
            w1, b1, w2, b2 = parameters
            mask = jax.random.key_data(jax.random.fold_in(jax.random.key(SEED), step))
            h = jaxlayers.dropout(jaxlayers.relu(jaxlayers.linear(x, w1, b1)), mask, rate)
            return jaxlayers.mse(jaxlayers.linear(h, w2, b2), y)

        def step(parameters, number):
            gradients = jax.grad(loss)(parameters, number)
            return [p - RATE * g for p, g in zip(parameters, gradients, strict=True)], None

        parameters = [jnp.asarray(w.numpy()) for w in start()]
        final, _ = jax.jit(lambda p: jax.lax.scan(step, p, jnp.arange(STEPS)))(parameters)
        return [np.asarray(p) for p in final]


def roundings(a, b):
    return max(np.max(np.abs(p - q)) / np.max(np.abs(p)) for p, q in zip(a, b, strict=True)) * 2**53


@pytest.mark.parametrize("rate", [0.0, 0.5])
def test_both_frameworks_train_to_the_same_parameters(rate):
    ours, theirs = trained_by_torch(rate), trained_by_jax(rate)
    # Each step is a compound layer: 16 roundings by the sound standard, and errors add up.
    assert roundings(ours, theirs) <= 16 * STEPS
    assert roundings(ours, [w.numpy() for w in start()][:1] + ours[1:]) > 1e12  # it did train


def test_another_mask_would_be_seen():
    assert roundings(trained_by_torch(0.5), trained_by_torch(0.25)) > 1e12
