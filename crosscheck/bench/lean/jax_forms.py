"""The subjects in JAX: ours and what jax.nn has, or its users write."""

from __future__ import annotations

from collections.abc import Mapping

from jax import nn

import jaxlayers as ours
from crosscheck.twin import Layer


def forms() -> Mapping[str, Mapping[str, Layer]]:
    """Subject → form → layer."""
    return {
        "softmax": {"ours": ours.softmax, "built-in": nn.softmax},
        "log_softmax": {"ours": ours.log_softmax, "built-in": nn.log_softmax},
        "logsumexp": {"ours": ours.logsumexp, "built-in": lambda x: nn.logsumexp(x, -1)},
        "swiglu": {"ours": ours.swiglu, "built-in": lambda a, b: nn.silu(a) * b},
    }
