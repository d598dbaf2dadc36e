"""Layers for PyTorch whose backward passes are derived by hand: the table of contents.

`jaxlayers` holds the same layers for JAX: same names, same arguments, same defaults.
"""

from torchlayers.activations.bessel_j0 import bessel_j0
from torchlayers.activations.elu import elu
from torchlayers.activations.gelu import gelu
from torchlayers.activations.log_sigmoid import log_sigmoid
from torchlayers.activations.mish import mish
from torchlayers.activations.relu import relu
from torchlayers.activations.sigmoid import sigmoid
from torchlayers.activations.silu import silu
from torchlayers.activations.softplus import softplus
from torchlayers.activations.tanh import tanh
from torchlayers.estimators.straight_through_round import straight_through_round
from torchlayers.estimators.straight_through_sign import straight_through_sign
from torchlayers.host import host_elementwise
from torchlayers.linear.einsum import einsum
from torchlayers.linear.linear import linear
from torchlayers.linear.matmul import matmul
from torchlayers.losses.mse import mse
from torchlayers.models.affine import affine
from torchlayers.models.quadratic import quadratic
from torchlayers.models.relu_residual import relu_residual
from torchlayers.normalization.channel_normalize import channel_normalize
from torchlayers.similarity.cosine_similarity import cosine_similarity
from torchlayers.stochastic.dropout import dropout
from torchlayers.stochastic.row_drop_relu import row_drop_relu

__all__ = [
    "affine",
    "bessel_j0",
    "channel_normalize",
    "cosine_similarity",
    "dropout",
    "einsum",
    "elu",
    "gelu",
    "host_elementwise",
    "linear",
    "log_sigmoid",
    "matmul",
    "mish",
    "mse",
    "quadratic",
    "relu",
    "relu_residual",
    "row_drop_relu",
    "sigmoid",
    "silu",
    "softplus",
    "straight_through_round",
    "straight_through_sign",
    "tanh",
]
