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
from torchlayers.attention.attention import attention
from torchlayers.attention.rope import rope
from torchlayers.estimators.gradient_reversal import gradient_reversal
from torchlayers.estimators.gumbel_softmax import gumbel_softmax
from torchlayers.estimators.quantize import quantize
from torchlayers.estimators.straight_through_round import straight_through_round
from torchlayers.estimators.straight_through_sign import straight_through_sign
from torchlayers.host import host_elementwise
from torchlayers.linear.einsum import einsum
from torchlayers.linear.embedding import embedding
from torchlayers.linear.linear import linear
from torchlayers.linear.matmul import matmul
from torchlayers.losses.bce_with_logits import bce_with_logits
from torchlayers.losses.cross_entropy import cross_entropy
from torchlayers.losses.hinge import hinge
from torchlayers.losses.huber import huber
from torchlayers.losses.kl_div import kl_div
from torchlayers.losses.l1 import l1
from torchlayers.losses.linear_cross_entropy import linear_cross_entropy
from torchlayers.losses.mse import mse
from torchlayers.models.affine import affine
from torchlayers.models.quadratic import quadratic
from torchlayers.models.relu_residual import relu_residual
from torchlayers.normalization.add_rms_norm import add_rms_norm
from torchlayers.normalization.batch_norm import batch_norm
from torchlayers.normalization.channel_normalize import channel_normalize
from torchlayers.normalization.group_norm import group_norm
from torchlayers.normalization.l2_normalize import l2_normalize
from torchlayers.normalization.layer_norm import layer_norm
from torchlayers.normalization.rms_norm import rms_norm
from torchlayers.similarity.cosine_similarity import cosine_similarity
from torchlayers.softmax.log_softmax import log_softmax
from torchlayers.softmax.logsumexp import logsumexp
from torchlayers.softmax.softmax import softmax
from torchlayers.softmax.sparsemax import sparsemax
from torchlayers.stochastic.dropout import dropout
from torchlayers.stochastic.row_drop_relu import row_drop_relu

__all__ = [
    "add_rms_norm",
    "affine",
    "attention",
    "batch_norm",
    "bce_with_logits",
    "bessel_j0",
    "celu",
    "channel_normalize",
    "cosine_similarity",
    "cross_entropy",
    "dropout",
    "einsum",
    "elu",
    "embedding",
    "geglu",
    "gelu",
    "gradient_reversal",
    "group_norm",
    "gumbel_softmax",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "hinge",
    "host_elementwise",
    "huber",
    "kl_div",
    "l1",
    "l2_normalize",
    "layer_norm",
    "leaky_relu",
    "linear",
    "linear_cross_entropy",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "matmul",
    "mish",
    "mse",
    "prelu",
    "quadratic",
    "quantize",
    "reglu",
    "relu",
    "relu6",
    "relu_residual",
    "relu_squared",
    "rms_norm",
    "rope",
    "row_drop_relu",
    "selu",
    "sigmoid",
    "silu",
    "softcap",
    "softmax",
    "softplus",
    "softsign",
    "sparsemax",
    "straight_through_round",
    "straight_through_sign",
    "swiglu",
    "tanh",
]
