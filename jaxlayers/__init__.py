"""Layers for JAX whose backward passes are derived by hand: the table of contents.

`torchlayers` holds the same layers for PyTorch: same names, same arguments, same defaults.
"""

from jaxlayers.activations.bessel_j0 import bessel_j0
from jaxlayers.activations.celu import celu
from jaxlayers.activations.elu import elu
from jaxlayers.activations.geglu import geglu
from jaxlayers.activations.gelu import gelu
from jaxlayers.activations.hard_sigmoid import hard_sigmoid
from jaxlayers.activations.hard_swish import hard_swish
from jaxlayers.activations.hard_tanh import hard_tanh
from jaxlayers.activations.leaky_relu import leaky_relu
from jaxlayers.activations.log_sigmoid import log_sigmoid
from jaxlayers.activations.mish import mish
from jaxlayers.activations.prelu import prelu
from jaxlayers.activations.reglu import reglu
from jaxlayers.activations.relu import relu
from jaxlayers.activations.relu6 import relu6
from jaxlayers.activations.relu_squared import relu_squared
from jaxlayers.activations.selu import selu
from jaxlayers.activations.sigmoid import sigmoid
from jaxlayers.activations.silu import silu
from jaxlayers.activations.softcap import softcap
from jaxlayers.activations.softplus import softplus
from jaxlayers.activations.softsign import softsign
from jaxlayers.activations.swiglu import swiglu
from jaxlayers.activations.tanh import tanh
from jaxlayers.attention.attention import attention
from jaxlayers.attention.rope import rope
from jaxlayers.estimators.gradient_reversal import gradient_reversal
from jaxlayers.estimators.gumbel_softmax import gumbel_softmax
from jaxlayers.estimators.quantize import quantize
from jaxlayers.estimators.straight_through_round import straight_through_round
from jaxlayers.estimators.straight_through_sign import straight_through_sign
from jaxlayers.host import host_elementwise
from jaxlayers.linear.einsum import einsum
from jaxlayers.linear.embedding import embedding
from jaxlayers.linear.linear import linear
from jaxlayers.linear.matmul import matmul
from jaxlayers.losses.bce_with_logits import bce_with_logits
from jaxlayers.losses.cross_entropy import cross_entropy
from jaxlayers.losses.hinge import hinge
from jaxlayers.losses.huber import huber
from jaxlayers.losses.kl_div import kl_div
from jaxlayers.losses.l1 import l1
from jaxlayers.losses.linear_cross_entropy import linear_cross_entropy
from jaxlayers.losses.mse import mse
from jaxlayers.models.affine import affine
from jaxlayers.models.quadratic import quadratic
from jaxlayers.models.relu_residual import relu_residual
from jaxlayers.normalization.add_rms_norm import add_rms_norm
from jaxlayers.normalization.batch_norm import batch_norm
from jaxlayers.normalization.channel_normalize import channel_normalize
from jaxlayers.normalization.group_norm import group_norm
from jaxlayers.normalization.l2_normalize import l2_normalize
from jaxlayers.normalization.layer_norm import layer_norm
from jaxlayers.normalization.rms_norm import rms_norm
from jaxlayers.similarity.cosine_similarity import cosine_similarity
from jaxlayers.softmax.log_softmax import log_softmax
from jaxlayers.softmax.logsumexp import logsumexp
from jaxlayers.softmax.softmax import softmax
from jaxlayers.softmax.sparsemax import sparsemax
from jaxlayers.stochastic.dropout import dropout
from jaxlayers.stochastic.row_drop_relu import row_drop_relu

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
