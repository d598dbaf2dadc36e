"""Layers for PyTorch whose backward passes are derived by hand: the table of contents.

`jaxlayers` holds the same layers for JAX: same names, same arguments, same defaults.
"""

from torchlayers.activations.bessel_j0 import bessel_j0
from torchlayers.activations.celu import celu
from torchlayers.activations.elu import elu
from torchlayers.activations.geglu import geglu
from torchlayers.activations.gelu import gelu
from torchlayers.activations.hard_sigmoid import hard_sigmoid
from torchlayers.activations.hard_swish import hard_swish
from torchlayers.activations.hard_tanh import hard_tanh
from torchlayers.activations.leaky_relu import leaky_relu
from torchlayers.activations.log_sigmoid import log_sigmoid
from torchlayers.activations.mish import mish
from torchlayers.activations.prelu import prelu
from torchlayers.activations.reglu import reglu
from torchlayers.activations.relu import relu
from torchlayers.activations.relu6 import relu6
from torchlayers.activations.relu_squared import relu_squared
from torchlayers.activations.selu import selu
from torchlayers.activations.sigmoid import sigmoid
from torchlayers.activations.silu import silu
from torchlayers.activations.softcap import softcap
from torchlayers.activations.softplus import softplus
from torchlayers.activations.softsign import softsign
from torchlayers.activations.swiglu import swiglu
from torchlayers.activations.tanh import tanh
from torchlayers.attention.rope import rope
from torchlayers.estimators.straight_through_round import straight_through_round
from torchlayers.estimators.straight_through_sign import straight_through_sign
from torchlayers.host import host_elementwise
from torchlayers.linear.einsum import einsum
from torchlayers.linear.embedding import embedding
from torchlayers.linear.linear import linear
from torchlayers.linear.matmul import matmul
from torchlayers.losses.mse import mse
from torchlayers.models.affine import affine
from torchlayers.models.quadratic import quadratic
from torchlayers.models.relu_residual import relu_residual
from torchlayers.normalization.channel_normalize import channel_normalize
from torchlayers.similarity.cosine_similarity import cosine_similarity
from torchlayers.softmax.log_softmax import log_softmax
from torchlayers.softmax.logsumexp import logsumexp
from torchlayers.softmax.softmax import softmax
from torchlayers.stochastic.dropout import dropout
from torchlayers.stochastic.row_drop_relu import row_drop_relu

__all__ = [
    "affine",
    "bessel_j0",
    "celu",
    "channel_normalize",
    "cosine_similarity",
    "dropout",
    "einsum",
    "elu",
    "embedding",
    "geglu",
    "gelu",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "host_elementwise",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "matmul",
    "mish",
    "mse",
    "prelu",
    "quadratic",
    "reglu",
    "relu",
    "relu6",
    "relu_residual",
    "relu_squared",
    "rope",
    "row_drop_relu",
    "selu",
    "sigmoid",
    "silu",
    "softcap",
    "softmax",
    "softplus",
    "softsign",
    "straight_through_round",
    "straight_through_sign",
    "swiglu",
    "tanh",
]
