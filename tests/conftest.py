"""The GPU marker, and settings that must stand before a framework loads."""

import os

import pytest
from hypothesis import settings

# Otherwise JAX takes three quarters of a GPU's memory when it starts; torch gets the rest.
os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")

# No time limits, and the same examples in every run.
settings.register_profile("crosscheck", deadline=None, derandomize=True)
settings.load_profile("crosscheck")


def missing_gpu(framework: str) -> str | None:
    """Why this framework cannot use a GPU here, or None if it can."""
    if framework == "torch":
        import torch

        return None if torch.cuda.is_available() else "torch sees no CUDA device"
    import jax

    try:
        jax.devices("gpu")
    except RuntimeError:
        return "jax sees no GPU"
    return None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip tests marked `gpu`, or `gpu("jax")`, or `gpu("torch")`, where there is no such GPU."""
    for marker in item.iter_markers("gpu"):
        for framework in marker.args or ("jax", "torch"):
            if reason := missing_gpu(framework):
                pytest.skip(f"needs a GPU: {reason}")
