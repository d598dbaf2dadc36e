"""Layers for JAX whose backward passes are derived by hand: the table of contents.

`torchlayers` holds the same layers for PyTorch: same names, same arguments, same defaults.
"""

from jaxlayers.activations.bessel_j0 import bessel_j0
from jaxlayers.activations.elu import elu
from jaxlayers.activations.gelu import gelu
from jaxlayers.activations.log_sigmoid import log_sigmoid
from jaxlayers.activations.mish import mish
from jaxlayers.activations.relu import relu
from jaxlayers.activations.sigmoid import sigmoid
from jaxlayers.activations.silu import silu
from jaxlayers.activations.softplus import softplus
from jaxlayers.activations.tanh import tanh
from jaxlayers.estimators.straight_through_round import straight_through_round
from jaxlayers.estimators.straight_through_sign import straight_through_sign
from jaxlayers.host import host_elementwise
from jaxlayers.linear.einsum import einsum
from jaxlayers.linear.linear import linear
from jaxlayers.linear.matmul import matmul
from jaxlayers.losses.mse import mse
from jaxlayers.models.affine import affine
from jaxlayers.models.quadratic import quadratic
from jaxlayers.models.relu_residual import relu_residual
from jaxlayers.normalization.channel_normalize import channel_normalize
from jaxlayers.similarity.cosine_similarity import cosine_similarity
from jaxlayers.stochastic.dropout import dropout
from jaxlayers.stochastic.row_drop_relu import row_drop_relu

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
