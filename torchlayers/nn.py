"""Modules with torch's class names, constructors and `state_dict` keys, on these layers.

    from torchlayers import nn    # in place of: from torch import nn

Each class is torch's own with another `forward`, so that weights load strictly both ways. `inplace`
is accepted and changes nothing: these layers keep their input for the backward pass. Whatever else
a model asks of this module (`Module`, `Sequential`, `Parameter`, `functional`, …) is torch's own.
`torch.fx` takes a module for a leaf if it is torch's; for these give it a Tracer that says so.
"""

from __future__ import annotations

from typing import Any

import torch

from torchlayers.modules.activations import (
    CELU,
    ELU,
    GELU,
    SELU,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softplus,
    Softsign,
    Tanh,
)
from torchlayers.modules.linear import Embedding, Linear
from torchlayers.modules.losses import (
    BCEWithLogitsLoss,
    CrossEntropyLoss,
    HuberLoss,
    KLDivLoss,
    L1Loss,
    LinearCrossEntropyLoss,
    MSELoss,
)
from torchlayers.modules.normalization import (
    BatchNorm1d,
    BatchNorm2d,
    GroupNorm,
    LayerNorm,
    RMSNorm,
)
from torchlayers.modules.similarity import CosineSimilarity
from torchlayers.modules.softmax import LogSoftmax, Softmax
from torchlayers.modules.stochastic import Dropout

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "SELU",
    "BCEWithLogitsLoss",
    "BatchNorm1d",
    "BatchNorm2d",
    "CosineSimilarity",
    "CrossEntropyLoss",
    "Dropout",
    "Embedding",
    "GroupNorm",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "HuberLoss",
    "KLDivLoss",
    "L1Loss",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LinearCrossEntropyLoss",
    "LogSigmoid",
    "LogSoftmax",
    "MSELoss",
    "Mish",
    "PReLU",
    "RMSNorm",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Softsign",
    "Tanh",
]


def __getattr__(name: str) -> Any:
    if name.startswith("__") or not hasattr(torch.nn, name):
        raise AttributeError(f"neither {__name__} nor torch.nn has {name!r}")
    return getattr(torch.nn, name)
