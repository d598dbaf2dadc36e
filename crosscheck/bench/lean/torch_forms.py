"""The subjects in PyTorch: ours, what torch has built in, and its own fused or chunked forms."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor
from torch.nn import LinearCrossEntropyOptions
from torch.nn import functional as f
from torch.nn.attention import SDPBackend, sdpa_kernel

import torchlayers as ours
from crosscheck.twin import Layer


def forms() -> Mapping[str, Mapping[str, Layer]]:
    """Subject → form → layer."""
    return {
        "softmax": {"ours": ours.softmax, "built-in": lambda x: f.softmax(x, -1)},
        "log_softmax": {"ours": ours.log_softmax, "built-in": lambda x: f.log_softmax(x, -1)},
        "logsumexp": {"ours": ours.logsumexp, "built-in": lambda x: x.logsumexp(-1)},
        "swiglu": {"ours": ours.swiglu, "built-in": lambda a, b: f.silu(a) * b},
        "rms_norm": {
            "ours": ours.rms_norm,
            "built-in": lambda x, w: f.rms_norm(x, w.shape, w, 1e-6),
        },
        "layer_norm": {
            "ours": ours.layer_norm,
            "built-in": lambda x, w, b: f.layer_norm(x, w.shape, w, b),
        },
        "cross_entropy": {"ours": ours.cross_entropy, "built-in": f.cross_entropy},
        "linear_cross_entropy": {
            "ours": ours.linear_cross_entropy,
            "built-in": lambda x, w, labels: f.cross_entropy(x @ w, labels),
            "built-in, chunked": _chunked,
        },
        "attention": {
            "ours": ours.attention,
            "built-in": f.scaled_dot_product_attention,
            "built-in, unfused": _unfused,
        },
    }


def _chunked(x: Tensor, w: Tensor, labels: Tensor) -> Tensor:
    return f.linear_cross_entropy(x, w.T, labels, options=LinearCrossEntropyOptions())


def _unfused(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    with sdpa_kernel(SDPBackend.MATH):
        return f.scaled_dot_product_attention(q, k, v)
